// SPDX-License-Identifier: MIT
/* The EEPROM of the 82576 (6), read by EERD (8.4.2) or bit by bit, and who may: SWSM, SW_FW_SYNC.
 */
#include "tools/nicsim/82576/n576.h"

enum {
	EECD_REQ = 1 << 6,
	EECD_GNT = 1 << 7,
	EECD_PRES = 1 << 8,
	EECD_AUTO_RD = 1 << 9,
	EECD_SIZE = 6 << 11, /* 4096 words */
	EERD_START = 1,
	EERD_DONE = 2,
	SWSM_SMBI = 1,
	SWSM_SWESMBI = 2,
	FWSM_VALID = 1 << 15,
	EEMNGCTL_CFG_DONE = 1 << 18,
	CHECKSUM = 0x3f,
	SUM = 0xbaba,
};

void n576_eeprom_make(struct n576 *n)
{
	const u8 *mac = n->dev->mac;
	u16 sum = 0;

	for (u32 i = 0; i < N576_NVM_WORDS; i++)
		n->nvm[i] = 0xffff;
	for (u32 i = 0; i < 3; i++)
		n->nvm[i] = (u16)(mac[2 * i] | mac[2 * i + 1] << 8);
	n->nvm[0x03] = 0x0c31; /* compatibility */
	n->nvm[0x05] = 0x10f1; /* image version */
	n->nvm[0x08] = 0x1020; /* PBA */
	n->nvm[0x09] = 0x30ff;
	n->nvm[0x0a] = 0x64ff; /* initialization control 1: SLU is in word 0fh */
	n->nvm[0x0b] = 0xa03c; /* subsystem id */
	n->nvm[0x0c] = 0x8086;
	n->nvm[0x0d] = 0x10c9; /* device id */
	n->nvm[0x0e] = 0x8086;
	n->nvm[0x0f] = 0x3ff6; /* initialization control 2 */
	n->nvm[0x24] = 0x7e94; /* initialization control 3 */
	for (u32 i = 0; i < CHECKSUM; i++)
		sum = (u16)(sum + n->nvm[i]);
	n->nvm[CHECKSUM] = (u16)(SUM - sum);
}

void n576_eeprom_load(struct n576 *n)
{
	if (nicsim_fault(n->dev, "eeprom-checksum", NULL))
		n->nvm[CHECKSUM] ^= 0x0101;
	n576_set(n, N576_RA, n->nvm[0] | (u32)n->nvm[1] << 16);
	n576_set(n, N576_RA + 4, n->nvm[2] | 0x80000000u);
}

static u32 read_eerd(struct n576 *n, u32 v)
{
	u32 word = v >> 2 & 0x3fff;

	if (!(v & EERD_START) || v & EERD_DONE)
		return v;
	if (!n576_reached(n, n->eerd_at, &n->eerd_polls) ||
	    nicsim_fault(n->dev, "eeprom-timeout", NULL))
		return v;
	v = (v & 0xfffc) | EERD_DONE;
	v |= (u32)(word < N576_NVM_WORDS ? n->nvm[word] : 0xffff) << 16;
	n576_set(n, N576_EERD, v);
	return v;
}

u32 n576_eeprom_read(struct n576 *n, u32 off, u32 v)
{
	switch (off) {
	case N576_EERD:
		return read_eerd(n, v);
	case N576_EECD:
		v |= EECD_PRES | EECD_SIZE | (n->reset_busy ? 0 : EECD_AUTO_RD);
		return v & EECD_REQ ? v | EECD_GNT : v & ~(u32)EECD_GNT;
	case N576_SWSM:
		/* 8.16.1: whoever reads SMBI as 0 has it */
		n576_set(n, off, v | SWSM_SMBI);
		return nicsim_fault(n->dev, "semaphore-stuck", NULL) ? v | SWSM_SMBI : v;
	case N576_FWSM:
		return FWSM_VALID;
	case N576_EEMNGCTL:
		return v | EEMNGCTL_CFG_DONE;
	default:
		return v;
	}
}

void n576_eeprom_write(struct n576 *n, u32 off, u32 v)
{
	switch (off) {
	case N576_EERD:
		n576_set(n, off, v & 0xfffd);
		n->eerd_at = nicsim_now(n->dev) + N576_HANDSHAKE_NS;
		n->eerd_polls = 0;
		break;
	case N576_EEWR:
		nicsim_error(n->dev, NICSIM_E_NVM, "EEWR %08x", v);
		break;
	case N576_FWSM:
		break; /* the firmware's */
	case N576_SW_FW_SYNC:
		if (!(n576_get(n, N576_SWSM) & SWSM_SWESMBI))
			nicsim_error(n->dev, NICSIM_E_STATE, "SW_FW_SYNC %08x without SWSM.SWESMBI",
				     v);
		n576_set(n, off, v);
		break;
	default:
		n576_set(n, off, v);
		break;
	}
}
