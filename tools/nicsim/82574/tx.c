// SPDX-License-Identifier: MIT
/* Transmission from two rings of legacy descriptors (data sheet 7.2.10.1, 7.2.1). */
#include <string.h>

#include "tools/nicsim/82574/n574.h"

enum {
	EN = 1 << 1, /* TCTL */
	PSP = 1 << 3,
	ENABLE = 1 << 10, /* TARC */
	COUNT_DESC = 1 << 22,
	MASTER_DISABLE = 1 << 2,
	C_EOP = 1,
	C_IFCS = 2,
	C_RS = 8,
	C_DEXT = 32,
	BURST = 64,
};

static void out(struct n574 *n, u8 *frame, u32 len, u32 cmd)
{
	if (len < 14 || !(cmd & C_IFCS)) {
		nicsim_error(n->dev, NICSIM_E_DESC, "frame of %u bytes, command %02x", len, cmd);
		return;
	}
	if (len < 60 && *n574_reg(n, N574_TCTL) & PSP) {
		memset(frame + len, 0, 60 - len);
		len = 60;
	}
	nicsim_mac_tx(n->reg, frame, len);
	nicsim_send(n->dev, frame, len);
}

/* One descriptor; false: stop here. */
static bool fetch(struct n574 *n, u32 q)
{
	u64 at = n574_head(n, N574_RING_TX, q), from;
	u8 d[N574_DESC];
	u32 len, cmd, upper;

	if (!at || !nicsim_dma_read(n->dev, at, d, sizeof(d)))
		return false;
	memcpy(&from, d, 8);
	len = (u32)d[8] | (u32)d[9] << 8;
	cmd = d[11];
	if (cmd & C_DEXT || n->frame_len[q] + len > NICSIM_FRAME_MAX) {
		nicsim_error(n->dev, NICSIM_E_DESC, "transmit command %02x, %u bytes", cmd, len);
		return false;
	}
	if (!nicsim_dma_read(n->dev, from, n->frame[q] + n->frame_len[q], len))
		return false;
	n->frame_len[q] += len;
	if (cmd & C_EOP) {
		out(n, n->frame[q], n->frame_len[q], cmd);
		n->frame_len[q] = 0;
	}
	n574_advance(n, N574_RING_TX, q);
	if (cmd & C_RS && !nicsim_fault(n->dev, "tx-no-dd", NULL)) {
		memcpy(&upper, d + 12, 4);
		upper |= 1;
		nicsim_dma_write_back(n->dev, at + 12, &upper, 4);
		n574_cause(n, nicsim_msix_on(n->dev) ? (u32)N574_TXQ << q : N574_TXDW);
	}
	return true;
}

static bool waits(struct n574 *n, u32 q)
{
	return *n574_ring(n, N574_RING_TX, q, N574_HEAD) !=
	       *n574_ring(n, N574_RING_TX, q, N574_TAIL);
}

bool n574_tx(struct n574 *n)
{
	bool more = false;

	if (!(*n574_reg(n, N574_TCTL) & EN) || !n->link ||
	    *n574_reg(n, N574_CTRL) & MASTER_DISABLE || nicsim_fault(n->dev, "tx-hang", NULL))
		return false;
	for (u32 q = 0; q < N574_QUEUES; q++) {
		if (!(*n574_reg(n, N574_TARC + 0x100 * q) & ENABLE))
			continue;
		if (waits(n, q) &&
		    !(*n574_ring(n, N574_RING_TX, q, 0x28) & COUNT_DESC)) /* 10.2.6.8 */
			nicsim_error(n->dev, NICSIM_E_STATE, "TXDCTL%u.22 is clear", q);
		for (u32 i = 0; i < BURST && waits(n, q); i++)
			if (!fetch(n, q))
				break;
		more |= waits(n, q);
	}
	return more;
}
