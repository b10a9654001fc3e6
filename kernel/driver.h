// SPDX-License-Identifier: MIT
/*
 * The door between device drivers and the kernel: devices, registers, DMA memory, interrupts. It
 * is the only kernel header that network drivers include; they are compiled twice, for the image
 * and for the host (-DPIX_HOST), where registers and DMA go to a model of the device
 * (tests/unit/drivers/).
 *
 *	boot CPU, start-up            probe() -> port_register(); lead deals owners; ops->attach()
 *	                              of each port; dev_irq_commit() routes the lines
 *	owner QGM, from start to stop mmio_*() of its port, dev_irq_rearm(); nothing else of here
 *
 * Where things live: struct device is generic memory (boot CPU, generic cores); struct port is
 * readable by both partitions (DP_COUNTERS); a driver's state, its rings are private to
 * the data plane (DP_PRIVATE). Registers are mapped into the data-plane window, never
 * assumed below any address.
 */
#pragma once

#include "qgm/atomic.h"
#include "qgm/port.h"

#ifndef PIX_HOST
#include "kernel/errno.h"
#include "kernel/types.h"
#else
#include <errno.h>
typedef u64 paddr_t;
#endif

/* --- registers ------------------------------------------------------------------------------ */

/*
 * A mapped range of device registers. Accesses are exactly as wide as named, little-endian, and
 * uncached: x86 keeps uncached accesses in program order with each other, and stores to ordinary
 * memory before an uncached store are visible to the device first (SDM vol. 3A, 11.3 and 8.2.2),
 * so that a doorbell after descriptor writes needs a compiler barrier only; it is in mmio_wr*().
 */
#ifndef PIX_HOST
struct mmio {
	volatile u8 *base; /* NULL: not mapped */
	u64 len;
};

#define MMIO_ACCESS(bits)                                                          \
	static inline u##bits mmio_rd##bits(const struct mmio *m, u32 off)         \
	{                                                                          \
		u##bits v = *(const volatile u##bits *)(m->base + off);            \
		__asm__ volatile("" : : : "memory");                               \
		return v;                                                          \
	}                                                                          \
	static inline void mmio_wr##bits(const struct mmio *m, u32 off, u##bits v) \
	{                                                                          \
		__asm__ volatile("" : : : "memory");                               \
		*(volatile u##bits *)(m->base + off) = v;                          \
	}
#else
struct mmio;
struct mmio_model {
	u64 (*rd)(void *model, u32 bar, u64 off, u32 bytes);
	void (*wr)(void *model, u32 bar, u64 off, u32 bytes, u64 v);
};
struct mmio {
	const struct mmio_model *ops; /* NULL: not mapped */
	void *model;
	u32 bar;
	u64 start; /* offset of this range in the BAR */
	u64 len;
};

#define MMIO_ACCESS(bits)                                                                 \
	static inline u##bits mmio_rd##bits(const struct mmio *m, u32 off)                \
	{                                                                                 \
		return (u##bits)m->ops->rd(m->model, m->bar, m->start + off, (bits) / 8); \
	}                                                                                 \
	static inline void mmio_wr##bits(const struct mmio *m, u32 off, u##bits v)        \
	{                                                                                 \
		m->ops->wr(m->model, m->bar, m->start + off, (bits) / 8, v);              \
	}
#endif
MMIO_ACCESS(8)
MMIO_ACCESS(16)
MMIO_ACCESS(32)
#undef MMIO_ACCESS

/* --- devices -------------------------------------------------------------------------------- */

enum { DEV_BARS = 6, DEV_REASON = 64 };

struct dev_bar {
	paddr_t base; /* 0: not implemented or not placed by the firmware */
	u64 size;     /* bytes, 0: not implemented */
	bool io;
	bool is64;
	bool prefetchable;
};

struct dev_irq;

/* One PCI function. Made by pci_init() in PCI order; never freed. */
struct device {
	u16 segment;
	u16 bdf; /* bus << 8 | device << 3 | function */
	u16 vendor, device;
	u16 subvendor, subdevice;
	u32 class_code; /* base class << 16 | subclass << 8 | programming interface */
	u8 revision;
	u8 irq_line; /* config register 3Ch: what the firmware routed for the 8259 */
	u8 irq_pin;  /* 1..4 = INTA#..INTD#, 0: none */
	int node;    /* NUMA node */
	struct dev_bar bar[DEV_BARS];
	/* Offsets of capabilities in configuration space, 0: absent. */
	u8 cap_pm, cap_msi, cap_msix, cap_pcie;
	u16 msix_entries;
	u8 msix_bar;
	u32 msix_offset;
	const char *driver;      /* name of the driver that took it, NULL */
	char reason[DEV_REASON]; /* why none did: "no driver for 8086:10fb", "BAR0 is not memory" */
	struct dev_irq *irq;
	void *cfg; /* access method's own: ECAM window of its bus, NULL: ports */
};

#define PCI_BUS(bdf)  ((u8)((bdf) >> 8))
#define PCI_SLOT(bdf) ((u8)(((bdf) >> 3) & 31))
#define PCI_FUNC(bdf) ((u8)((bdf)&7))

/* PCI Code and ID Assignment 1.11: base class 02h. */
enum { PCI_CLASS_NETWORK = 0x02, PCI_CLASS_BRIDGE = 0x06 };

/*
 * Find all devices (ECAM where the MCFG says so, ports 0CF8h/0CFCh else), size their BARs, read
 * their capabilities, switch DMA and INTx off. Start-up step of the boot CPU.
 */
void pci_init(void);

/* Device number i in PCI order, NULL past the last. */
struct device *device_get(unsigned i);

/* Configuration space: `off` aligned to the width. Generic cores, start-up. */
u8 pci_cfg_rd8(struct device *d, u16 off);
u16 pci_cfg_rd16(struct device *d, u16 off);
u32 pci_cfg_rd32(struct device *d, u16 off);
void pci_cfg_wr8(struct device *d, u16 off, u8 v);
void pci_cfg_wr16(struct device *d, u16 off, u16 v);
void pci_cfg_wr32(struct device *d, u16 off, u32 v);

/* Offset of the next capability `id` after offset `after` (0: the first); 0 when there is none. */
u8 pci_cap_find(struct device *d, u8 id, u8 after);

/* Memory decoding and bus mastering on (for a device that a driver takes), or mastering off. */
void dev_enable(struct device *d);
void dev_disable(struct device *d);

/* Used by the interrupt code (kernel/driver_irq.c): INTx allowed or not; point an MSI-X table entry
 * or the MSI at addr/data and enable it. 0, -ENODEV (no such thing), -ENOMEM. */
void pci_intx_enable(struct device *d, bool on);
int pci_msix_set(struct device *d, u16 entry, u64 addr, u32 data);
int pci_msi_set(struct device *d, u64 addr, u32 data);

/*
 * Map `len` bytes at `off` of a memory BAR (len 0: to its end) into the data-plane window. 0,
 * -ENODEV (no such BAR, I/O BAR, not placed), -EINVAL (range outside), -ENOMEM. Boot CPU.
 */
int dev_map_bar(struct device *d, unsigned bar, u64 off, u64 len, struct mmio *out);

/* Say why no driver takes the device (printf-like; cut at DEV_REASON). Returns -ENODEV. */
int dev_reject(struct device *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* A line of the kernel log about the device. Boot CPU only. */
void dev_log(const struct device *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- memory --------------------------------------------------------------------------------- */

/*
 * Zeroed DMA memory in DP_PRIVATE on the device's node, for the life of the machine. *iova gets
 * the address to give to the device. NULL: the region is full. Boot CPU, start-up only.
 */
void *dma_alloc(struct device *d, size_t size, size_t align, iova_t *iova);

/* Device's address of memory from dma_alloc() or a packet pool; never the same number as a
 * virtual address. 0: not DMA memory. */
iova_t dma_map(const void *va);

/* Zeroed driver state in DP_PRIVATE (not for DMA), and a struct port readable by all. */
void *dev_alloc(struct device *d, size_t size, size_t align);
struct port *dev_port_alloc(struct device *d);

/* Cycles per second of the clock that port_ops get as `now`. Any core. */
u64 dev_clock_hz(void);

/* Queue pairs that a port can use at most, one for each QGM: what to make rings for. Boot CPU. */
u32 dev_queue_pairs(void);

/* Wait, in probe() and attach only (a reset, an EEPROM, an admin queue). Boot CPU. */
void dev_delay_us(u32 us);

/* --- interrupts ----------------------------------------------------------------------------- */

/*
 * Interrupt of a device, as its owner QGM sees it. An interrupt only ends the sleep of a QGM; the
 * handler counts.
 *
 * A line (INTx) shared by devices of one QGM goes straight to that core. A line shared by devices
 * of several QGMs goes to the boot CPU, which masks it and wakes each of them by IPI; the first
 * QGM that sleeps again asks for the line (dev_irq_rearm). In the one-CPU mode all interrupts end
 * on that CPU, whose handler calls net_device_irq().
 */
enum dev_irq_kind {
	DEV_IRQ_NONE,   /* cannot wake: the QGM polls on a one-shot */
	DEV_IRQ_MSG,    /* MSI or MSI-X: edge, nothing to re-arm */
	DEV_IRQ_CORE,   /* line routed to the owner's core */
	DEV_IRQ_SHARED, /* line routed to the boot CPU, which wakes all QGMs on it */
	DEV_IRQ_LOCAL,  /* one-CPU mode: line routed to this CPU */
};

/* In DP_CTL: read and written by the owner QGM and by the boot CPU's handlers. */
struct dev_irq {
	u32 kind; /* enum dev_irq_kind, constant after dev_irq_commit() */
	u32 gsi;  /* lines */
	u16 qgm;
	u16 vector; /* DEV_IRQ_SHARED: what to send to whom to get the line unmasked */
	u32 apic_id;
	u32 masked;     /* DEV_IRQ_SHARED, _LOCAL: set by the handler, cleared by dev_irq_rearm() */
	bool *can_wake; /* the port's; cleared when the line could not be routed */
} __cacheline;

/* A line's self test: make the device assert its line; make it let go. Boot CPU, MMIO allowed
 * since the port is not started. */
struct dev_irq_test {
	void (*trigger)(void *arg);
	void (*quiet)(void *arg);
	void *arg;
};

/*
 * Give the device's message-signalled interrupt (MSI-X table entry `entry`, or MSI) to QGM `qgm`.
 * Called from port_ops.attach. 0, -ENODEV (no such capability or entry), -ENOSPC (no vector).
 */
int dev_irq_attach_msix(struct device *d, u16 entry, u16 qgm);
int dev_irq_attach_msi(struct device *d, u16 qgm);

/*
 * One more vector of a device with several queues: MSI-X table entry `entry` wakes QGM `qgm`; each
 * queue's to its own QGM, from port_ops.attach, in any order (d->irq stays what it is; messages
 * need no dev_irq_rearm). Errors as above, -ENOMEM. Which register of the NIC ties a queue to an
 * entry (IVAR, QINT_RQCTL) is the driver's business.
 */
int dev_irq_attach_vector(struct device *d, u16 entry, u16 qgm);

/*
 * Find the line of the device by self test (at most about 10 ms a candidate; there is no _PRT
 * without AML) and give it to QGM `qgm`; routed by dev_irq_commit(), which clears *can_wake when
 * it cannot. 0, -ENODEV: no line fired.
 */
int dev_irq_attach_intx(struct device *d, u16 qgm, const struct dev_irq_test *test, bool *can_wake);

/* After all attach calls, before the QGMs start: route the lines. Boot CPU. */
void dev_irq_commit(void);

/* Can an interrupt of the device wake its QGM? Owner QGM or boot CPU, after dev_irq_commit(). */
static inline bool dev_irq_can_wake(const struct dev_irq *irq)
{
	return irq && irq->kind != DEV_IRQ_NONE;
}

/*
 * The owner QGM is about to sleep and has enabled the interrupt at the device: let the line
 * through again. No-op for messages. Owner QGM only.
 */
void dev_irq_rearm(struct dev_irq *irq);

/*
 * Hook, implemented by kernel/net: a device of QGM `qgm` interrupted the boot CPU (shared lines,
 * and everything in the one-CPU mode): wake that QGM, core or thread. Interrupt context. A weak
 * default wakes the core of the QGM.
 */
void net_device_irq(u16 qgm);

/* --- network drivers ------------------------------------------------------------------------ */

struct net_driver_id {
	u16 vendor, device;
};

/*
 * One line of the table in drivers/net/table.c. probe() maps registers, reads the MAC address,
 * leaves the device quiet and calls port_register(). 0, or -errno after dev_reject().
 */
struct net_driver {
	const char *name;
	const struct net_driver_id *ids; /* ends with vendor 0 */
	int (*probe)(struct device *d);
};

extern const struct net_driver *const net_drivers[]; /* ends with NULL */
extern const struct net_driver e1000_driver, e1000e_driver, i40e_driver, ixgbe_driver;
extern const struct net_driver igb_driver, ixgbevf_driver, virtio_net_driver, vmxnet3_driver;

/* Probe every network device in PCI order; the others get their reason. Start-up, union root. */
void net_drivers_probe(void);

/* --- console drivers (drivers/char/), start-up steps of the boot CPU ------------------------- */

void uart_init(void);     /* "uart0" on COM1, interrupt-driven input when the line works */
void display_init(void);  /* "fb0" or "vga0", whichever the machine has */
void keyboard_init(void); /* PS/2 keyboard */
