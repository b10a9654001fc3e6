// SPDX-License-Identifier: MIT
/* The 82599 model as the core sees it: creation, BARs, accesses, timers; CTRL.RST, CTRL.LRST, PCI
 * reset and FLR (data sheet 4.2), and the general registers. */
#include "tools/nicsim/82599/hooks.h"

#include <stdlib.h>
#include <string.h>

enum {
	CTRL_GIO_DIS = 1 << 2, /* master disable */
	CTRL_LRST = 1 << 3,
	CTRL_RST = 1 << 26,
	CTRL_EXT_PFRSTD = 1 << 14,
	STATUS_LINK = 1 << 7,
	STATUS_IOV = 1 << 18,
	STATUS_GIO = 1 << 19,
	RESET_NS = 2000, /* CTRL.RST clears itself after about that; 4.2.1.6.1 */
	ESDP_SDP0 = 1 << 0,
	ESDP_SDP2 = 1 << 2, /* MOD_ABS of the cage, wired so that 1 is "module there" */
};

static struct n599 *state(struct nicsim_dev *dev)
{
	return dev->state;
}

/* --- resets ---------------------------------------------------------------------------------- */

/* The data path and its memory: rings off, FIFO empty, contexts, counters and interrupts gone. */
void n599_datapath_reset(struct n599 *n)
{
	memset(n->rxq, 0, sizeof(n->rxq));
	memset(n->txq, 0, sizeof(n->txq));
	memset(n->tx_due, 0, sizeof(n->tx_due));
	memset(n->qde, 0, sizeof(n->qde));
	for (u32 q = 0; q < N599_QUEUES; q++)
		n->rxq[q].buffer = 2048;
	n599_rsc_flush(n, -2);
	n599_fifo_reset(n);
	n599_stats_reset(n);
	n599_irq_reset(n);
	n599_fdir_reset(n);
	n599_filter_update(n);
	n->toeplitz_ok = false;
	n->dead = false;
}

static void hardware_reset(struct n599 *n, bool soft)
{
	n599_regs_reset(n, soft);
	n599_datapath_reset(n);
	n599_eeprom_load(n);
	n599_owners(n);
	for (u32 vf = 0; vf < n->dev->vfs_on; vf++)
		n599_mailbox_reset(n, vf);
}

/* CTRL.RST or LRST was set: everything now, the bit itself clears later. */
void n599_reset_start(struct n599 *n, bool link)
{
	u32 bits = n599_get(n, N599_CTRL) & (CTRL_RST | CTRL_LRST);

	nicsim_trace(n->dev, "reset%s", link ? " with link" : "");
	hardware_reset(n, true);
	n599_set(n, N599_CTRL, bits);
	n->reset_busy = true;
	n->reset_done = nicsim_now(n->dev) + RESET_NS;
	if (link)
		n599_link_reset(n);
	else
		n599_link_update(n);
}

static void reset(struct nicsim_dev *dev, enum nicsim_reset kind)
{
	struct n599 *n = state(dev);

	(void)kind;
	n->reset_busy = false;
	n->reset_done = 0;
	n->eerd_done = n->mdio_done = n->flap_at = 0;
	memset(&n->i2c, 0, sizeof(n->i2c));
	n->i2c.scl = n->i2c.sda = n->i2c.out = true;
	n599_regs_reset(n, false);
	n599_eeprom_make(n);
	hardware_reset(n, false);
	n599_link_reset(n);
	if (n->soft_pf)
		n599_pf_start(n);
}

/* --- general registers (8.2.3.1) -------------------------------------------------------------- */

N599_WR(ctrl)
{
	if (n->reset_busy && nicsim_now(n->dev) < n->reset_done) {
		nicsim_error(n->dev, NICSIM_E_STATE, "CTRL written during a reset");
		n599_set(n, N599_CTRL, old);
		return;
	}
	if (raw & (CTRL_RST | CTRL_LRST))
		n599_reset_start(n, raw & CTRL_LRST);
}

N599_RD(ctrl)
{
	if (!n->reset_busy || nicsim_fault(n->dev, "reset-stuck", NULL))
		return v;
	if (!n599_reached(n, &n->reset_done))
		return v;
	n->reset_busy = false;
	n599_set(n, N599_CTRL, v & ~(u32)(CTRL_RST | CTRL_LRST));
	return n599_get(n, N599_CTRL);
}

N599_WR(ctrl_ext)
{
	if ((raw & ~old) & CTRL_EXT_PFRSTD)
		n599_mailbox_pf_ready(n);
}

static bool masters_idle(struct n599 *n)
{
	return (n599_get(n, N599_CTRL) & CTRL_GIO_DIS) &&
	       !nicsim_fault(n->dev, "master-stuck", NULL);
}

N599_RD(status)
{
	u32 iov = n->dev->vfs_on;

	v &= ~(u32)(STATUS_GIO | STATUS_LINK);
	if (!masters_idle(n))
		v |= STATUS_GIO;
	if (n->link_up)
		v |= STATUS_LINK;
	if (iov)
		v |= STATUS_IOV | (iov & 0xff) << 10;
	return v;
}

N599_RD(esdp)
{
	v &= ~(u32)ESDP_SDP2;
	if (!nicsim_fault(n->dev, "sfp-absent", NULL))
		v |= ESDP_SDP2;
	return v;
}

/* Free-running timer: 1 us units (8.2.3.1.10). */
N599_RD(frtimer)
{
	return (u32)(nicsim_now(n->dev) / 1000);
}

/* 1588 clock: TIMINCA is (period << 24 | increment); at 10 Gb/s a period is 6.4 ns. */
N599_RD(systiml)
{
	u32 inc = n599_get(n, N599_TIMINCA);
	u32 period = inc >> 24 ? inc >> 24 : 1;
	u64 t = nicsim_now(n->dev) * 10 / 64 / period * (inc & 0xffffff);

	n599_set(n, N599_SYSTIMH, (u32)(t >> 32));
	return (u32)t;
}

N599_WR(secrx)
{
}

/* SECRX_RDY: the security block is empty, at once after RX_DIS (8.2.3.12.8). */
N599_RD(secrxstat)
{
	if (nicsim_fault(n->dev, "secrx-stuck", NULL))
		return v;
	return v | ((n599_get(n, N599_SECRXCTRL) & 2) ? 1 : 0);
}

N599_WR(maxfrs)
{
	if (raw >> 16 > N599_MAX_FRAME || raw >> 16 < 64)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "MAXFRS of %u bytes", raw >> 16);
}

N599_WR(mtqc)
{
	/* 8.2.3.9.15: only while the arbiter is disabled (RTTDCS.ARBDIS, bit 6). */
	if (!(n599_get(n, N599_RTTDCS) & 0x40))
		nicsim_error(n->dev, NICSIM_E_STATE, "MTQC written with %x, RTTDCS.ARBDIS is clear",
			     raw);
	n599_owners(n);
}

/* --- the core's hooks --------------------------------------------------------------------------
 */

/* I/O BAR: IOADDR at 0, IODATA at 4 (8.1.2.3); only boot code uses it. */
static u32 bar_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size)
{
	struct n599 *n = state(dev);

	(void)size;
	if (bar == 0)
		return n599_read(n, (u32)off);
	if (bar == 2)
		return off == 0   ? n->ioaddr
		       : off == 4 ? n599_read(n, n->ioaddr & (N599_CSR - 4))
				  : 0;
	nicsim_error(dev, NICSIM_E_ACCESS, "read of BAR %u at %llx", bar, (unsigned long long)off);
	return 0;
}

static void bar_write(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u32 v)
{
	struct n599 *n = state(dev);

	(void)size;
	if (bar == 0)
		n599_write(n, (u32)off, v);
	else if (bar == 2 && off == 0)
		n->ioaddr = v;
	else if (bar == 2 && off == 4)
		n599_write(n, n->ioaddr & (N599_CSR - 4), v);
	else
		nicsim_error(dev, NICSIM_E_ACCESS, "write of BAR %u at %llx", bar,
			     (unsigned long long)off);
}

static bool work(struct nicsim_dev *dev)
{
	struct n599 *n = state(dev);

	if (n->rx_due)
		n599_rx_drain(n);
	return n599_tx_work(n);
}

static void timer(struct nicsim_dev *dev, u64 now)
{
	struct n599 *n = state(dev);

	n599_link_timer(n, now);
	n599_rsc_timer(n, now);
	n599_irq_timer(n, now);
}

static void light(struct nicsim_dev *dev)
{
	n599_link_reset(state(dev));
}

static int create(struct nicsim_dev *dev, const char **why)
{
	const char *fifo = nicsim_option(dev, "fifo");
	struct n599 *n = state(dev);

	*why = "out of memory";
	n->dev = dev;
	n->fifo = malloc(N599_FIFO);
	if (!n->fifo)
		return -1;
	/* Option fifo=KIB: a smaller packet buffer than the chip's 512 KiB; 0: none */
	n->fifo_max = N599_FIFO;
	if (fifo)
		n->fifo_max = MIN((u32)strtoul(fifo, NULL, 10) * 1024, (u32)N599_FIFO);
	n->soft_pf = nicsim_option(dev, "vfs") != NULL;
	for (u32 q = 0; q < N599_QUEUES; q++)
		n->owner[q] = dev;
	n599_sfp_make(n);
	/* 64-bit BARs: CSR in 0/1, MSI-X in 4/5; 32-bit ones: CSR in 0, MSI-X in 3 (9.3.6.1). */
	if (dev->bars32) {
		dev->bar[3] = (struct nicsim_bar){ .size = 0x4000 };
		dev->bar[4] = (struct nicsim_bar){ .size = 0 };
		dev->msix_bar = 3;
	}
	return 0;
}

static void destroy(struct nicsim_dev *dev)
{
	struct n599 *n = state(dev);

	n599_fdir_reset(n);
	n599_rsc_flush(n, -2);
	free(n->toeplitz);
	free(n->fifo);
}

static const char *const options[] = { "sfp", "fifo", NULL };

static const char *const faults[] = {
	/* receive descriptors */
	"rx-no-dd", "rx-no-length", "rx-length", "rx-no-eop", "rx-error", "rx-head-jump",
	"rx-order", "rx-ghost", "rx-hang",
	/* transmit */
	"tx-no-dd", "tx-hang", "tx-head-jump", "tx-head-wb",
	/* frames */
	"crc", "undersize",
	/* link, EEPROM, PHY, handshakes */
	"link-flap", "eeprom-timeout", "eeprom-checksum", "phy-timeout", "i2c-nak", "sfp-absent",
	"reset-stuck", "master-stuck", "secrx-stuck", "rx-enable-stuck", "tx-enable-stuck",
	"semaphore-stuck", "fdir-stuck", "ecc", "mailbox-mute", NULL
};

const struct nicsim_model n599_model = {
	.name = "82599",
	.text = "Intel 82599ES 10 GbE, SFP+ (8086:10fb); sfp=sr|lr|da|none, fifo=KIB",
	NICSIM_ID(0x8086, 0x10fb, 0x8086, 0x000c),
	.revision = 1,
	.pin = 1,
	.bar = { [0] = { .size = N599_CSR, .is64 = true },
		 [2] = { .size = 32, .io = true },
		 [4] = { .size = 0x4000, .is64 = true } },
	.msi = true,
	NICSIM_MSIX(N599_VECTORS, 4, 0x2000),
	.options = options,
	.faults = faults,
	NICSIM_LIFE(sizeof(struct n599), create, destroy, reset),
	NICSIM_ENGINE(bar_read, bar_write, work, timer),
	NICSIM_WIRE(n599_rx, n599_rx_ready, light),
	.vfs_changed = n599_vfs_changed,
	.vf = &n599_vf_model,
	.vfs = 63,
	.vf_offset = 0x80,
	.vf_stride = 2,
};
