// SPDX-License-Identifier: MIT
/* Which frames the port takes (data sheet 7.1.1: station addresses, multicast table, promiscuous
 * modes, VLAN table; 7.10.3 with pools), and which queue a filter by EtherType, TCP SYN or 5-tuple
 * gives (7.1.2.3..7.1.2.5). */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum {
	FCTRL_MPE = 1 << 8,
	FCTRL_UPE = 1 << 9,
	FCTRL_BAM = 1 << 10,
	MCSTCTRL_MFE = 1 << 2,
	VLNCTRL_CFI = 1 << 28,
	VLNCTRL_CFIEN = 1 << 29,
	VLNCTRL_VFE = 1 << 30,
	VT_ENABLE = 1,
	VT_REPLEN = 1 << 30,
	VT_DIS_DEFPL = 1 << 29,
	VMOLR_UPE = 1 << 22,
	VMOLR_VPE = 1 << 23,
	VMOLR_AUPE = 1 << 24,
	VMOLR_ROMPE = 1 << 25,
	VMOLR_ROPE = 1 << 26,
	VMOLR_BAM = 1 << 27,
	VMOLR_MPE = 1 << 28,
};

static u64 pools_of_rar(const struct n599 *n, u32 i)
{
	return n599_get(n, N599_MPSAR_LO + 8 * i) | (u64)n599_get(n, N599_MPSAR_HI + 8 * i) << 32;
}

/* Station addresses; *pools collects those of all that match. */
static bool exact_match(const struct n599 *n, const u8 *da, u64 *pools)
{
	u32 lo, hi;
	u16 h;
	bool hit = false;

	memcpy(&lo, da, 4);
	memcpy(&h, da + 4, 2);
	hi = h | 0x80000000u;
	for (u32 i = 0; i < N599_RARS; i++)
		if (n599_get(n, N599_RAH + 8 * i) == hi && n599_get(n, N599_RAL + 8 * i) == lo) {
			*pools |= pools_of_rar(n, i);
			hit = true;
			if (!(n599_get(n, N599_VT_CTL) & VT_ENABLE))
				break;
		}
	return hit;
}

/* 12 bits of the address, by MCSTCTRL.MO: 47:36, 46:35, 45:34 or 43:32 (8.2.3.7.4). */
static bool table_match(const struct n599 *n, const u8 *da, u32 table)
{
	static const u8 shift[4] = { 4, 3, 2, 0 };
	u32 v = ((u32)da[5] << 8 | da[4]) >> shift[n599_get(n, N599_MCSTCTRL) & 3] & 0xfff;

	return n599_get(n, table + (v >> 5) * 4) >> (v & 31) & 1;
}

bool n599_filter_own(struct n599 *n, const u8 *mac, u64 *pools)
{
	return exact_match(n, mac, pools);
}

static u64 pools_with(const struct n599 *n, u32 bit)
{
	u64 pools = 0;

	for (u32 i = 0; i < N599_POOLS; i++)
		if (n599_get(n, N599_VMOLR + 4 * i) & bit)
			pools |= 1ull << i;
	return pools;
}

static u64 vfre(const struct n599 *n)
{
	return n599_get(n, N599_VFRE) | (u64)n599_get(n, N599_VFRE + 4) << 32;
}

/* 7.10.3.3, 7.10.3.4: pools of a frame by its address. */
static u64 pools_l2(struct n599 *n, const u8 *da, u64 pools, bool hit)
{
	u32 vt = n599_get(n, N599_VT_CTL);
	bool group = da[0] & 1;

	if (group && nicsim_broadcast(da)) {
		pools |= pools_with(n, VMOLR_BAM);
	} else if (group) {
		if (table_match(n, da, N599_MTA) && (n599_get(n, N599_MCSTCTRL) & MCSTCTRL_MFE))
			pools |= pools_with(n, VMOLR_ROMPE);
		pools |= pools_with(n, VMOLR_MPE);
	} else {
		if (table_match(n, da, N599_PFUTA))
			pools |= pools_with(n, VMOLR_ROPE);
		pools |= pools_with(n, VMOLR_UPE);
		if (!pools && !hit && !(vt & VT_DIS_DEFPL))
			pools = 1ull << (vt >> 7 & 63);
	}
	if (!(vt & VT_REPLEN) && pools)
		pools &= -pools; /* the lowest one only */
	return pools;
}

/* 7.1.1.1. With virtualisation the frame goes to *pools; none is a drop. */
bool n599_filter_l2(struct n599 *n, const struct n599_pkt *p, bool *exact, u64 *pools)
{
	u32 fctrl = n599_get(n, N599_FCTRL);
	const u8 *da = p->data;
	bool pass;

	*pools = 0;
	*exact = exact_match(n, da, pools);
	if (*exact)
		pass = true;
	else if (!(da[0] & 1))
		pass = fctrl & FCTRL_UPE ||
		       (n599_get(n, N599_VT_CTL) & VT_ENABLE && table_match(n, da, N599_PFUTA));
	else if (nicsim_broadcast(da))
		pass = *exact = fctrl & FCTRL_BAM;
	else
		pass = fctrl & FCTRL_MPE || ((n599_get(n, N599_MCSTCTRL) & MCSTCTRL_MFE) &&
					     table_match(n, da, N599_MTA));
	if (pass && (n599_get(n, N599_VT_CTL) & VT_ENABLE)) {
		*pools = pools_l2(n, da, *pools, *exact) & vfre(n);
		pass = *pools != 0;
	}
	return pass;
}

static u64 pools_vlan(const struct n599 *n, u32 vid)
{
	for (u32 i = 0; i < 64; i++)
		if (n599_get(n, N599_VLVF + 4 * i) == (0x80000000u | vid))
			return n599_get(n, N599_VLVFB + 8 * i) |
			       (u64)n599_get(n, N599_VLVFB + 8 * i + 4) << 32;
	return 0;
}

/* 7.1.1.2, 7.10.3.2: VLAN table, CFI, then the pools' own VLANs. */
bool n599_filter_vlan(struct n599 *n, const struct n599_pkt *p, u64 *pools)
{
	u32 ctrl = n599_get(n, N599_VLNCTRL), vid = p->tci & 0xfff;

	if (p->tagged && (ctrl & VLNCTRL_VFE)) {
		if (!(n599_get(n, N599_VFTA + (vid >> 5) * 4) >> (vid & 31) & 1))
			return false;
		if ((ctrl & VLNCTRL_CFIEN) && !(p->tci & 0x1000) != !(ctrl & VLNCTRL_CFI))
			return false;
	}
	if (!(n599_get(n, N599_VT_CTL) & VT_ENABLE))
		return true;
	if (p->tagged) {
		if (ctrl & VLNCTRL_VFE)
			*pools &= pools_vlan(n, vid) | pools_with(n, VMOLR_VPE);
	} else {
		*pools &= pools_with(n, VMOLR_AUPE);
	}
	return *pools != 0;
}

/* --- queue filters -----------------------------------------------------------------------------
 */

void n599_filter_update(struct n599 *n)
{
	n->five_tuple = n->etype = false;
	for (u32 i = 0; i < 128; i++)
		n->five_tuple |= n599_get(n, N599_FTQF + 4 * i) >> 31;
	n->five_tuple |= n599_get(n, N599_SYNQF) & 1;
	for (u32 i = 0; i < 8; i++)
		n->etype |= n599_get(n, N599_ETQF + 4 * i) >> 31;
}

N599_WR(filter)
{
	n599_filter_update(n);
}

static int by_ethertype(struct n599 *n, const struct n599_pkt *p, struct n599_rxinfo *info)
{
	for (u32 i = 0; i < 8; i++) {
		u32 f = n599_get(n, N599_ETQF + 4 * i), s = n599_get(n, N599_ETQS + 4 * i);

		if (!(f >> 31) || (f & 0xffff) != p->ethertype || p->snap)
			continue;
		info->type = (u16)(0x800 | i); /* packet type: EtherType filter i */
		info->immediate |= s >> 29 & 1;
		return s >> 31 ? (int)(s >> 16 & 127) : -2;
	}
	return -1;
}

/* Fields of a 5-tuple filter; a set mask bit leaves the field out (8.2.3.7.19). */
static bool tuple_match(const struct n599 *n, u32 i, u32 f, const struct n599_pkt *p)
{
	const u8 *h = p->data + p->l3;
	u32 mask = f >> 25 & 31, sa, da, ports, want;
	u32 proto = p->tcp ? 0 : p->udp ? 1 : p->sctp ? 2 : 3;

	memcpy(&sa, h + 12, 4);
	memcpy(&da, h + 16, 4);
	if (!(mask & 1) && n599_get(n, N599_SAQF + 4 * i) != sa)
		return false;
	if (!(mask & 2) && n599_get(n, N599_DAQF + 4 * i) != da)
		return false;
	if ((mask & 12) != 12) {
		if (!p->l4)
			return false;
		memcpy(&ports, p->data + p->l4, 4);
		want = n599_get(n, N599_SDPQF + 4 * i);
		if (!(mask & 4) && (ports & 0xffff) != (want & 0xffff))
			return false;
		if (!(mask & 8) && ports >> 16 != want >> 16)
			return false;
	}
	return (mask & 16) || (f & 3) == proto;
}

static int by_tuple(struct n599 *n, const struct n599_pkt *p, struct n599_rxinfo *info)
{
	int best = -1;
	u32 best_prio = 0;

	if (!p->ip4 || p->fragment)
		return -1;
	for (u32 i = 0; i < 128; i++) {
		u32 f = n599_get(n, N599_FTQF + 4 * i);

		if (!(f >> 31) || !tuple_match(n, i, f, p))
			continue;
		if (best < 0 || (f >> 2 & 7) > best_prio) {
			best = (int)i;
			best_prio = f >> 2 & 7;
		}
	}
	if (best < 0)
		return -1;
	info->immediate |= n599_get(n, N599_L34T_IMIR + 4 * (u32)best) >> 20 & 1;
	return (int)(n599_get(n, N599_L34T_IMIR + 4 * (u32)best) >> 21 & 127);
}

static int by_syn(struct n599 *n, const struct n599_pkt *p)
{
	u32 f = n599_get(n, N599_SYNQF);
	u8 flags;

	if (!(f & 1) || !p->tcp)
		return -1;
	flags = p->data[p->l4 + 13];
	return (flags & 0x12) == 2 ? (int)(f >> 1 & 127) : -1;
}

int n599_filter_queue(struct n599 *n, const struct n599_pkt *p, struct n599_rxinfo *info)
{
	int q = -1;

	if (n->etype) {
		q = by_ethertype(n, p, info);
		if (q != -1)
			return q == -2 ? -1 : q;
	}
	if (!n->five_tuple)
		return -1;
	if (n599_get(n, N599_SYNQF) >> 31) { /* SYNQFP: SYN filter first */
		q = by_syn(n, p);
		return q >= 0 ? q : by_tuple(n, p, info);
	}
	q = by_tuple(n, p, info);
	return q >= 0 ? q : by_syn(n, p);
}
