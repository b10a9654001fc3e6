// SPDX-License-Identifier: MIT
/*
 * The NVM: shadow RAM of 64 KiB, read by GLNVM_SRCTL or by the admin queue. Nothing writes it: a
 * driver that tries is reported and refused.
 *
 * Data sheet 332464: 6 (NVM map), 3.4.4 (shadow RAM access), 7.10.10 (NVM admin commands),
 * 10.2.2.11; the sum of the words that the checksum covers is 0xbaba (6.3).
 */
#include <stdlib.h>
#include <string.h>

#include "tools/nicsim/xl710/adminq.h"

enum {
	SRDATA = 0x0b6114,
	SR_CONTROL = 0x00,
	SR_PBA_FLAGS = 0x15,
	SR_PBA_PTR = 0x16,
	SR_BOOT_CFG_PTR = 0x17,
	SR_STARTER = 0x18,
	SR_MAP_VERSION = 0x29,
	SR_IMAGE_VERSION = 0x2a,
	SR_STRUCT_VERSION = 0x2b,
	SR_EETRACK_LO = 0x2d,
	SR_EETRACK_HI = 0x2e,
	SR_VPD_PTR = 0x2f,
	SR_PCIE_ALT_PTR = 0x3e,
	SR_CHECKSUM = 0x3f,
	SR_EMP_SETTINGS_PTR = 0x48,
	AT_PBA = 0x200,
	AT_BOOT = 0x300,
	AT_EMP = 0x400,
	AT_LLDP = 0x480,
	AT_VPD = 0x800,
	AT_ALT = 0xc00,
	VPD_WORDS = 512,
	ALT_WORDS = 512,
	EMP_LLDP_PTR = 0x06,
	OEM_VERSION = 0x83,
	SUM = 0xbaba,
};
#define SR_START (1u << 30)
#define SR_DONE  (1u << 31)
#define SR_WRITE (1u << 29)

static bool covered(u32 i)
{
	return i != SR_CHECKSUM && !(i >= AT_VPD && i < AT_VPD + VPD_WORDS) &&
	       !(i >= AT_ALT && i < AT_ALT + ALT_WORDS);
}

int xl710_nvm_create(struct xl710 *x)
{
	static const char pba[] = "H58362-002";
	u16 *w = calloc(XL710_SR_WORDS, sizeof(*w));
	const char *lldp = nicsim_option(x->dev, "lldp"), *sr = nicsim_option(x->dev, "sr");
	u16 sum = 0;

	x->nvm.sr = w;
	x->nvm.size = sr != NULL && sr[0] >= '3' && sr[0] <= '6' ? (u32)(sr[0] - '0') : 6;
	if (w == NULL)
		return -1;
	w[SR_CONTROL] = 1 << 6;
	w[SR_PBA_FLAGS] = 0xfafa;
	w[SR_PBA_PTR] = AT_PBA;
	w[SR_BOOT_CFG_PTR] = AT_BOOT;
	w[SR_STARTER] = 0x9000;
	w[SR_MAP_VERSION] = 0x9000;
	w[SR_IMAGE_VERSION] = 0x9000;
	w[SR_STRUCT_VERSION] = 0x9000;
	w[SR_EETRACK_LO] = 0xc3d4;
	w[SR_EETRACK_HI] = 0x8000;
	w[SR_VPD_PTR] = AT_VPD;
	w[SR_PCIE_ALT_PTR] = AT_ALT;
	w[SR_EMP_SETTINGS_PTR] = AT_EMP;
	w[AT_PBA] = 1 + (sizeof(pba) - 1) / 2;
	for (u32 i = 0; i < (sizeof(pba) - 1) / 2; i++)
		w[AT_PBA + 1 + i] = xbe16((const u8 *)pba + i * 2);
	w[AT_BOOT + OEM_VERSION] = 0;
	/* LLDP module: length, admin status of four ports of 4 bits (3: transmit and receive). */
	w[AT_EMP] = 0x10;
	w[AT_EMP + EMP_LLDP_PTR] = AT_LLDP;
	w[AT_LLDP] = 6;
	w[AT_LLDP + 1] = lldp != NULL && strcmp(lldp, "off") == 0 ? 0 : 3;
	for (u32 i = 0; i < XL710_SR_WORDS; i++)
		if (covered(i))
			sum = (u16)(sum + w[i]);
	w[SR_CHECKSUM] = (u16)(SUM - sum);
	return 0;
}

void xl710_nvm_destroy(struct xl710 *x)
{
	free(x->nvm.sr);
}

bool xl710_nvm_lldp_on(const struct xl710 *x)
{
	return x->nvm.sr[AT_LLDP + 1] != 0;
}

void xl710_srctl_write(struct xl710 *x, u32 off, u32 v)
{
	u32 word = v >> 14 & 0x7fff;

	if ((v & SR_WRITE) != 0) {
		nicsim_error(x->dev, NICSIM_E_NVM, "shadow RAM word %04x written", word);
		XR(x, off) = SR_DONE;
		return;
	}
	if ((v & SR_START) == 0)
		return;
	if (nicsim_fault(x->dev, "nvm-error", NULL)) {
		XR(x, off) &= ~SR_DONE;
		return;
	}
	XR(x, off) = (XR(x, off) & ~SR_START) | SR_DONE;
	XR(x, SRDATA) = (XR(x, SRDATA) & 0xffff) | (u32)x->nvm.sr[word] << 16;
}

/* Bit-banging of the flash (GLNVM_FLA). */
void xl710_nvm_write_forbidden(struct xl710 *x, u32 off, u32 v)
{
	(void)off;
	nicsim_error(x->dev, NICSIM_E_NVM, "GLNVM_FLA written: %08x", v);
}

/* --- admin commands ------------------------------------------------------------------------- */

/* Offsets and lengths are in bytes; module 0 is the shadow RAM, flat. */
static int nvm_read(struct xl710 *x, struct xl710_cmd *c)
{
	u32 module = c->param[1], len = xget16(c->param + 2), at = xget32(c->param + 4);
	u64 base = (u64)at;

	if (x->nvm.owner == 0 || xl710_now(x) >= x->nvm.owner_until) {
		nicsim_error(x->dev, NICSIM_E_COMMAND, "NVM read without owning the resource");
		return AQ_EPERM;
	}
	if (len == 0 || len > c->len) {
		nicsim_error(x->dev, NICSIM_E_COMMAND, "NVM read of %u bytes into %u", len, c->len);
		return AQ_EINVAL;
	}
	if (module != 0)
		base += (u64)(x->nvm.sr[module & 0x7f] & 0x7fff) * 2;
	if (base / 4096 != (base + len - 1) / 4096) /* a sector of 4 KiB at most (7.10.10.2.1) */
		return AQ_EINVAL;
	if (base + len > XL710_SR_WORDS * 2)
		return AQ_EINVAL;
	for (u32 i = 0; i < len; i++)
		c->buf[i] = (u8)(x->nvm.sr[(base + i) / 2] >> ((base + i) % 2 * 8));
	c->reply = (u16)len;
	return AQ_OK;
}

static int nvm_change(struct xl710 *x, struct xl710_cmd *c)
{
	nicsim_error(x->dev, NICSIM_E_NVM, "admin command %04x changes the NVM", c->opcode);
	return AQ_EPERM;
}

/* Features by identifier: this NVM has none. */
static int nvm_config_read(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	(void)c;
	return AQ_ENOENT;
}

const struct xl710_handler xl710_aq_nvm[] = {
	{ 0x0701, AQ_BUF, 1, "NVM Read", nvm_read },
	{ 0x0702, AQ_MAYBE, 0, "NVM Erase", nvm_change },
	{ 0x0703, AQ_MAYBE, 0, "NVM Update", nvm_change },
	{ 0x0704, AQ_BUF, 0, "NVM Config Read", nvm_config_read },
	{ 0x0705, AQ_MAYBE, 0, "NVM Config Write", nvm_change },
	{ .name = NULL },
};
