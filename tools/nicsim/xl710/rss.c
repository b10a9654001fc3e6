// SPDX-License-Identifier: MIT
/*
 * Receive-side scaling: the field vector of a packet, the input set that selects its words, the
 * Toeplitz hash (by a table of 256 words for each byte of the input, made anew when the key
 * changes), look-up tables of the PF and of VSIs; the admin commands on keys and tables.
 *
 * Data sheet 332464: 7.1.10 (RSS), 7.1.11 (field vector, input sets), 10.2.2.17. Microsoft: "RSS
 * hashing functions" (Toeplitz, verification suite).
 */
#include <stdlib.h>
#include <string.h>

#include "tools/nicsim/xl710/adminq.h"

enum {
	VSIQF_HLUT = 0x220000,
	PFQF_HLUT = 0x240000,
	PFQF_HKEY = 0x244800,
	PFQF_HENA = 0x245900,
	HASH_INSET = 0x267600,
	FD_INSET = 0x250000,
	VSIQF_HKEY = 0x2a0000,
	PFQF_CTL_0 = 0x1c0ac0,
	KEY_BYTES = 52,
	INPUT_MAX = 48, /* bytes that 52 of key can hash */
	LUT_512 = 1 << 16,
	I_TC_MAPPING = 62,
	I_QUEUEING_OPT = 78,
	OPT_LUT_VSI = 0x40,
	/* words of the field vector; bit of an input set: 63 - word */
	W_DMAC = 0,
	W_SMAC = 3,
	W_VLAN = 8,
	W_TOS = 9,     /* of IPv4, or traffic class and flow label's head of IPv6 */
	W_PROTO6 = 12, /* next header, hop limit */
	W_PROTO4 = 13, /* TTL, protocol */
	W_SRC6 = 13,
	W_SRC4 = 15,
	W_DST6 = 21,
	W_DST4 = 27,
	W_SPORT = 29,
	W_DPORT = 30,
	W_VTAG = 31,
	W_ETYPE = 49,
	IP_SCTP = 132,
};

#define WORDS(w, n) (((1ull << (n)) - 1) << (64 - (w) - (n)))
#define SET4        (WORDS(W_SRC4, 2) | WORDS(W_DST4, 2))
#define SET6        (WORDS(W_SRC6, 8) | WORDS(W_DST6, 8))
#define PORTS       WORDS(W_SPORT, 2)
#define VTAG        WORDS(W_VTAG, 2)

void xl710_fields(const struct xl710_pkt *p, u16 *w, bool swap)
{
	const u8 *d = p->data, *l3 = d + p->l3, *l4 = d + p->l4;

	memset(w, 0, 64 * sizeof(*w));
	for (u32 i = 0; i < 3; i++) {
		w[W_DMAC + i] = xbe16(d + i * 2);
		w[W_SMAC + i] = xbe16(d + 6 + i * 2);
	}
	w[W_VLAN] = p->tagged ? p->tci : 0;
	w[W_ETYPE] = (u16)p->ethertype;
	if (p->v4) {
		u32 s = swap ? 16 : 12, t = swap ? 12 : 16;

		w[W_TOS] = xbe16(l3);
		w[W_PROTO4] = xbe16(l3 + 8);
		w[W_SRC4] = xbe16(l3 + s);
		w[W_SRC4 + 1] = xbe16(l3 + s + 2);
		w[W_DST4] = xbe16(l3 + t);
		w[W_DST4 + 1] = xbe16(l3 + t + 2);
	} else if (p->v6) {
		w[W_TOS] = xbe16(l3);
		w[W_PROTO6] = xbe16(l3 + 6);
		for (u32 i = 0; i < 8; i++) {
			w[W_SRC6 + i] = xbe16(l3 + (swap ? 24 : 8) + i * 2);
			w[W_DST6 + i] = xbe16(l3 + (swap ? 8 : 24) + i * 2);
		}
	}
	if (p->l4 == 0 || p->l4 + 8 > p->len || p->pctype == XL710_PCTYPE_IPV4_OTHER ||
	    p->pctype == XL710_PCTYPE_IPV6_OTHER)
		return;
	w[W_SPORT] = xbe16(l4 + (swap ? 2 : 0));
	w[W_DPORT] = xbe16(l4 + (swap ? 0 : 2));
	if (p->proto == IP_SCTP) {
		w[W_VTAG] = xbe16(l4 + 4);
		w[W_VTAG + 1] = xbe16(l4 + 6);
	}
}

static void inset_put(struct xl710 *x, u32 pctype, u64 hash, u64 fd)
{
	XR(x, HASH_INSET + pctype * 8) = (u32)hash;
	XR(x, HASH_INSET + pctype * 8 + 4) = (u32)(hash >> 32);
	XR(x, FD_INSET + pctype * 64) = (u32)fd;
	XR(x, FD_INSET + pctype * 64 + 32) = (u32)(fd >> 32);
}

/* Input sets as the NVM loads them. */
void xl710_insets_reset(struct xl710 *x)
{
	inset_put(x, XL710_PCTYPE_IPV4_UDP, SET4 | PORTS, SET4 | PORTS);
	inset_put(x, XL710_PCTYPE_IPV4_TCP, SET4 | PORTS, SET4 | PORTS);
	inset_put(x, XL710_PCTYPE_IPV4_SCTP, SET4 | PORTS | VTAG, SET4 | PORTS | VTAG);
	inset_put(x, XL710_PCTYPE_IPV4_OTHER, SET4, SET4);
	inset_put(x, XL710_PCTYPE_FRAG_IPV4, SET4, SET4);
	inset_put(x, XL710_PCTYPE_IPV6_UDP, SET6 | PORTS, SET6 | PORTS);
	inset_put(x, XL710_PCTYPE_IPV6_TCP, SET6 | PORTS, SET6 | PORTS);
	inset_put(x, XL710_PCTYPE_IPV6_SCTP, SET6 | PORTS | VTAG, SET6 | PORTS | VTAG);
	inset_put(x, XL710_PCTYPE_IPV6_OTHER, SET6, SET6);
	inset_put(x, XL710_PCTYPE_FRAG_IPV6, SET6, SET6);
	inset_put(x, XL710_PCTYPE_L2, WORDS(W_ETYPE, 1), WORDS(W_ETYPE, 1));
}

/* --- hash ----------------------------------------------------------------------------------- */

void xl710_rss_reset(struct xl710 *x)
{
	for (u32 i = 0; i <= XL710_VSIS; i++)
		x->rss.dirty[i] = true;
}

void xl710_rss_free(struct xl710 *x)
{
	for (u32 i = 0; i <= XL710_VSIS; i++)
		free(x->rss.table[i]);
}

void xl710_rss_key_changed(struct xl710 *x, u32 off, u32 v)
{
	u32 vsi = (off - VSIQF_HKEY) % 2048 / 4 - XL710_VSI_BASE;

	(void)v;
	if (off < VSIQF_HKEY)
		x->rss.dirty[XL710_VSIS] = true;
	else if (vsi < XL710_VSIS)
		x->rss.dirty[vsi] = true;
}

static u32 key_reg(u32 slot, u32 i)
{
	return slot == XL710_VSIS ? PFQF_HKEY + i * 128
				  : VSIQF_HKEY + i * 2048 + xl710_vsi_no(slot) * 4;
}

/* table[i][b]: what byte b at position i of the input adds to the hash. */
static u32 (*table_of(struct xl710 *x, u32 slot))[256]
{
	u32(*t)[256] = x->rss.table[slot];
	u8 key[KEY_BYTES + 4] = { 0 };

	if (t == NULL)
		t = x->rss.table[slot] = calloc(INPUT_MAX, sizeof(*t));
	else if (!x->rss.dirty[slot])
		return t;
	if (t == NULL)
		return NULL;
	for (u32 i = 0; i < KEY_BYTES / 4; i++)
		memcpy(key + i * 4, &XR(x, key_reg(slot, i)), 4);
	for (u32 i = 0; i < INPUT_MAX; i++)
		for (u32 b = 0; b < 256; b++) {
			u32 h = 0;

			for (u32 k = 0; k < 8; k++)
				if ((b >> (7 - k) & 1) != 0)
					h ^= (u32)(((u64)xbe32(key + i) << 32 | xbe32(key + i + 4))
							   << k >>
						   32);
			t[i][b] = h;
		}
	x->rss.dirty[slot] = false;
	return t;
}

static bool lut_is_vsi(const struct xl710_vsi *v)
{
	return (v->info[I_QUEUEING_OPT] & OPT_LUT_VSI) != 0;
}

bool xl710_rss_hash(struct xl710 *x, const struct xl710_vsi *v, const struct xl710_pkt *p,
		    u32 *hash)
{
	u64 set = (u64)XR(x, HASH_INSET + p->pctype * 8u + 4) << 32 |
		  XR(x, HASH_INSET + p->pctype * 8u);
	u32(*t)[256];
	u16 w[64];
	u32 n = 0;

	if ((XR(x, PFQF_HENA + p->pctype / 32u * 128) >> (p->pctype % 32) & 1) == 0)
		return false;
	t = table_of(x, lut_is_vsi(v) ? v->index : XL710_VSIS);
	if (t == NULL)
		return false;
	xl710_fields(p, w, false);
	*hash = 0;
	while (set != 0 && n + 2 <= INPUT_MAX) {
		u32 i = (u32)__builtin_clzll(set);

		set &= ~(1ull << (63 - i));
		*hash ^= t[n][w[i] >> 8] ^ t[n + 1][w[i] & 0xff];
		n += 2;
	}
	return true;
}

u32 xl710_rss_queue(const struct xl710 *x, const struct xl710_vsi *v, u32 hash)
{
	u32 tc = xget16(v->info + I_TC_MAPPING);
	u32 base = tc & 0x1ff, size = 1u << (tc >> 9 & 7), entry;

	if (lut_is_vsi(v)) {
		u32 i = hash & 63;

		entry = XR(x, VSIQF_HLUT + i / 4 * 2048 + xl710_vsi_no(v->index) * 4) >>
				(i % 4 * 8) &
			0xf;
	} else {
		u32 i = hash & ((XR(x, PFQF_CTL_0) & LUT_512) != 0 ? 511 : 127);

		entry = XR(x, PFQF_HLUT + i / 4 * 128) >> (i % 4 * 8) & 0x3f;
	}
	return base + (entry & (size - 1));
}

/* --- admin commands ------------------------------------------------------------------------- */

/* VSI of a command (bit 15: valid), NULL: none such. */
static struct xl710_vsi *vsi_of(struct xl710 *x, const struct xl710_cmd *c)
{
	u32 id = xget16(c->param), i = (id & 0x3ff) - XL710_VSI_BASE;

	return (id & 0x8000) != 0 && i < XL710_VSIS && x->vsi[i].used ? &x->vsi[i] : NULL;
}

static int key_command(struct xl710 *x, struct xl710_cmd *c)
{
	struct xl710_vsi *v = vsi_of(x, c);
	u32 slot;

	if (v == NULL)
		return AQ_EINVAL;
	slot = lut_is_vsi(v) ? v->index : XL710_VSIS;
	for (u32 i = 0; i < KEY_BYTES / 4; i++)
		if (c->opcode == 0x0b02)
			XR(x, key_reg(slot, i)) = xget32(c->buf + i * 4);
		else
			xput32(c->buf + i * 4, XR(x, key_reg(slot, i)));
	if (c->opcode == 0x0b02)
		x->rss.dirty[slot] = true;
	else
		c->reply = KEY_BYTES;
	return AQ_OK;
}

static int lut_command(struct xl710 *x, struct xl710_cmd *c)
{
	struct xl710_vsi *v = vsi_of(x, c);
	bool pf = (xget16(c->param + 2) & 1) != 0;
	u32 max = pf ? (XR(x, PFQF_CTL_0) & LUT_512 ? 512 : 128) : 64;

	if (v == NULL || c->len < max)
		return AQ_EINVAL;
	for (u32 i = 0; i < max; i += 4) {
		u32 off = pf ? PFQF_HLUT + i / 4 * 128
			     : VSIQF_HLUT + i / 4 * 2048 + xl710_vsi_no(v->index) * 4;

		if (c->opcode == 0x0b03)
			XR(x, off) = xget32(c->buf + i) & (pf ? 0x3f3f3f3f : 0x0f0f0f0f);
		else
			xput32(c->buf + i, XR(x, off));
	}
	if (c->opcode == 0x0b05)
		c->reply = (u16)max;
	return AQ_OK;
}

static int tunnel_add(struct xl710 *x, struct xl710_cmd *c)
{
	for (u32 i = 0; i < 16; i++)
		if (x->tunnel_port[i] == 0) {
			x->tunnel_port[i] = xget16(c->param);
			x->tunnel_type[i] = c->param[5];
			c->param[2] = (u8)i;
			c->param[3] = 0;
			c->param[4] = (u8)(i + 1);
			return AQ_OK;
		}
	return AQ_ENOSPC;
}

static int tunnel_del(struct xl710 *x, struct xl710_cmd *c)
{
	u32 i = c->param[2];

	if (i >= 16 || x->tunnel_port[i] == 0)
		return AQ_ENOENT;
	x->tunnel_port[i] = 0;
	return AQ_OK;
}

const struct xl710_handler xl710_aq_rss[] = {
	{ 0x0b00, 0, 0, "Add UDP Tunnel", tunnel_add },
	{ 0x0b01, 0, 0, "Delete UDP Tunnel", tunnel_del },
	{ 0x0b02, AQ_RD, KEY_BYTES, "Set RSS Key", key_command },
	{ 0x0b03, AQ_RD, 1, "Set RSS LUT", lut_command },
	{ 0x0b04, AQ_BUF, KEY_BYTES, "Get RSS Key", key_command },
	{ 0x0b05, AQ_BUF, 1, "Get RSS LUT", lut_command },
	{ .name = NULL },
};
