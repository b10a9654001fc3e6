// SPDX-License-Identifier: MIT
/* A frame's way from a ring to the wire: checksums, VLAN tag (from the descriptor, or a pool's
 * own), padding, TCP and UDP segmentation (data sheet 7.2.4), counters, loop-back and the switch
 * between pools (7.10.3.5). */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum {
	HLREG0_TXPADEN = 1 << 10,
	HLREG0_LPBK = 1 << 15,
	TUCMD_IPV4 = 1 << 1,
	TUCMD_L4T = 3 << 2,
	VT_ENABLE = 1,
	LBEN = 1,
	SPOOF_MAC = 1,
};

static void out(struct n599 *n, u32 q, u8 *frame, u32 len)
{
	u32 pool = n599_get(n, N599_VT_CTL) & VT_ENABLE ? q >> n599_pool_shift(n) : ~0u;

	n599_stats_tx(n, q, frame, len + 4);
	if (n599_get(n, N599_HLREG0) & HLREG0_LPBK) {
		n599_rx_mac(n, frame, len, true, ~0u);
		return;
	}
	if (pool != ~0u) {
		n->pool[pool & 63].gptc++;
		n->pool[pool & 63].gotc += len + 4;
		if ((n599_get(n, N599_PFDTXGSWC) & LBEN) && n599_tx_switch(n, frame, len, pool))
			return;
	}
	nicsim_send(n->dev, frame, len);
}

/* Insert the tag, pad, send. `frame` has room for 4 bytes more and for padding. */
void n599_tx_out(struct n599 *n, u32 q, u8 *frame, u32 len, bool vle, u16 vlan)
{
	if (vle) {
		u16 type = (u16)(n599_get(n, N599_DMATXCTL) >> 16);

		memmove(frame + 16, frame + 12, len - 12);
		frame[12] = (u8)(type >> 8);
		frame[13] = (u8)type;
		frame[14] = (u8)(vlan >> 8);
		frame[15] = (u8)vlan;
		len += 4;
	}
	if (len < 60) {
		if (!(n599_get(n, N599_HLREG0) & HLREG0_TXPADEN))
			nicsim_error(n->dev, NICSIM_E_DESC,
				     "frame of %u bytes, HLREG0.TXPADEN is clear", len);
		memset(frame + len, 0, 60 - len);
		len = 60;
	}
	out(n, q, frame, len);
}

/* With pools: a pool's own tag (VMVIR), its right to send (VFTE) and its address (PFVFSPOOF). */
static bool pool_rules(struct n599 *n, u32 q, const u8 *frame, bool *vle, u16 *vlan)
{
	u32 pool = (q >> n599_pool_shift(n)) & 63, vmvir = n599_get(n, N599_VMVIR + 4 * pool);

	if (!(n599_get(n, N599_VFTE + 4 * (pool / 32)) >> (pool & 31) & 1))
		return false;
	if (n599_get(n, N599_PFVFSPOOF + 4 * (pool / 8)) >> (pool & 7) & SPOOF_MAC) {
		u64 pools = 0;

		if (!n599_filter_own(n, frame + 6, &pools) || !(pools >> pool & 1)) {
			n599_count(n, N599_SSVPC, 1);
			return false;
		}
	}
	if (vmvir >> 30 == 1) {
		*vle = true;
		*vlan = (u16)vmvir;
	} else if (vmvir >> 30 == 2) {
		*vle = false;
	}
	return true;
}

u32 n599_tx_frame(struct n599 *n, u32 q, u8 *frame, u32 len, const struct n599_txinfo *t)
{
	bool vle = t->vle;
	u16 vlan = t->vlan;

	if (len < 14)
		return 0;
	n599_tx_offload(n, frame, len, t);
	if ((n599_get(n, N599_VT_CTL) & VT_ENABLE) && !pool_rules(n, q, frame, &vle, &vlan))
		return 0;
	n599_tx_out(n, q, frame, len, vle, vlan);
	return 1;
}

/* --- segmentation -------------------------------------------------------------------------------
 */

struct tso {
	u32 header, payload, mss, ip, l4;
	bool ip4, tcp;
	u32 seq, id;
};

static bool tso_ok(struct n599 *n, u32 q, u32 len, const struct n599_txinfo *t, struct tso *s)
{
	u32 l4t = (t->c.tucmd & TUCMD_L4T) >> 2;

	s->ip = t->c.maclen;
	s->l4 = s->ip + t->c.iplen;
	s->header = s->l4 + t->c.l4len;
	s->mss = t->c.mss;
	s->ip4 = t->c.tucmd & TUCMD_IPV4;
	s->tcp = l4t == 1;
	if (!t->ctx || l4t > 1 || !s->mss || t->c.maclen < 14 || t->c.iplen < (s->ip4 ? 20 : 40) ||
	    t->c.l4len < (s->tcp ? 20 : 8) || s->header >= len || s->header > 256) {
		nicsim_error(n->dev, NICSIM_E_DESC,
			     "TSO on ring %u: MACLEN %u IPLEN %u L4LEN %u MSS %u of %u bytes", q,
			     t->c.maclen, t->c.iplen, t->c.l4len, t->c.mss, len);
		return false;
	}
	if (!t->txsm || (s->ip4 && !t->ixsm)) {
		nicsim_error(n->dev, NICSIM_E_DESC, "TSO on ring %u without TXSM%s", q,
			     s->ip4 ? " and IXSM" : "");
		return false;
	}
	s->payload = len - s->header;
	return true;
}

/* 7.2.4.7: header of segment k, whose data lie behind it. */
static void segment(struct n599 *n, u8 *f, const struct tso *s, u32 k, u32 part, bool last)
{
	u8 *ip = f + s->ip, *l4 = f + s->l4;
	u32 l4len = s->header - s->l4 + part, sum;
	u32 at = s->tcp ? 16 : 6;

	if (s->ip4) {
		nicsim_put16(ip + 2, s->header - s->ip + part);
		nicsim_put16(ip + 4, s->id + k);
		nicsim_put16(ip + 10, 0);
		nicsim_put16(ip + 10, (u16)~nicsim_checksum(ip, s->l4 - s->ip, 0));
	} else {
		nicsim_put16(ip + 4, s->header - s->ip - 40 + part);
	}
	if (s->tcp) {
		u32 flags = nicsim_get16(l4 + 12), mask;

		nicsim_put32(l4 + 4, s->seq + k * s->mss);
		mask = last ? n599_get(n, N599_DTXTCPFLGH)
		       : k  ? n599_get(n, N599_DTXTCPFLGL) >> 16
			    : n599_get(n, N599_DTXTCPFLGL);
		nicsim_put16(l4 + 12, flags & (0xf000 | (mask & 0xfff)));
	} else {
		nicsim_put16(l4 + 4, l4len);
	}
	/* The driver's pseudo header sum leaves the length out; it stands in the field. */
	sum = nicsim_get16(l4 + at) + l4len;
	nicsim_put16(l4 + at, 0);
	sum = (u16)~nicsim_checksum(l4, l4len, sum);
	nicsim_put16(l4 + at, !s->tcp && !sum ? 0xffff : sum);
}

u32 n599_tso(struct n599 *n, u32 q, u8 *frame, u32 len, const struct n599_txinfo *t)
{
	u8 *out_frame = n->segment;
	struct tso s;
	bool vle = t->vle;
	u16 vlan = t->vlan;
	u32 k = 0;

	if (!tso_ok(n, q, len, t, &s))
		return 0;
	if ((n599_get(n, N599_VT_CTL) & VT_ENABLE) && !pool_rules(n, q, frame, &vle, &vlan))
		return 0;
	if (s.header + s.mss > N599_MAX_FRAME) {
		nicsim_error(n->dev, NICSIM_E_DESC, "TSO on ring %u: segments of %u bytes", q,
			     s.header + s.mss);
		return 0;
	}
	s.seq = nicsim_get16(frame + s.l4 + 4) << 16 | nicsim_get16(frame + s.l4 + 6);
	s.id = nicsim_get16(frame + s.ip + 4);
	for (u32 done = 0; done < s.payload; k++) {
		u32 part = MIN(s.mss, s.payload - done);

		memcpy(out_frame, frame, s.header);
		memcpy(out_frame + s.header, frame + s.header + done, part);
		done += part;
		segment(n, out_frame, &s, k, part, done == s.payload);
		n599_tx_out(n, q, out_frame, s.header + part, vle, vlan);
	}
	return k;
}
