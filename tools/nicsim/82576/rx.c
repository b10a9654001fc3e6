// SPDX-License-Identifier: MIT
/*
 * The receive path of the 82576 up to a queue: MAC checks, filters (7.1.1), VLAN (7.4), RSS
 * (7.1.2.8) and checksums (7.1.9) as the write-back reports them, and the FIFO of a frame without a
 * descriptor.
 */
#include "tools/nicsim/82576/n576.h"

#include <string.h>

enum {
	TYPE_VLAN = 0x8100,
	TYPE_CONTROL = 0x8808,
	TYPE_IP4 = 0x0800,
	TYPE_IP6 = 0x86dd,
	PROTO_TCP = 6,
	PROTO_UDP = 17,
	/* write-back, 7.1.5.2 */
	S_VP = 1 << 3,
	S_UDPCS = 1 << 4,
	S_L4I = 1 << 5,
	S_IPCS = 1 << 6,
	S_PIF = 1 << 7,
	E_L4E = 1 << 29,
	E_IPE = 1 << 30,
	P_IP4 = 1 << 4,
	P_IP6 = 1 << 6,
	P_TCP = 1 << 8,
	P_UDP = 1 << 9,
	RXCSUM_IPOFL = 1 << 8,
	RXCSUM_TUOFL = 1 << 9,
	RXCSUM_PCSD = 1 << 13,
};

/* What a frame is, as far as filters, hash and checksums look. */
struct parsed {
	u32 type, l3, l4, l3_end; /* offsets; 0: none */
	u8 proto;
	bool ip4, ip6, fragment, tagged;
	u16 tci;
};

static void parse(struct n576 *n, const u8 *f, u32 len, struct parsed *p)
{
	u32 at = 12;

	memset(p, 0, sizeof(*p));
	p->type = nicsim_get16(f + at);
	if (p->type == (n576_get(n, N576_VET) & 0xffff) && len >= 18) {
		p->tagged = true;
		p->tci = (u16)nicsim_get16(f + 14);
		at += 4;
		p->type = nicsim_get16(f + at);
	}
	at += 2;
	if (p->type == TYPE_IP4 && at + 20 <= len && f[at] >> 4 == 4) {
		u32 head = (f[at] & 15u) * 4, total = nicsim_get16(f + at + 2);

		if (head < 20 || total < head || at + total > len)
			return;
		p->ip4 = true;
		p->l3 = at;
		p->l3_end = at + total;
		p->proto = f[at + 9];
		p->fragment = nicsim_get16(f + at + 6) & 0x3fff;
		p->l4 = at + head;
	} else if (p->type == TYPE_IP6 && at + 40 <= len && f[at] >> 4 == 6) {
		if (at + 40 + nicsim_get16(f + at + 4) > len)
			return;
		p->ip6 = true;
		p->l3 = at;
		p->l3_end = at + 40 + nicsim_get16(f + at + 4);
		p->proto = f[at + 6];
		p->l4 = at + 40;
	}
	if (p->l4 + (p->proto == PROTO_TCP ? 20u : 8u) > p->l3_end || p->fragment)
		p->l4 = 0;
}

/* --- filters --------------------------------------------------------------------------------- */

static bool exact(const struct n576 *n, const u8 *f)
{
	u32 low = (u32)f[0] | (u32)f[1] << 8 | (u32)f[2] << 16 | (u32)f[3] << 24;
	u32 high = (u32)f[4] | (u32)f[5] << 8;

	for (u32 i = 0; i < 24; i++) {
		u32 off = i < 16 ? N576_RA + 8 * i : N576_RA2 + 8 * (i - 16);

		if (n576_get(n, off + 4) >> 31 && n576_get(n, off) == low &&
		    (n576_get(n, off + 4) & 0xffff) == high)
			return true;
	}
	return false;
}

static bool in_mta(const struct n576 *n, const u8 *f)
{
	static const u32 shift[] = { 4, 3, 2, 0 };
	u32 bits = ((u32)f[4] | (u32)f[5] << 8) >> shift[n576_get(n, N576_RCTL) >> 12 & 3] & 0xfff;

	return n576_get(n, N576_MTA + 4 * (bits >> 5)) >> (bits & 31) & 1;
}

static bool accepted(const struct n576 *n, const u8 *f, bool *by_address)
{
	u32 rctl = n576_get(n, N576_RCTL);

	*by_address = exact(n, f);
	if (*by_address)
		return true;
	if (nicsim_broadcast(f))
		return rctl & (RCTL_BAM | RCTL_MPE);
	if (f[0] & 1)
		return rctl & RCTL_MPE || in_mta(n, f);
	return rctl & RCTL_UPE;
}

static bool vlan_accepted(const struct n576 *n, const struct parsed *p)
{
	u32 id = p->tci & 0xfff;

	return !(n576_get(n, N576_RCTL) & RCTL_VFE) || !p->tagged ||
	       (n576_get(n, N576_VFTA + 4 * (id >> 5)) >> (id & 31) & 1);
}

/* --- hash ------------------------------------------------------------------------------------ */

static u32 toeplitz(const struct n576 *n, const u8 *in, u32 len)
{
	u8 key[40];

	for (u32 i = 0; i < 40; i++) /* 8.10.14: byte 0 is the low one of the first register */
		key[i] = (u8)(n576_get(n, N576_RSSRK + (i & ~3u)) >> 8 * (i & 3));
	return nicsim_toeplitz(key, in, len);
}

/* The hash by the functions that MRQC has on, 7.1.2.8.1; *type: which one, 0: none. */
static u32 rss(const struct n576 *n, const u8 *f, const struct parsed *p, u32 *type)
{
	u32 mrqc = n576_get(n, N576_MRQC), ports = 0, addr = p->ip4 ? 8 : 32;
	bool tcp = p->l4 && p->proto == PROTO_TCP, udp = p->l4 && p->proto == PROTO_UDP;
	u8 in[36];

	*type = 0;
	if ((mrqc & 7) != 2 || !(p->ip4 || p->ip6))
		return 0;
	if (tcp && mrqc >> (p->ip4 ? 16 : 21) & 1)
		*type = p->ip4 ? 1 : 3, ports = 4;
	else if (udp && mrqc >> (p->ip4 ? 22 : 23) & 1)
		*type = p->ip4 ? 7 : 8, ports = 4;
	else if (mrqc >> (p->ip4 ? 17 : 20) & 1)
		*type = p->ip4 ? 2 : 5;
	else
		return 0;
	memcpy(in, f + p->l3 + (p->ip4 ? 12 : 8), addr);
	if (ports)
		memcpy(in + addr, f + p->l4, 4);
	return toeplitz(n, in, addr + ports);
}

/* --- checksums ------------------------------------------------------------------------------- */

static u32 checks(struct n576 *n, const u8 *f, const struct parsed *p)
{
	u32 rxcsum = n576_get(n, N576_RXCSUM), status = 0, s;

	if (p->ip4 && rxcsum & RXCSUM_IPOFL) {
		status |= S_IPCS;
		if (nicsim_checksum(f + p->l3, (f[p->l3] & 15u) * 4, 0) != 0xffff)
			status |= E_IPE;
	}
	if (!p->l4 || !(rxcsum & RXCSUM_TUOFL) || (p->proto != PROTO_TCP && p->proto != PROTO_UDP))
		return status;
	if (p->proto == PROTO_UDP && !nicsim_get16(f + p->l4 + 6))
		return status;
	s = nicsim_checksum(f + p->l3 + (p->ip4 ? 12 : 8), p->ip4 ? 8 : 32,
			    p->proto + p->l3_end - p->l4);
	status |= S_L4I | (p->proto == PROTO_UDP ? S_UDPCS : 0);
	if (nicsim_checksum(f + p->l4, p->l3_end - p->l4, s) != 0xffff)
		status |= E_L4E;
	return status;
}

/* --- to a queue ------------------------------------------------------------------------------ */

static void describe(struct n576 *n, const u8 *f, const struct parsed *p, bool by_address,
		     struct n576_info *info)
{
	u32 type, hash = rss(n, f, p, &type);

	memset(info, 0, sizeof(*info));
	if (type)
		info->queue = n576_get(n, N576_RETA + (hash & 0x7c)) >> 8 * (hash & 3) & 15;
	info->type = type | (p->ip4 ? P_IP4 : 0) | (p->ip6 ? P_IP6 : 0);
	if (p->l4)
		info->type |= p->proto == PROTO_TCP ? P_TCP : p->proto == PROTO_UDP ? P_UDP : 0;
	info->status = checks(n, f, p) | (by_address ? 0 : S_PIF);
	if (n576_get(n, N576_RXCSUM) & RXCSUM_PCSD)
		info->hash = type ? hash : 0;
	else
		info->hash = p->ip4 ? nicsim_get16(f + p->l3 + 4) : 0;
}

/* False: it waits. */
static bool dispatch(struct n576 *n, const u8 *f, u32 len)
{
	struct n576_info info;
	struct parsed p;
	bool by_address, strip;
	u32 out = 0;
	int room;

	parse(n, f, len, &p);
	if (!accepted(n, f, &by_address) || !vlan_accepted(n, &p))
		return true;
	describe(n, f, &p, by_address, &info);
	room = n576_rxq_room(n, info.queue, len + 4);
	if (room < 0) {
		nicsim_trace(n->dev, "frame lost: receive queue %u is off", info.queue);
		return true;
	}
	if (!room) {
		if (!(n576_get(n, n576_rx_off(info.queue, N576_SRRCTL)) & SRRCTL_DROP_EN))
			return false;
		nicsim_mac_count(n->reg, n576_rx_off(info.queue, N576_RQDPC), 1);
		return true;
	}
	strip = p.tagged && n576_get(n, N576_CTRL) & CTRL_VME;
	if (strip) {
		memcpy(n->rx_frame, f, 12);
		memcpy(n->rx_frame + 12, f + 16, len - 16);
		out = len - 4;
		info.vlan = p.tci;
	} else {
		memcpy(n->rx_frame, f, len);
		out = len;
	}
	if (p.tagged)
		info.status |= strip ? S_VP : 0;
	if (!(n576_get(n, N576_RCTL) & RCTL_SECRC)) {
		memset(n->rx_frame + out, 0xfc, 4); /* nobody looks at it */
		out += 4;
	}
	n576_count_rx(n, f, len);
	n576_rxq_put(n, n->rx_frame, out, &info);
	return true;
}

/* --- FIFO ------------------------------------------------------------------------------------ */

static void fifo_copy(struct n576 *n, u32 at, void *buf, u32 len, bool in)
{
	u8 *b = buf;

	for (u32 done = 0, part; done < len; done += part) {
		u32 pos = (at + done) % N576_FIFO;

		part = MIN(len - done, N576_FIFO - pos);
		if (in)
			memcpy(n->fifo + pos, b + done, part);
		else
			memcpy(b + done, n->fifo + pos, part);
	}
}

static bool fifo_put(struct n576 *n, const u8 *f, u32 len)
{
	if (n->fifo_used + len + 4 > N576_FIFO)
		return false;
	fifo_copy(n, n->fifo_head + n->fifo_used, &len, 4, true);
	fifo_copy(n, n->fifo_head + n->fifo_used + 4, (void *)(uintptr_t)f, len, true);
	n->fifo_used += len + 4;
	n->fifo_frames++;
	return true;
}

void n576_rx_drain(struct n576 *n)
{
	static u8 f[NICSIM_FRAME_MAX];

	while (n->fifo_frames && !n->dev->removed) {
		u32 len;

		fifo_copy(n, n->fifo_head, &len, 4, false);
		fifo_copy(n, n->fifo_head + 4, f, len, false);
		if (!dispatch(n, f, len))
			return;
		n->fifo_head = (n->fifo_head + len + 4) % N576_FIFO;
		n->fifo_used -= len + 4;
		n->fifo_frames--;
	}
}

void n576_rx_forget(struct n576 *n)
{
	n->fifo_head = n->fifo_used = n->fifo_frames = 0;
}

/* --- MAC ------------------------------------------------------------------------------------- */

/* On the wire, or in the memories, something is wrong. */
static bool spoiled(struct n576 *n)
{
	if (nicsim_fault(n->dev, "undersize", NULL)) {
		nicsim_mac_count(n->reg, N576_RUC, 1);
		return true;
	}
	if (nicsim_fault(n->dev, "crc", NULL)) {
		nicsim_mac_count(n->reg, N576_CRCERRS, 1);
		return true;
	}
	if (nicsim_fault(n->dev, "ecc", NULL)) {
		n->dead = true; /* the data path stands until a reset */
		n576_irq_other(n, ICR_FER);
		return true;
	}
	return false;
}

static bool is_control(struct n576 *n, const u8 *f)
{
	if (nicsim_get16(f + 12) != TYPE_CONTROL)
		return false;
	if (nicsim_get16(f + 14) == 1)
		nicsim_mac_count(n->reg, nicsim_get16(f + 16) ? N576_XOFFRXC : N576_XONRXC, 1);
	return !(n576_get(n, N576_RCTL) & RCTL_PMCF);
}

bool n576_rx(struct nicsim_dev *dev, const u8 *frame, u32 len)
{
	struct n576 *n = dev->state;
	u32 rctl = n576_get(n, N576_RCTL), max;

	if (unlikely(dev->nfaults != 0)) {
		n576_link_look(n);
		if (n->link_up && rctl & RCTL_EN && spoiled(n))
			return false;
	}
	if (!n->link_up || n->dead || n->reset_busy || !(rctl & RCTL_EN)) {
		nicsim_trace(dev, "frame lost: link %u, reset %u, RCTL.EN %u", n->link_up,
			     n->reset_busy, rctl & RCTL_EN);
		return false;
	}
	if (len < 60) { /* the sender's MAC has padded it */
		memcpy(n->padded, frame, len);
		memset(n->padded + len, 0, 60 - len);
		frame = n->padded;
		len = 60;
	}
	max = rctl & RCTL_LPE ? n576_get(n, N576_RLPML) : 1522;
	if (nicsim_get16(frame + 12) != TYPE_VLAN && !(rctl & RCTL_LPE))
		max = 1518;
	if (len + 4 > max || len > N576_FRAME_MAX) {
		nicsim_mac_count(n->reg, N576_ROC, 1);
		return false;
	}
	if (is_control(n, frame))
		return false;
	n576_rx_drain(n);
	if (!n->fifo_frames && dispatch(n, frame, len))
		return true;
	nicsim_mac_count(n->reg, N576_RNBC, 1);
	if (fifo_put(n, frame, len))
		return true;
	nicsim_mac_count(n->reg, N576_MPC, 1);
	n576_irq_other(n, ICR_RXMISS);
	return false;
}

bool n576_rx_ready(struct nicsim_dev *dev)
{
	const struct n576 *n = dev->state;

	if (!n->link_up || n->dead || !(n576_get(n, N576_RCTL) & RCTL_EN))
		return true;
	return n->fifo_used + 2 * (N576_FRAME_MAX + 8u) <= N576_FIFO;
}
