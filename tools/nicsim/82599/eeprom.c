// SPDX-License-Identifier: MIT
/*
 * NVM of the 82599 model: an image of 4096 words (data sheet 6), read word by word through EERD,
 * with the checksum of 6.4.7.1 (words 00h-3Eh and the sections that 03h-0Eh point to; with word 3Fh
 * the sum is BABAh). Writes of any kind are driver errors: PIX never writes a NIC's NVM.
 */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum {
	EEC_REQ = 1 << 6,
	EEC_GNT = 1 << 7,
	EEC_PRES = 1 << 8,
	EEC_ARD = 1 << 9,
	EERD_START = 1,
	EERD_DONE = 2,
	EERD_NS = 10000,
	SUM = 0xbaba,
	/* where the sections of the image lie */
	SECTION_PCIE = 0x80,
	SECTION_CORE = 0x100,
	SECTION_MAC = 0x140,
	SECTION_FW = 0x180,
	SECTION_PATCH = 0x190,
	SECTION_SFP = 0x200,
};

static void section(struct n599 *n, u32 pointer, u32 at, u32 len)
{
	n->nvm[pointer] = (u16)at;
	n->nvm[at] = (u16)len;
	for (u32 i = 1; i <= len; i++)
		if (n->nvm[at + i] == 0xffff)
			n->nvm[at + i] = 0;
}

/* 6.3.? PHY initialisation: for each kind of module a list of words for CORECTL. */
static void sfp_lists(struct n599 *n)
{
	u32 data = SECTION_SFP + 0x20;

	n->nvm[0x2b] = SECTION_SFP;
	n->nvm[SECTION_SFP] = 0x10;
	for (u32 i = 0; i < 4; i++) { /* DA core 0/1, SR/LR core 0/1: identifiers 3..6 */
		n->nvm[SECTION_SFP + 1 + 2 * i] = (u16)(3 + i);
		n->nvm[SECTION_SFP + 2 + 2 * i] = (u16)(data + 8 * i);
		n->nvm[data + 8 * i] = 3;
		n->nvm[data + 8 * i + 1] = (u16)(0x0a00 + i);
		n->nvm[data + 8 * i + 2] = (u16)(0x0b00 + i);
		n->nvm[data + 8 * i + 3] = 0xffff;
	}
	n->nvm[SECTION_SFP + 9] = 0xffff;
}

static void checksum(struct n599 *n)
{
	u16 sum = 0;

	for (u32 i = 0; i < 0x3f; i++)
		sum = (u16)(sum + n->nvm[i]);
	for (u32 i = 0x03; i < 0x0f; i++) {
		u32 at = n->nvm[i], len;

		if (at == 0xffff || !at)
			continue;
		len = n->nvm[at];
		if (len == 0xffff || !len)
			continue;
		for (u32 k = at + 1; k <= at + len && k < N599_NVM_WORDS; k++)
			sum = (u16)(sum + n->nvm[k]);
	}
	n->nvm[0x3f] = (u16)(SUM - sum);
	if (nicsim_fault(n->dev, "eeprom-checksum", NULL))
		n->nvm[0x3f] ^= 0x0101;
}

void n599_eeprom_make(struct n599 *n)
{
	const u8 *mac = n->dev->mac;

	memset(n->nvm, 0xff, sizeof(n->nvm));
	n->nvm[0x00] = 0x9d00; /* EEPROM control: signature, size */
	n->nvm[0x01] = 0x0000;
	n->nvm[0x11] = 0xffff;
	n->nvm[0x15] = 0xe663; /* PBA, old format */
	n->nvm[0x16] = 0x0003;
	n->nvm[0x18] = 0x0100; /* image version 1.00 */
	n->nvm[0x29] = 0x8000;
	n->nvm[0x2c] = 0x0001; /* device capabilities: any SFP+ module */
	n->nvm[0x2d] = 0x0001;
	n->nvm[0x2e] = 0x8000;
	n->nvm[0x38] = 0;
	section(n, 0x06, SECTION_PCIE, 0x24);
	section(n, 0x09, SECTION_CORE, 0x0a);
	section(n, 0x0b, SECTION_MAC, 0x06);
	for (u32 i = 0; i < 3; i++)
		n->nvm[SECTION_CORE + 1 + i] = (u16)(mac[2 * i] | mac[2 * i + 1] << 8);
	n->nvm[SECTION_MAC + 1] = 0x0001;
	n->nvm[0x0f] =
		SECTION_FW; /* firmware module: its patch has the version that drivers want */
	n->nvm[SECTION_FW] = 0x08;
	n->nvm[SECTION_FW + 4] = SECTION_PATCH;
	n->nvm[SECTION_PATCH + 7] = 0x0006;
	sfp_lists(n);
	checksum(n);
}

/* What hardware loads by itself after each reset (4.2, 6.1.1): station address to RAR 0. */
void n599_eeprom_load(struct n599 *n)
{
	const u16 *mac = &n->nvm[SECTION_CORE + 1];

	n599_set(n, N599_RAL, mac[0] | (u32)mac[1] << 16);
	n599_set(n, N599_RAH, mac[2] | 0x80000000u);
	/* RAR 0 belongs to pool 0 (8.2.3.7.10) */
	n599_set(n, N599_MPSAR_LO, 1);
}

N599_RD(eec)
{
	v |= EEC_PRES | EEC_ARD;
	return v & EEC_REQ ? v | EEC_GNT : v & ~(u32)EEC_GNT;
}

N599_WR(eec)
{
	/* Bit-banged SPI and flash updates would be writes; request and grant alone are fine. */
	if (raw & 0x00800000 || (raw & 0x7 && raw & EEC_REQ && (raw & 0x30) == 0x20))
		nicsim_error(n->dev, NICSIM_E_NVM, "EEC written with %08x", raw);
}

N599_WR(eerd)
{
	if ((old & EERD_START) && !(old & EERD_DONE))
		nicsim_error(n->dev, NICSIM_E_STATE, "EERD written before DONE");
	if ((raw >> 2 & 0x3fff) >= N599_NVM_WORDS)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "EERD: word %x of %x", raw >> 2 & 0x3fff,
			     N599_NVM_WORDS);
	n599_set(n, N599_EERD, raw & 0xfffd); /* DONE and the data of the last read go */
	n->eerd_done = nicsim_now(n->dev) + EERD_NS;
}

N599_RD(eerd)
{
	u32 word = v >> 2 & 0x3fff;

	if (!(v & EERD_START) || (v & EERD_DONE))
		return v;
	if (!n599_reached(n, &n->eerd_done) || nicsim_fault(n->dev, "eeprom-timeout", NULL))
		return v;
	v = (v & 0xffff) | EERD_DONE;
	v |= (u32)(word < N599_NVM_WORDS ? n->nvm[word] : 0xffff) << 16;
	n599_set(n, N599_EERD, v & ~(u32)EERD_START);
	return v;
}

N599_WR(nvm)
{
	nicsim_error(n->dev, NICSIM_E_NVM, "%s written with %08x", r->name, raw);
}

N599_WR(fla)
{
	if (raw & 0x80000002u) /* erase, write */
		n599_wr_nvm(n, r, i, raw, 0);
}
