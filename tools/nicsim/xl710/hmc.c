// SPDX-License-Identifier: MIT
/*
 * Host memory cache: the function's private memory (FPM) of segments of 2 MiB, each one piece of
 * host memory (direct) or 512 pages of 4 KiB listed in a page of descriptors (paged). Queue
 * contexts are objects in it. Nothing is cached: a context is read when its queue is enabled.
 *
 * Data sheet 332464: 7.7 (host memory cache), 7.7.1.3 (segment and page descriptors), 10.2.2.13.
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	SDCMD = 0x0c0000,
	SDDATALOW = 0x0c0100,
	SDDATAHIGH = 0x0c0200,
	ERRORINFO = 0x0c0400,
	ERRORDATA = 0x0c0500,
	SDPART = 0x0c0800,
	LANTXBASE = 0x0c6200,
	LANTXCNT = 0x0c6300,
	LANRXBASE = 0x0c6400,
	LANRXCNT = 0x0c6500,
	SD_VALID = 1 << 0,
	SD_DIRECT = 1 << 1,
	PD_VALID = 1,
	PAGE = 4096,
	PDS = 512,
	/* PFHMC_ERRORINFO.HMC_ERROR_TYPE */
	ERR_INDEX = 3,
	ERR_PD = 7,
	ERR_SD = 6,
	OBJ_TX = 0,
	OBJ_RX = 1,
	TX_BYTES = 128,
	RX_BYTES = 32,
};
#define SDWR     (1u << 31)
#define DETECTED (1u << 31)

void xl710_hmc_reset(struct xl710 *x)
{
	memset(&x->hmc, 0, sizeof(x->hmc));
}

static u32 sds_owned(struct xl710 *x)
{
	return XR(x, SDPART) >> 16 & 0x1fff;
}

void xl710_sdcmd_write(struct xl710 *x, u32 off, u32 v)
{
	u32 i = v & 0xfff;
	u32 low = XR(x, SDDATALOW);

	XR(x, off) = 0; /* done at once */
	if (i >= sds_owned(x)) {
		nicsim_error(x->dev, NICSIM_E_STATE, "segment descriptor %u of %u", i,
			     sds_owned(x));
		return;
	}
	if ((v & SDWR) == 0) {
		XR(x, SDDATALOW) = x->hmc.low[i];
		XR(x, SDDATAHIGH) = x->hmc.high[i];
		return;
	}
	if ((low & SD_VALID) != 0) {
		u64 at = (u64)XR(x, SDDATAHIGH) << 32 | (low & 0xfffff000);

		if ((low >> 2 & 0x3ff) == 0 || (low >> 2 & 0x3ff) > PDS)
			nicsim_error(x->dev, NICSIM_E_DESC, "segment %u has %u backing pages", i,
				     low >> 2 & 0x3ff);
		/* of a direct segment as much as there are objects may be memory: judged when one
		 * is read */
		if (!nicsim_dma_ok(x->dev, at, (low & SD_DIRECT) != 0 ? TX_BYTES : PAGE))
			nicsim_error(x->dev, NICSIM_E_DMA, "segment %u is no memory: %llx", i,
				     (unsigned long long)at);
	}
	x->hmc.low[i] = low;
	x->hmc.high[i] = XR(x, SDDATAHIGH);
}

void xl710_pdinv_write(struct xl710 *x, u32 off, u32 v)
{
	XR(x, off) = 0;
	if ((v & 0xfff) >= sds_owned(x))
		nicsim_error(x->dev, NICSIM_E_STATE, "PDINV of segment %u of %u", v & 0xfff,
			     sds_owned(x));
}

/* Writing 0 allows the next error to be recorded (10.2.2.13.8). */
void xl710_errorinfo_write(struct xl710 *x, u32 off, u32 v)
{
	if (v == 0)
		XR(x, off) = 0;
}

static void error(struct xl710 *x, u32 obj, u32 type, u32 data)
{
	nicsim_error(x->dev, NICSIM_E_DESC, "HMC: error type %u, object type %u, index %x", type,
		     obj, data);
	if ((XR(x, ERRORINFO) & DETECTED) != 0)
		return;
	XR(x, ERRORINFO) = DETECTED | obj << 16 | type << 8;
	XR(x, ERRORDATA) = data & 0x3fffffff;
	xl710_cause(x, XL710_ICR0_HMC);
}

/* Private memory address to bus address, 0: error. */
static u64 translate(struct xl710 *x, u32 obj, u64 fpm)
{
	u32 sd = (u32)(fpm / XL710_SD_SIZE), pd = (u32)(fpm / PAGE % PDS);
	u64 at, entry;

	if (sd >= sds_owned(x) || (x->hmc.low[sd] & SD_VALID) == 0) {
		error(x, obj, ERR_SD, sd);
		return 0;
	}
	at = (u64)x->hmc.high[sd] << 32 | (x->hmc.low[sd] & 0xfffff000);
	if ((x->hmc.low[sd] & SD_DIRECT) != 0)
		return at + fpm % XL710_SD_SIZE;
	if (pd >= (x->hmc.low[sd] >> 2 & 0x3ff) ||
	    !nicsim_dma_read(x->dev, at + pd * 8, &entry, 8) || (entry & PD_VALID) == 0) {
		error(x, obj, ERR_PD, pd);
		return 0;
	}
	return (entry & ~0xfffull) + fpm % PAGE;
}

bool xl710_hmc_context(struct xl710 *x, enum xl710_hmc_object obj, u32 q, u8 *ctx)
{
	bool tx = obj == XL710_HMC_TX;
	u32 size = tx ? TX_BYTES : RX_BYTES;
	u32 count = XR(x, tx ? LANTXCNT : LANRXCNT);
	u64 base = (u64)XR(x, tx ? LANTXBASE : LANRXBASE) * 512;
	u64 at;

	if (nicsim_fault(x->dev, "hmc-error", NULL)) {
		XR(x, ERRORINFO) = DETECTED | (tx ? OBJ_TX : OBJ_RX) << 16 | ERR_SD << 8;
		XR(x, ERRORDATA) = q;
		xl710_cause(x, XL710_ICR0_HMC);
		return false;
	}
	if (q >= count) {
		error(x, tx ? OBJ_TX : OBJ_RX, ERR_INDEX, q);
		return false;
	}
	if (!tx && base < ((u64)XR(x, LANTXBASE) * 512) + (u64)XR(x, LANTXCNT) * TX_BYTES)
		nicsim_error(x->dev, NICSIM_E_STATE, "HMC: Rx contexts overlap Tx contexts");
	at = translate(x, tx ? OBJ_TX : OBJ_RX, base + (u64)q * size);
	return at != 0 && nicsim_dma_read(x->dev, at, ctx, size);
}

u64 xl710_bits(const u8 *ctx, u32 lsb, u32 width)
{
	u64 v = 0;

	for (u32 i = 0; i < width; i++) {
		u32 b = lsb + i;

		v |= (u64)(ctx[b / 8] >> (b % 8) & 1) << i;
	}
	return v;
}
