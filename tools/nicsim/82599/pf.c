// SPDX-License-Identifier: MIT
/*
 * A PF driver inside of the model, for option vfs=N: a guest gets a VF while nobody drives the PF.
 * It sets the port up as a PF driver would (pools of four queues, of two when more than 31 VFs are
 * on; a station address for each VF: the PF's with the last byte moved on) and answers the mailbox
 * requests of API 1.0 to 1.3. Key, table and kinds of packets of RSS are one for all pools
 * (7.1.2.8.3); how many of its queues a VF wants to have used it says itself, in VFPSRTYPE.RQPL.
 */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum {
	VF_RESET = 1,
	VF_SET_MAC = 2,
	VF_SET_MULTICAST = 3,
	VF_SET_VLAN = 4,
	VF_SET_LPE = 5,
	VF_SET_MACVLAN = 6,
	VF_API = 8,
	VF_GET_QUEUES = 9,
	VF_XCAST = 12,
	FCTRL_MPE = 1 << 8,
	FCTRL_BAM = 1 << 10,
	VLNCTRL_VFE = 1 << 30,
	VMOLR_AUPE = 1 << 24,
	VMOLR_ROMPE = 1 << 25,
	VMOLR_BAM = 1 << 27,
	VMOLR_MPE = 1 << 28,
	CTS = 0x20000000,
	NACK = 0x40000000,
};
#define ACK_BIT 0x80000000u

static u32 *mail(struct n599 *n, u32 vf)
{
	return &n->reg[(N599_PFMBMEM + 64 * vf) / 4];
}

/* Give RAR `i` the address and one pool. */
static void station(struct n599 *n, u32 i, const u8 *mac, u32 pool)
{
	n599_set(n, N599_RAL + 8 * i, mac[0] | mac[1] << 8 | mac[2] << 16 | (u32)mac[3] << 24);
	n599_set(n, N599_RAH + 8 * i, mac[4] | mac[5] << 8 | 0x80000000u);
	n599_set(n, N599_MPSAR_LO + 8 * i, pool < 32 ? 1u << pool : 0);
	n599_set(n, N599_MPSAR_HI + 8 * i, pool < 32 ? 0 : 1u << (pool - 32));
}

/* The queues of a pool in turn, and the key of the verification suite that drivers compare with. */
static void hash(struct n599 *n, bool wide)
{
	static const u8 key[40] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
				    0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
				    0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
				    0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa };

	n599_set(n, N599_MRQC,
		 (wide ? MRQC_POOLS_OF_4 : MRQC_POOLS_OF_2) | MRQC_TCP4 | MRQC_IP4 | MRQC_IP6 |
			 MRQC_TCP6 | MRQC_UDP4 | MRQC_UDP6);
	for (u32 i = 0; i < 32; i++)
		n599_set(n, N599_RETA + 4 * i, 0x03020100);
	for (u32 i = 0; i < 10; i++)
		n599_set(n, N599_RSSRK + 4 * i,
			 key[4 * i] | key[4 * i + 1] << 8 | key[4 * i + 2] << 16 |
				 (u32)key[4 * i + 3] << 24);
	n->toeplitz_ok = false;
}

void n599_pf_start(struct n599 *n)
{
	u32 vfs = n->dev->vfs_on, wide = vfs <= 31;
	u8 mac[6];

	if (!vfs)
		return;
	memcpy(mac, n->dev->mac, 6);
	n599_set(n, N599_GCR_EXT, 0x80000000u | (wide ? 2 : 3));
	n599_set(n, N599_MTQC, 2 | (wide ? 8 : 4));
	hash(n, wide);
	/* default pool: the PF's own, which takes nothing; replication on */
	n599_set(n, N599_VT_CTL, 1 | vfs << 7 | 1 << 30 | 1 << 29);
	n599_set(n, N599_PFDTXGSWC, 1);
	n599_set(n, N599_FCTRL, FCTRL_BAM);
	n599_set(n, N599_VLNCTRL, VLNCTRL_VFE | 0x8100);
	n599_set(n, N599_MCSTCTRL, 4);
	for (u32 i = 0; i < 128; i++) {
		n599_set(n, N599_MTA + 4 * i, 0);
		n599_set(n, N599_VFTA + 4 * i, 0);
	}
	n599_set(n, N599_RDRXCTL, n599_get(n, N599_RDRXCTL) | 2);
	n599_set(n, N599_RXCSUM, 1 << 13);
	n599_set(n, N599_DMATXCTL, n599_get(n, N599_DMATXCTL) | 1);
	n599_set(n, N599_HLREG0, n599_get(n, N599_HLREG0) | 4);
	n599_set(n, N599_MAXFRS, 9728u << 16);
	for (u32 vf = 0; vf < vfs; vf++) {
		mac[5] = (u8)(n->dev->mac[5] + 1 + vf);
		station(n, vf + 1, mac, vf);
	}
	n599_set(n, N599_RAH, 0);
	n599_owners(n);
	n599_set(n, N599_RXCTRL, 1);
	n599_mailbox_pf_ready(n);
}

static void reply(struct n599 *n, u32 vf, u32 words, u32 bits)
{
	u32 *m = mail(n, vf);

	(void)words;
	m[0] |= bits | CTS;
	n599_wr_pfmailbox(n, NULL, vf, 3, 0); /* STS and ACK */
}

static void on_reset(struct n599 *n, u32 vf)
{
	u32 *m = mail(n, vf);
	u32 off = vf / 32 * 4, bit = 1u << vf % 32;

	n599_set(n, N599_VFRE + off, n599_get(n, N599_VFRE + off) | bit);
	n599_set(n, N599_VFTE + off, n599_get(n, N599_VFTE + off) | bit);
	n599_set(n, N599_VMOLR + 4 * vf, VMOLR_AUPE | VMOLR_BAM | VMOLR_ROMPE);
	/* address in words 1 and 2, kind of multicast filter in word 3 */
	m[0] = VF_RESET;
	m[1] = n599_get(n, N599_RAL + 8 * (vf + 1));
	m[2] = n599_get(n, N599_RAH + 8 * (vf + 1)) & 0xffff;
	m[3] = 0;
	m[0] |= ACK_BIT;
	n599_wr_pfmailbox(n, NULL, vf, 3, 0);
}

/* Hashes of 12 bits, two in a word; the count is in bits 23:16 of the request. */
static void on_multicast(struct n599 *n, u32 vf)
{
	u32 *m = mail(n, vf), count = MIN(m[0] >> 16 & 0xff, 30u);

	for (u32 i = 0; i < count; i++) {
		u32 h = m[1 + i / 2] >> (i & 1 ? 16 : 0) & 0xfff;
		u32 off = N599_MTA + (h >> 5) * 4;

		n599_set(n, off, n599_get(n, off) | 1u << (h & 31));
	}
	reply(n, vf, 1, ACK_BIT);
}

static void on_xcast(struct n599 *n, u32 vf)
{
	/* none, multicast, all multicast; promiscuous is refused, an 82599 cannot do it for a VF */
	static const u32 more[3] = { 0, VMOLR_ROMPE, VMOLR_ROMPE | VMOLR_MPE };
	u32 *m = mail(n, vf), all = 0;

	if (m[1] >= ARRAY_SIZE(more)) {
		reply(n, vf, 2, NACK);
		return;
	}
	n599_set(n, N599_VMOLR + 4 * vf, VMOLR_AUPE | VMOLR_BAM | more[m[1]]);
	for (u32 i = 0; i < n->dev->vfs_on; i++)
		all |= n599_get(n, N599_VMOLR + 4 * i) & VMOLR_MPE;
	/* the port's own filter comes before the pools' (7.10.3.3) */
	n599_set(n, N599_FCTRL, FCTRL_BAM | (all ? FCTRL_MPE : 0));
	reply(n, vf, 2, ACK_BIT);
}

static void on_queues(struct n599 *n, u32 vf)
{
	u32 *m = mail(n, vf), queues = 1u << n599_pool_shift(n);

	m[1] = m[2] = queues; /* Tx, Rx */
	m[3] = 0;             /* no transparent VLAN */
	m[4] = 0;             /* default queue */
	reply(n, vf, 5, ACK_BIT);
}

static void on_mac(struct n599 *n, u32 vf)
{
	u32 *m = mail(n, vf);
	u8 mac[6];

	memcpy(mac, m + 1, 6);
	if (mac[0] & 1) {
		reply(n, vf, 1, NACK);
		return;
	}
	station(n, vf + 1, mac, vf);
	reply(n, vf, 1, ACK_BIT);
}

/* Entry `at` of the pool filter for `vid`: the VF in or out; an empty one is given back. */
static void vlan_pool(struct n599 *n, u32 at, u32 vid, u32 vf, bool add)
{
	u32 off = N599_VLVFB + 8 * at + vf / 32 * 4, bit = 1u << vf % 32;
	u32 vfta = N599_VFTA + (vid >> 5) * 4, mine = 1u << (vid & 31);
	bool any;

	n599_set(n, off, add ? n599_get(n, off) | bit : n599_get(n, off) & ~bit);
	any = n599_get(n, N599_VLVFB + 8 * at) | n599_get(n, N599_VLVFB + 8 * at + 4);
	n599_set(n, N599_VLVF + 4 * at, any ? 0x80000000u | vid : 0);
	n599_set(n, vfta, any ? n599_get(n, vfta) | mine : n599_get(n, vfta) & ~mine);
}

static void on_vlan(struct n599 *n, u32 vf)
{
	u32 *m = mail(n, vf), vid = m[1] & 0xfff, add = m[0] >> 16 & 0xff, at = 64;

	for (u32 i = 0; i < 64; i++) {
		u32 v = n599_get(n, N599_VLVF + 4 * i);

		if (v == (0x80000000u | vid)) {
			at = i;
			break;
		}
		if (!v && at == 64)
			at = i;
	}
	if (at == 64) {
		reply(n, vf, 2, NACK);
		return;
	}
	vlan_pool(n, at, vid, vf, add);
	reply(n, vf, 2, ACK_BIT);
}

/* A request of the VF is in its mailbox. */
void n599_pf_message(struct n599 *n, u32 vf)
{
	u32 *m = mail(n, vf);

	nicsim_trace(n->dev, "VF %u: request %08x %08x", vf, m[0], m[1]);
	switch (m[0] & 0xffff) {
	case VF_RESET:
		on_reset(n, vf);
		break;
	case VF_SET_MAC:
		on_mac(n, vf);
		break;
	case VF_SET_MULTICAST:
		on_multicast(n, vf);
		break;
	case VF_SET_VLAN:
		on_vlan(n, vf);
		break;
	case VF_SET_LPE:
		reply(n, vf, 2, m[1] >= 64 && m[1] <= 9728 ? ACK_BIT : (u32)NACK);
		break;
	case VF_API:
		/* 0: 1.0; 2, 3, 4: 1.1, 1.2, 1.3; 1 is another line */
		reply(n, vf, 2, m[1] == 1 || m[1] > 4 ? (u32)NACK : ACK_BIT);
		break;
	case VF_GET_QUEUES:
		on_queues(n, vf);
		break;
	case VF_XCAST:
		on_xcast(n, vf);
		break;
	default:
		if ((m[0] & 0xffff) > 0x20)
			nicsim_error(n->dev, NICSIM_E_COMMAND, "VF %u: mailbox request %08x", vf,
				     m[0]);
		reply(n, vf, 1, NACK);
		break;
	}
}
