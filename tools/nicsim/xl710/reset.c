// SPDX-License-Identifier: MIT
/*
 * Resets: of the PF (PFGEN_CTRL.PFSWR), of the core, of the whole device and of its firmware
 * (GLGEN_RTRIG). State is cleared at once; the register that says so follows after a time, during
 * which other accesses are errors.
 *
 * Data sheet 332464: 4.1.2 (reset types), 4.1.2.4 (PF reset flow), 10.2.2.1.
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	PFGEN_CTRL = 0x092400,
	GLGEN_RSTAT = 0x0b8188,
	GLNVM_ULD = 0x0b6008,
	PFLAN_QALLOC = 0x1c0400,
	GLHMC_SDPART = 0x0c0800,
	GLPCI_REVID = 0x0be4b4,
	PFPCI_DEVID = 0x0be080,
	PRTGL_SAL = 0x1e2120,
	PRTGL_SAH = 0x1e2140,
	PRTPM_SAL = 0x1e4440,
	PRTPM_SAH = 0x1e44c0,
	SWT_L2TAGCTRL = 0x1c0a70,
	GLNVM_GENS = 0x0b6100,
	/* GLGEN_RSTAT */
	DEVSTATE_RESET = 2,
	CORERCNT = 4,
	GLOBRCNT = 6,
	EMPRCNT = 8,
	RTRIG_CORER = 1,
	RTRIG_GLOBR = 2,
	RTRIG_EMPFWR = 4,
};

/* How long each takes, ns. The chip's own times are up to some 100 ms. */
static u64 reset_time(u32 level)
{
	static const u64 ns[] = { 0, 50000, 500000, 2000000, 5000000, 0 };

	return ns[level];
}

/* Values that the NVM, the PCIe core and firmware put into registers. */
static void registers_load(struct xl710 *x)
{
	const u8 *m = x->dev->mac;

	XR(x, PFLAN_QALLOC) = 1u << 31 | (u32)x->lastq << 16 | x->firstq;
	XR(x, GLNVM_GENS) = (XR(x, GLNVM_GENS) & ~(7u << 5)) | x->nvm.size << 5;
	XR(x, GLHMC_SDPART) = 256u << 16;
	XR(x, GLPCI_REVID) = x->dev->model->revision;
	XR(x, PFPCI_DEVID) = x->dev->model->device;
	XR(x, PRTGL_SAL) = xget32(m);
	XR(x, PRTGL_SAH) = (XR(x, PRTGL_SAH) & 0xffff0000) | xget16(m + 4);
	XR(x, PRTPM_SAL) = xget32(m);
	XR(x, PRTPM_SAH) = 1u << 31 | xget16(m + 4);
	/* L2 tags: the S-tag, then outer and inner VLAN (7.4.9.5.1). */
	XR(x, SWT_L2TAGCTRL + 4 * 2) = 0x8100u << 16;
	XR(x, SWT_L2TAGCTRL + 4 * 3) = 0x8100u << 16;
	XR(x, SWT_L2TAGCTRL + 4 * 7) = 0x88a8u << 16;
}

/* What a reset of `level` takes away. */
static void state_clear(struct xl710 *x, enum xl710_reset_level level)
{
	xl710_regs_reset(x, level);
	xl710_queues_reset(x);
	xl710_hmc_reset(x);
	xl710_aq_reset(x);
	xl710_irq_reset(x);
	xl710_switch_reset(x);
	if (level >= XL710_CORER) {
		xl710_insets_reset(x);
		xl710_rss_reset(x);
		xl710_fdir_reset(x);
		xl710_lldp_reset(x);
		memset(x->tunnel_port, 0, sizeof(x->tunnel_port));
		x->port_flags = 0;
		x->switch_flags = 0;
		x->filtered = 0;
	}
	xl710_link_reset(x);
	x->nvm.owner = 0;
	registers_load(x);
}

void xl710_reset_init(struct xl710 *x)
{
	memcpy(x->laa, x->dev->mac, 6);
	memset(&x->rst, 0, sizeof(x->rst));
	memset(&x->link, 0, sizeof(x->link));
	state_clear(x, XL710_POR);
}

void xl710_reset_start(struct xl710 *x, enum xl710_reset_level level)
{
	u32 rstat = XR(x, GLGEN_RSTAT);
	u32 type = (u32)level - XL710_PFR;

	state_clear(x, level);
	x->rst.level = level;
	x->rst.until = xl710_now(x) + reset_time(level);
	if (level == XL710_PFR) {
		XR(x, PFGEN_CTRL) = 1;
	} else {
		u32 shift = level == XL710_CORER   ? CORERCNT
			    : level == XL710_GLOBR ? GLOBRCNT
						   : EMPRCNT;
		u32 cnt = (rstat >> shift & 3) + 1;

		rstat = (rstat & ~(3u << shift) & ~0xfu) | (cnt & 3) << shift;
		XR(x, GLGEN_RSTAT) = rstat | type << 2 | DEVSTATE_RESET;
		XR(x, GLNVM_ULD) = 0;
	}
	xl710_wake_at(x, x->rst.until);
}

/* Is it over? Asked at each access and timer. */
void xl710_reset_tick(struct xl710 *x)
{
	u32 level = x->rst.level;

	if (likely(level == 0))
		return;
	if (nicsim_fault(x->dev, "reset-stuck", NULL)) {
		x->rst.stuck = true;
		return;
	}
	x->rst.stuck = false;
	if (xl710_now(x) < x->rst.until)
		return;
	x->rst.level = 0;
	if (level == XL710_PFR) {
		XR(x, PFGEN_CTRL) = 0;
		return;
	}
	XR(x, GLGEN_RSTAT) &= ~3u;
	XR(x, GLNVM_ULD) = xl710_reg_at(GLNVM_ULD)->dflt;
	xl710_cause(x, XL710_ICR0_GRST);
}

u32 xl710_pfgen_ctrl_read(struct xl710 *x, u32 off)
{
	return XR(x, off);
}

void xl710_pfgen_ctrl_write(struct xl710 *x, u32 off, u32 v)
{
	XR(x, off) = 0;
	if ((v & 1) == 0)
		return;
	if (x->rst.level > XL710_PFR)
		nicsim_error(x->dev, NICSIM_E_STATE, "PF reset during a reset of the device");
	else
		xl710_reset_start(x, XL710_PFR);
}

u32 xl710_rstat_read(struct xl710 *x, u32 off)
{
	return XR(x, off);
}

void xl710_rtrig_write(struct xl710 *x, u32 off, u32 v)
{
	XR(x, off) = 0;
	if (x->rst.level > XL710_PFR) {
		nicsim_error(x->dev, NICSIM_E_STATE, "GLGEN_RTRIG written during a reset");
		return;
	}
	if (v & RTRIG_EMPFWR)
		xl710_reset_start(x, XL710_EMPR);
	else if (v & RTRIG_GLOBR)
		xl710_reset_start(x, XL710_GLOBR);
	else if (v & RTRIG_CORER)
		xl710_reset_start(x, XL710_CORER);
}
