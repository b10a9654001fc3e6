// SPDX-License-Identifier: MIT
/*
 * Transmit offloads: VLAN tags out of descriptors, IPv4, TCP, UDP and SCTP checksums, TCP
 * segmentation. The driver has put the pseudo header's sum into the L4 field (for TSO without the
 * length), as the chip requires.
 *
 * Data sheet 332464: 8.4.4.1 (checksums), 8.4.4.2 (TSO), 8.4.2.2 (data and context descriptors).
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	SWT_L2TAGCTRL = 0x1c0a70,
	TSOMSK_F = 0x0442d8,
	TSOMSK_M = 0x0442dc,
	TSOMSK_L = 0x0442e0,
	C_IL2TAG1 = 0x008,
	IIPT_V6 = 1,
	IIPT_V4 = 2,
	IIPT_V4_CSUM = 3,
	L4_TCP = 1,
	L4_SCTP = 2,
	L4_UDP = 3,
	EXT_V4_CSUM = 3,
	TLAN_MSS = 0x0e64dc, /* 25:16 smallest segment that is not taken for malice */
	MSS_MAX = 9674,
	SEGMENT_BUFFERS = 8,
	TAG_INNER = 3, /* index of GL_SWT_L2TAGCTRL */
	TAG_OUTER = 2,
	I_PVID = 8,
	I_PVLAN_FLAGS = 12,
	INSERT_PVID = 4,
	FCS = 4,
};

/* What the descriptors say about the headers of the frame in hand. */
struct headers {
	u32 outer; /* offset of an outer IP header, 0: none */
	u32 outer_len;
	u32 l3, l4; /* offsets of the innermost */
	u32 l4_len; /* TSO only */
	u32 iipt, l4t;
	bool outer_sum;
};

/* Lengths are in words of 2 (MAC, tunnel) and 4 bytes. False: beyond the frame. */
static bool headers_of(const struct xl710_txq *t, u32 cmd, u32 off, struct headers *h)
{
	u32 mac = (off & 0x7f) * 2, ip = (off >> 7 & 0x7f) * 4;
	u32 ext = t->ctx ? (u32)t->ctx0 : 0;

	memset(h, 0, sizeof(*h));
	h->iipt = cmd >> 5 & 3;
	h->l4t = cmd >> 8 & 3;
	h->l3 = mac;
	if ((ext & 3) != 0) { /* tunnel: outer IP, then UDP or GRE with the inner MAC header */
		h->outer = mac;
		h->outer_len = (ext >> 2 & 0x7f) * 4;
		h->outer_sum = (ext & 3) == EXT_V4_CSUM;
		h->l3 = mac + h->outer_len + (ext >> 12 & 0x7f) * 2;
	}
	h->l4 = h->l3 + ip;
	h->l4_len = (off >> 14 & 15) * 4;
	if (h->iipt == 0)
		return h->l4t == 0;
	if (mac < 14 || h->l4 > t->fill)
		return false;
	return h->l4t == 0 || h->l4 + (h->l4t == L4_TCP   ? 20u
				       : h->l4t == L4_UDP ? 8u
							  : 12u) <=
				      t->fill;
}

static void ip_sum(u8 *ip, u32 len)
{
	xput_be16(ip + 10, 0);
	xput_be16(ip + 10, (u16)~nicsim_checksum(ip, len, 0));
}

/* The L4 checksum, its field holding a seed; `extra` is added. */
static void l4_sum(u8 *f, const struct headers *h, u32 len, u32 extra)
{
	u8 *l4 = f + h->l4;
	u32 n = len - h->l4;
	u16 s;

	if (h->l4t == L4_SCTP) {
		u32 c = xl710_sctp_crc(l4, n);

		xput32(l4 + 8, c);
		return;
	}
	s = (u16)~nicsim_checksum(l4, n, extra);
	if (h->l4t == L4_UDP && s == 0)
		s = 0xffff;
	xput_be16(l4 + (h->l4t == L4_TCP ? 16 : 6), s);
}

/* End of the datagram in the frame: without padding behind it. */
static u32 datagram_end(const u8 *f, const struct headers *h, u32 len)
{
	u32 n = h->iipt == IIPT_V6 ? 40u + xbe16(f + h->l3 + 4) : xbe16(f + h->l3 + 2);

	return h->l3 + n < len ? h->l3 + n : len;
}

static void sums(u8 *f, const struct headers *h, u32 len, u32 extra)
{
	if (h->outer_sum)
		ip_sum(f + h->outer, h->outer_len);
	if (h->iipt == IIPT_V4_CSUM)
		ip_sum(f + h->l3, h->l4 - h->l3);
	if (h->l4t != 0)
		l4_sum(f, h, datagram_end(f, h, len), extra);
}

static u32 tag_insert(u8 *f, u32 len, u32 tpid, u32 tci)
{
	memmove(f + 16, f + 12, len - 12);
	xput_be16(f + 12, tpid);
	xput_be16(f + 14, tci);
	return len + 4;
}

/* Tags of the descriptors, or the port VLAN of the VSI; then away. */
static void send(struct xl710 *x, const struct xl710_txq *t, u8 *f, u32 len, u32 cmd, u16 tag)
{
	const u8 *info = x->vsi[t->vsi].info;
	u32 tpid = XR(x, SWT_L2TAGCTRL + 4 * TAG_INNER) >> 16;

	if ((cmd & C_IL2TAG1) != 0)
		len = tag_insert(f, len, tpid, tag);
	else if ((info[I_PVLAN_FLAGS] & INSERT_PVID) != 0 && xbe16(f + 12) != tpid)
		len = tag_insert(f, len, tpid, xget16(info + I_PVID));
	if (t->il2tag2)
		len = tag_insert(f, len, XR(x, SWT_L2TAGCTRL + 4 * TAG_OUTER) >> 16, t->l2tag2);
	xl710_tx_send(x, t->vsi, f, len);
}

/* Buffers that bytes [from, to) of the gathered frame lie in. */
static u32 buffers_of(const struct xl710 *x, u32 n, u32 from, u32 to)
{
	u32 count = 0, start = 0;

	for (u32 i = 0; i < n; i++) {
		if (start < to && x->buffer_end[i] > from)
			count++;
		start = x->buffer_end[i];
	}
	return count;
}

/* One segment of a TSO in x->seg: lengths, id, sequence number, flags, checksums. */
static void segment_fix(struct xl710 *x, const struct headers *h, u32 len, u32 index, u32 done,
			bool last)
{
	u8 *f = x->seg, *ip = f + h->l3, *tcp = f + h->l4;
	u32 mask = XR(x, last ? TSOMSK_L : index == 0 ? TSOMSK_F : TSOMSK_M);
	u32 flags = xbe16(tcp + 12);

	if (last && index == 0)
		mask = 0; /* the only one keeps all */
	if (h->iipt == IIPT_V6) {
		xput_be16(ip + 4, len - h->l3 - 40);
	} else {
		xput_be16(ip + 2, len - h->l3);
		xput_be16(ip + 4, xbe16(ip + 4) + index);
	}
	if (h->outer != 0 && f[h->outer] >> 4 == 4) {
		xput_be16(f + h->outer + 2, len - h->outer);
		xput_be16(f + h->outer + 4, xbe16(f + h->outer + 4) + index);
	} else if (h->outer != 0) {
		xput_be16(f + h->outer + 4, len - h->outer - 40);
	}
	xput_be32(tcp + 4, xbe32(tcp + 4) + done);
	xput_be16(tcp + 12, flags & ~(mask & 0xfff));
	sums(f, h, len, len - h->l4);
}

static bool tso(struct xl710 *x, const struct xl710_txq *t, struct headers *h, u32 cmd, u16 tag,
		u32 *event)
{
	u32 hdr = h->l4 + h->l4_len, done = 0, index = 0;

	*event = XL710_MDD_TX_TSO;
	if (h->l4t != L4_TCP || h->iipt == 0 || h->iipt == IIPT_V4 || h->l4_len < 20 ||
	    t->mss < (XR(x, TLAN_MSS) >> 16 & 0x3ff) || t->mss > MSS_MAX || hdr >= t->fill ||
	    t->fill - hdr != t->tso_len || hdr + t->mss + FCS > x->link.max_frame)
		return false;
	while (done < t->tso_len) {
		u32 n = t->tso_len - done < t->mss ? t->tso_len - done : t->mss;

		if (buffers_of(x, t->descs, 0, hdr) +
			    buffers_of(x, t->descs, hdr + done, hdr + done + n) >
		    SEGMENT_BUFFERS + 1) {
			*event = XL710_MDD_TX_TOO_MANY;
			return false;
		}
		memcpy(x->seg, x->frame, hdr);
		memcpy(x->seg + hdr, x->frame + hdr + done, n);
		segment_fix(x, h, hdr + n, index++, done, done + n == t->tso_len);
		send(x, t, x->seg, hdr + n, cmd, tag);
		done += n;
	}
	return true;
}

bool xl710_tx_finish(struct xl710 *x, u32 q, u32 cmd, u32 off, u16 tag, u32 *event)
{
	const struct xl710_txq *t = &x->txq[q];
	struct headers h;

	*event = XL710_MDD_TX_OFFSET;
	if (!headers_of(t, cmd, off, &h))
		return false;
	if (t->tso)
		return tso(x, t, &h, cmd, tag, event);
	sums(x->frame, &h, t->fill, 0);
	send(x, t, x->frame, t->fill, cmd, tag);
	return true;
}
