// SPDX-License-Identifier: MIT
/*
 * What a register-level model of a NIC implements (struct nicsim_model) and what it may call. A
 * model knows nothing of QEMU, sockets, files or threads: registers come in, DMA and frames go out.
 *
 *	driver --BAR access-->  core  --bar_read, bar_write-->  model  --nicsim_dma_*-->  guest RAM
 *	wire   --frame------->        --rx----------------->           --nicsim_send--->  wire
 *	clock  -------------->        --timer-------------->           --nicsim_raise-->  interrupt
 *
 * Everything runs in one thread. The core owns the configuration space (BARs, COMMAND, PM, MSI,
 * MSI-X with its table and PBA, PCIe capability, FLR, SR-IOV), so a model sees accesses to its own
 * registers only, after decoding: memory space enabled, inside the BAR, aligned, 4 bytes wide.
 *
 * Standards: PCI Local Bus 3.0 (6: configuration space, 6.8: MSI and MSI-X), PCI Express 3.0 (7.8,
 * 6.6.2: FLR), SR-IOV 1.1 (3.3).
 */
#pragma once

#include "qgm/compiler.h"

#define NICSIM_PRINTF(f, a) __attribute__((format(printf, f, a)))

struct nicsim;     /* a machine's NICs: clock, loop, devices (sim.h) */
struct nicsim_dev; /* one PCI function */

enum { NICSIM_BARS = 6, NICSIM_CFG = 4096, NICSIM_FRAME_MAX = 16384, NICSIM_NO_VECTOR = 0xffff };

struct nicsim_bar {
	u64 size; /* bytes, a power of two of at least 16 (I/O: 4); 0: none */
	bool io;
	bool is64; /* takes this BAR and the next; ignored where dev->bars32 */
	bool prefetch;
};

enum nicsim_reset {
	NICSIM_RESET_POWER, /* made, or PCI reset of the machine: everything, NVM is read anew */
	NICSIM_RESET_FLR,   /* PCIe function-level reset, and D3hot to D0 */
};

/* What a driver may do wrong. A run without errors is part of each test's end. */
enum nicsim_error {
	NICSIM_E_DMA,      /* DMA outside of guest RAM */
	NICSIM_E_MASTER,   /* DMA while COMMAND.BUS_MASTER is clear, or in D3 */
	NICSIM_E_ACCESS,   /* register access of a wrong width, unaligned, no such register */
	NICSIM_E_STATE,    /* register written in a state in which the data sheet forbids it */
	NICSIM_E_RESERVED, /* reserved bits or values written */
	NICSIM_E_TAIL,     /* tail or doorbell beyond the ring */
	NICSIM_E_DESC,     /* malformed descriptor or context */
	NICSIM_E_COMMAND,  /* admin queue or mailbox command that is wrong */
	NICSIM_E_VECTOR,   /* interrupt to a vector that does not exist */
	NICSIM_E_NVM,      /* write to NVM or flash */
	NICSIM_E_KINDS,
};

/*
 * A chip. All hooks run in the loop's thread; those marked (optional) may be NULL.
 */
struct nicsim_model {
	const char *name; /* as on the command line, "82599" */
	const char *text; /* one line for --help */
	u16 vendor, device, subvendor, subdevice;
	u8 revision;
	u32 class_code; /* base << 16 | sub << 8 | interface; 0: Ethernet (020000) */
	u8 pin;         /* INTx: 1 = INTA#; 0: none */
	struct nicsim_bar bar[NICSIM_BARS];
	bool msi;
	/* MSI-X: vectors (0: none), the BAR of table and PBA, their offsets. That BAR's accesses to
	 * them never reach the model. */
	u16 msix_vectors;
	u8 msix_bar;
	u32 msix_table, msix_pba;
	bool narrow;                /* gets 1- and 2-byte accesses too; else those are errors */
	const char *const *options; /* names of its own options (optional), NULL at the end */
	const char *const *faults;  /* names of the faults it knows (optional), NULL at the end */
	/* SR-IOV: model of a VF (NULL: none), how many, routing id of the first and distance. */
	const struct nicsim_model *vf;
	u16 vfs, vf_offset, vf_stride;

	u32 state_bytes; /* of dev->state: the core makes it, all zeroes, and frees it */
	/*
	 * Fill in the state, read options (optional). dev->bar, dev->msix_* are copies of the
	 * model's and may be changed here, depending on dev->bars32; the configuration space is
	 * built after it. 0, or -1 with *why set to a constant string. reset(POWER) follows.
	 * destroy() frees what create() has made, also where it failed half-way. (optional)
	 */
	int (*create)(struct nicsim_dev *dev, const char **why);
	void (*destroy)(struct nicsim_dev *dev);
	/* Everything back to its power-on value; DMA, timers and interrupts are forgotten. */
	void (*reset)(struct nicsim_dev *dev, enum nicsim_reset kind);

	/* Register access: `off` is aligned to `size` and inside of the BAR; size is 4 (1, 2 only
	 * if narrow). An 8-byte access of the CPU comes as two, the low one first. */
	u32 (*bar_read)(struct nicsim_dev *dev, u32 bar, u64 off, u32 size);
	void (*bar_write)(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u32 v);

	/*
	 * Do what the descriptor engines owe (fetch, send, write back), a bounded amount: at most
	 * about 64 frames. True: there is more, call again. Called after each BAR write, at
	 * timers, and after nicsim_kick(). May not be called right after the write that caused it:
	 * in attachments the CPU goes on meanwhile. (optional: others do it)
	 */
	bool (*work)(struct nicsim_dev *dev);
	/* The deadline of nicsim_timer_at() has come; it is disarmed. (optional) */
	void (*timer)(struct nicsim_dev *dev, u64 now);
	/* A frame from the wire, from destination address to the last byte before the FCS; false:
	 * it was not taken into host memory (filtered, no descriptor: count it as the chip does).
	 * It is lost then. (optional: none is) */
	bool (*rx)(struct nicsim_dev *dev, const u8 *frame, u32 len);
	/* Could rx() take a frame of full size now? Wires that can wait do so until it says yes;
	 * link down and reception off count as yes: frames are lost. (optional: always) */
	bool (*rx_ready)(struct nicsim_dev *dev);
	/* The link partner came or went (nicsim_light()). (optional) */
	void (*light)(struct nicsim_dev *dev);
	/* Configuration bytes [off, off+size) were written; the core has done its part. (optional)
	 */
	void (*cfg_written)(struct nicsim_dev *dev, u32 off, u32 size);
	/* PF only: VF Enable or NumVFs changed, dev->vfs_on VFs exist now. (optional) */
	void (*vfs_changed)(struct nicsim_dev *dev);
};

/*
 * Declarations of models, a line for each of their sides. What a chip is on PCI; its MSI-X, whose
 * table is at the beginning of a BAR; its life; its registers and engines; its end of the wire.
 */
#define NICSIM_ID(vendor_, device_, subvendor_, subdevice_)                  \
	.vendor = (vendor_), .device = (device_), .subvendor = (subvendor_), \
	.subdevice = (subdevice_)
#define NICSIM_MSIX(vectors_, bar_, pba_) \
	.msix_vectors = (vectors_), .msix_bar = (bar_), .msix_pba = (pba_)
#define NICSIM_LIFE(bytes_, create_, destroy_, reset_) \
	.state_bytes = (bytes_), .create = (create_), .destroy = (destroy_), .reset = (reset_)
#define NICSIM_ENGINE(read_, write_, work_, timer_) \
	.bar_read = (read_), .bar_write = (write_), .work = (work_), .timer = (timer_)
#define NICSIM_WIRE(rx_, rx_ready_, light_) .rx = (rx_), .rx_ready = (rx_ready_), .light = (light_)

struct nicsim_error_line {
	enum nicsim_error kind;
	u64 at; /* ns */
	char text[120];
};
enum { NICSIM_ERROR_LINES = 32 };

struct nicsim_msix {
	u64 addr;
	u32 data;
	bool masked, pending;
};

struct nicsim_region {
	u64 gpa, size;
	u8 *ptr;
};
enum { NICSIM_REGIONS = 32 };

struct nicsim_wire;
struct nicsim_attach;
struct nicsim_fault;
struct nicsim_option;

/* One function. Models write to `state`, `bar`, `msix_*` (in create) and cfg (own capabilities);
 * all else is the core's. */
struct nicsim_dev {
	const struct nicsim_model *model;
	struct nicsim *sim;
	void *state;
	char id[32]; /* for messages */
	u8 mac[6];   /* option mac=, what the NVM holds */
	bool bars32; /* attachment can place 32-bit BARs only */
	u64 seed;
	struct nicsim_dev *pf; /* of a VF, NULL: is no VF */
	u32 vf_index;
	struct nicsim_dev **vf; /* PF: model->vfs instances, on or off */
	u32 vfs_on;             /* PF: VFs that exist on the bus */

	u8 cfg[NICSIM_CFG], wmask[NICSIM_CFG], w1c[NICSIM_CFG];
	struct nicsim_bar bar[NICSIM_BARS];
	u16 msix_vectors;
	u8 msix_bar;
	u32 msix_table, msix_pba;
	struct nicsim_msix *msix;
	u16 cap_pm, cap_msi, cap_msix, cap_pcie, cap_sriov;

	/* memory: regions, or a function where they are not known beforehand (in-process) */
	struct nicsim_region region[NICSIM_REGIONS];
	u32 nregions;
	void *(*resolve)(void *arg, u64 iova, u64 len);
	/* told before the device writes there (optional) */
	void (*wrote)(void *arg, u64 iova, u64 len);
	void *resolve_arg;

	/* interrupts: how they leave; vector NICSIM_NO_VECTOR is INTx with its level */
	void (*irq)(void *arg, struct nicsim_dev *dev, u16 vector, bool level);
	void *irq_arg;
	bool irq_host; /* the attachment has the MSI-X table and its masks, not we */
	bool intx;
	u64 interrupts; /* delivered: messages and rising edges */

	struct nicsim_wire *wire;
	bool dark; /* no light from the partner */
	u64 sent, received, refused;

	bool pending; /* work() is due */
	u64 timer;    /* ns, ~0: none */
	bool removed; /* fault: the device is gone */
	bool trace;

	u64 errors[NICSIM_E_KINDS], nerrors;
	struct nicsim_error_line error[NICSIM_ERROR_LINES]; /* the first ones */
	struct nicsim_fault *fault;
	u32 nfaults; /* armed */
	struct nicsim_option *option;
	struct nicsim_attach *attach;
};

/* --- DMA (dma.c) ---------------------------------------------------------------------------- */

/*
 * Copy from or to guest memory. False, nothing touched and an error reported (NICSIM_E_DMA,
 * NICSIM_E_MASTER) when any byte is outside of RAM, or the function may not do DMA. A removed
 * device returns false without an error.
 */
bool nicsim_dma_read(struct nicsim_dev *dev, u64 iova, void *buf, u64 len);
bool nicsim_dma_write(struct nicsim_dev *dev, u64 iova, const void *buf, u64 len);

/*
 * The same for write-backs that a driver polls: the last dword (with DD) becomes visible last, by a
 * release store. iova and len are multiples of 4.
 */
bool nicsim_dma_write_back(struct nicsim_dev *dev, u64 iova, const void *buf, u32 len);

/* May the function do DMA, and is all of [iova, iova+len) RAM? Reports nothing. */
bool nicsim_dma_ok(struct nicsim_dev *dev, u64 iova, u64 len);

/* --- wire, interrupts, time ----------------------------------------------------------------- */

/* A frame leaves, without FCS, padded by the model as the chip does; lost when the wire is dark. */
void nicsim_send(struct nicsim_dev *dev, const u8 *frame, u32 len);
/* Is there light from the partner? Link up needs it. */
bool nicsim_light(const struct nicsim_dev *dev);

/*
 * Interrupt: MSI-X vector where the driver has enabled MSI-X (a masked one is set pending), else
 * MSI (vector is ignored) else nothing: a model that drives INTx does it with nicsim_intx().
 */
void nicsim_raise(struct nicsim_dev *dev, u32 vector);
/* Level of the INTx line; kept by the core, not asserted while COMMAND.INTX_DISABLE or MSI is on.
 */
void nicsim_intx(struct nicsim_dev *dev, bool level);
/* Which kind is on now? */
bool nicsim_msix_on(const struct nicsim_dev *dev);
bool nicsim_msi_on(const struct nicsim_dev *dev);

/* Now in ns since the machine was made; the virtual clock in process, a real one in attachments. */
u64 nicsim_now(const struct nicsim_dev *dev);
/* Call timer() at `when` (absolute ns) or at an earlier deadline already set. */
void nicsim_timer_at(struct nicsim_dev *dev, u64 when);
/* Call work() soon. */
void nicsim_kick(struct nicsim_dev *dev);
/* 64 random bits, the same sequence for the same option seed=. */
u64 nicsim_random(struct nicsim_dev *dev);

/* --- reports and faults --------------------------------------------------------------------- */

/* The driver did something wrong (printf-like, one line without newline). */
void nicsim_error(struct nicsim_dev *dev, enum nicsim_error kind, const char *fmt, ...)
	NICSIM_PRINTF(3, 4);
/* A line for whoever debugs, with --trace only. */
void nicsim_trace(struct nicsim_dev *dev, const char *fmt, ...) NICSIM_PRINTF(2, 3);

bool nicsim_fault_slow(struct nicsim_dev *dev, const char *name, u64 *arg);
/* Shall fault `name` happen now? Counts down what was armed by nicsim_fault_set(); *arg (may be
 * NULL) gets its argument. Costs one compare where nothing is armed. */
static inline bool nicsim_fault(struct nicsim_dev *dev, const char *name, u64 *arg)
{
	return unlikely(dev->nfaults != 0) && nicsim_fault_slow(dev, name, arg);
}

/* Value of option `name` (the text after name=), NULL: not given. */
const char *nicsim_option(const struct nicsim_dev *dev, const char *name);

/* --- configuration space (config.c) --------------------------------------------------------- */

/* Little-endian fields of dev->cfg. */
u32 nicsim_cfg_get(const struct nicsim_dev *dev, u32 off, u32 size);
void nicsim_cfg_put(struct nicsim_dev *dev, u32 off, u32 size, u32 v);
/* Put a field and say which of its bits the guest may write. */
void nicsim_cfg_field(struct nicsim_dev *dev, u32 off, u32 size, u32 v, u32 writable);
