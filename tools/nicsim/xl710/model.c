// SPDX-License-Identifier: MIT
/*
 * The XL710 and X710 as models of tools/nicsim: identity, construction, the hooks that hand
 * accesses, frames and time to the parts.
 *
 * Data sheet 332464: 11 (PCIe programming interface), 10.1.1 (BARs), 8.1.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/nicsim/xl710/xl710.h"

static const char *const options[] = {
	"firstq", /* absolute number of the function's queue 0 (PFLAN_QALLOC.FIRSTQ) */
	"lldp",   /* off: the NVM has the firmware's LLDP agent disabled */
	/* off: no interrupt pin. Linux knows that the chip's INTx cannot be masked, and gives such
	 * a function to uio_pci_generic only if it has none. */
	"intx",
	"sr", /* size of the shadow RAM: 3..6 for 8..64 KiB (GLNVM_GENS.SR_SIZE); a driver reads all
		 of it for its checksum, which takes long where registers are slow */
	NULL,
};

/* What each does: docs/manual, and the place that asks for it. */
static const char *const faults[] = {
	"rx-no-dd",        /* a received frame is never written back */
	"rx-dd-no-length", /* DD and EOF without anything else */
	"rx-length-zero",  /* write-back with length 0 */
	"rx-length-over",  /* length one more than the buffer (or arg) */
	"rx-length-ffff",  /* all bits of the length field */
	"rx-no-eop",       /* EOF is never set */
	"rx-error",        /* error bits (arg, default RXE) */
	"rx-out-of-order", /* the write-back comes after the following one's */
	"tx-no-dd",        /* neither DD nor head write-back */
	"tx-head-jump",    /* head write-back names a wrong index (arg, default head + qlen/2) */
	"tx-hang",         /* the engine fetches nothing, while armed */
	"mdd-tx",
	"mdd-rx",       /* a malicious-driver event without reason */
	"link-flap",    /* the link drops for arg microseconds (default 500), at each tick */
	"aq-timeout",   /* a command is never answered; the queue is dead until enabled anew */
	"aq-late",      /* a command is answered after arg microseconds (default 1000) */
	"aq-error",     /* a command fails with code arg (default 5, EIO) */
	"aq-short",     /* a reply has half of its bytes */
	"reset-stuck",  /* a reset never ends, while armed */
	"reset-global", /* another function resets the device */
	"ecc",          /* uncorrectable memory error: ICR0.ECC_ERR */
	"hmc-error",    /* a context fetch fails with an HMC error */
	"nvm-error",    /* shadow RAM is never ready */
	NULL,
};

u64 xl710_now(struct xl710 *x)
{
	return nicsim_now(x->dev);
}

void xl710_wake_at(struct xl710 *x, u64 when)
{
	nicsim_timer_at(x->dev, when);
}

static void tick(struct nicsim_dev *dev, u64 now);

static int create(struct nicsim_dev *dev, const char **why)
{
	struct xl710 *x = dev->state;
	const char *first = nicsim_option(dev, "firstq");
	long q = first != NULL ? strtol(first, NULL, 0) : 0;

	x->dev = dev;
	if (q < 0 || q > XL710_QUEUES - 384) {
		*why = "firstq= is 0..1152";
		return -1;
	}
	x->x710 = dev->model == &nicsim_x710;
	x->firstq = (u16)q;
	x->lastq = (u16)(q + 383);
	x->reg = calloc(1, XL710_REGS_SIZE);
	xl710_regs_init();
	if (x->reg == NULL || xl710_nvm_create(x) != 0 || xl710_fdir_create(x) != 0) {
		*why = "out of memory";
		return -1;
	}
	return 0;
}

static void destroy(struct nicsim_dev *dev)
{
	struct xl710 *x = dev->state;

	xl710_rss_free(x);
	xl710_fdir_destroy(x);
	xl710_nvm_destroy(x);
	free(x->reg);
}

static void reset(struct nicsim_dev *dev, enum nicsim_reset kind)
{
	struct xl710 *x = dev->state;

	const char *intx = nicsim_option(dev, "intx");

	if (intx != NULL && strcmp(intx, "off") == 0)
		nicsim_cfg_field(dev, 0x3d, 1, 0, 0);
	if (kind == NICSIM_RESET_POWER)
		xl710_reset_init(x);
	else
		xl710_reset_start(x, XL710_PFR);
	x->next_tick = 0;
	tick(dev, xl710_now(x));
}

/* Only these may be touched while a reset is under way (4.1.2.4). */
static bool reset_safe(u64 off)
{
	return off == 0x092400 || off == 0x0b8188 || off == 0x0b8190 || off == 0x0b8180 ||
	       off == 0x0b6008 || off == 0x038480 || off == 0x038800;
}

static u32 bar_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size)
{
	struct xl710 *x = dev->state;

	(void)size;
	xl710_reset_tick(x);
	if (bar == 0)
		return xl710_reg_read(x, off);
	nicsim_error(dev, NICSIM_E_ACCESS, "read of BAR %u at %llx", bar, (unsigned long long)off);
	return 0;
}

static void bar_write(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u32 v)
{
	struct xl710 *x = dev->state;
	char name[64];

	(void)size;
	if (bar != 0) {
		nicsim_error(dev, NICSIM_E_ACCESS, "write of BAR %u at %llx", bar,
			     (unsigned long long)off);
		return;
	}
	if (unlikely(x->rst.level != 0)) {
		xl710_reset_tick(x);
		if (x->rst.level != 0 && !reset_safe(off)) {
			nicsim_error(dev, NICSIM_E_STATE, "%s written while a reset is under way",
				     xl710_reg_name(off, name, sizeof(name)));
			return;
		}
	}
	xl710_reg_write(x, off, v);
}

static bool work(struct nicsim_dev *dev)
{
	struct xl710 *x = dev->state;
	bool more;

	if (x->rst.level != 0)
		return false;
	more = xl710_aq_work(x);
	more |= xl710_tx_work(x);
	return more;
}

/* Chance faults that no access of the driver triggers. */
static void fault_tick(struct xl710 *x)
{
	u64 arg;

	if (nicsim_fault(x->dev, "ecc", NULL))
		xl710_cause(x, XL710_ICR0_ECC);
	if (nicsim_fault(x->dev, "reset-global", NULL))
		xl710_reset_start(x, XL710_GLOBR);
	if (nicsim_fault(x->dev, "mdd-tx", &arg))
		xl710_mdd_tx(x, x->firstq + (u32)arg, XL710_MDD_TX_DESC);
	if (nicsim_fault(x->dev, "mdd-rx", &arg))
		xl710_mdd_rx(x, x->firstq + (u32)arg, XL710_MDD_RX_DESC);
}

static void tick(struct nicsim_dev *dev, u64 now)
{
	struct xl710 *x = dev->state;
	/* Ticks of one millisecond while faults are armed, else ten. */
	u64 step = dev->nfaults != 0 ? 1000000 : 10000000;
	u64 due;

	xl710_reset_tick(x);
	if (x->rst.level == 0) {
		fault_tick(x);
		xl710_link_tick(x);
		xl710_lldp_tick(x);
		xl710_rx_late(x);
		nicsim_kick(dev);
	}
	xl710_irq_tick(x);
	if (x->next_tick <= now)
		x->next_tick = now + step;
	due = x->next_tick;
	if (x->rst.level != 0 && !x->rst.stuck && x->rst.until < due)
		due = x->rst.until;
	if (x->link.up_at != 0 && x->link.up_at < due)
		due = x->link.up_at;
	if (xl710_irq_next(x) < due)
		due = xl710_irq_next(x);
	if (x->aq.late != 0 && x->aq.late < due)
		due = x->aq.late;
	nicsim_timer_at(dev, due > now ? due : now + 1000);
}

static void light(struct nicsim_dev *dev)
{
	xl710_link_update(dev->state);
}

#define PORT(device_, subdevice_)                                                            \
	NICSIM_ID(0x8086, device_, 0x8086, subdevice_),                                      \
		.revision = 2, .pin = 1,                                                     \
		.bar = { [0] = { .size = 8 << 20, .is64 = true, .prefetch = true },          \
			 [3] = { .size = 32 << 10, .is64 = true, .prefetch = true } },       \
		.msi = true, NICSIM_MSIX(XL710_VECTORS, 3, 0x1000), .options = options,      \
		.faults = faults, NICSIM_LIFE(sizeof(struct xl710), create, destroy, reset), \
		NICSIM_ENGINE(bar_read, bar_write, work, tick),                              \
		NICSIM_WIRE(xl710_rx, xl710_rx_ready, light)

const struct nicsim_model nicsim_xl710 = {
	.name = "xl710",
	.text = "Intel XL710, 40 GbE, QSFP+",
	PORT(0x1583, 0x0002),
};

const struct nicsim_model nicsim_x710 = {
	.name = "x710",
	.text = "Intel X710, 10 GbE, SFP+",
	PORT(0x1572, 0x0007),
};
