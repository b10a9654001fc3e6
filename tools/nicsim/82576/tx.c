// SPDX-License-Identifier: MIT
/* What happens to a frame on its way out of the 82576: checksums (7.2.5), segmentation (7.2.4), tag
 * (7.4.3), padding, statistics. */
#include "tools/nicsim/82576/n576.h"

#include <string.h>

enum {
	IXSM = 1 << 8, /* of the descriptor's last dword */
	TXSM = 1 << 9,
	TUCMD_IPV4 = 1 << 10,
	TUCMD_TCP = 1 << 11,
	TUCMD_SCTP = 1 << 12,
	TCP_FIN_PSH = 0x09,
};

/* False: the context does not fit the frame. */
static bool checksums(struct n576 *n, u8 *f, u32 len, const struct n576_tx *t)
{
	const struct n576_context *c = t->ctx;
	u32 l3, l4, at;

	if (!(t->popts & (IXSM | TXSM)))
		return true;
	if (!c)
		return false;
	l3 = c->maclen;
	l4 = l3 + c->iplen;
	if (l3 < 14 || l4 > len || (t->popts & IXSM && c->iplen < 20))
		return false;
	if (t->popts & IXSM && c->tucmd & TUCMD_IPV4) {
		nicsim_put16(f + l3 + 10, 0);
		nicsim_put16(f + l3 + 10, ~nicsim_checksum(f + l3, c->iplen, 0));
	}
	if (!(t->popts & TXSM))
		return true;
	if (c->tucmd & TUCMD_SCTP) {
		nicsim_error(n->dev, NICSIM_E_DESC, "checksum of SCTP is not modelled");
		return false;
	}
	/* The field holds the sum of the pseudo-header, 7.2.5.2. */
	at = l4 + (c->tucmd & TUCMD_TCP ? 16 : 6);
	if (at + 2 > len)
		return false;
	{
		u32 s = ~nicsim_checksum(f + l4, len - l4, 0) & 0xffff;

		nicsim_put16(f + at, !s && !(c->tucmd & TUCMD_TCP) ? 0xffff : s);
	}
	return true;
}

static void out(struct n576 *n, u8 *f, u32 len, const struct n576_tx *t)
{
	if (t->tagged) {
		memmove(f + 16, f + 12, len - 12);
		nicsim_put16(f + 12, n576_get(n, N576_VET) & 0xffff);
		nicsim_put16(f + 14, t->tag);
		len += 4;
	}
	if (len < 60) {
		if (!(n576_get(n, N576_TCTL) & TCTL_PSP))
			nicsim_error(n->dev, NICSIM_E_DESC, "frame of %u bytes without TCTL.PSP",
				     len);
		memset(f + len, 0, 60 - len);
		len = 60;
	}
	n576_count_tx(n, f, len);
	nicsim_send(n->dev, f, len);
}

/* 7.2.4.5: the headers of each segment. */
static void segment_headers(u8 *f, const struct n576_context *c, u32 i, u32 payload, bool last,
			    u32 seq)
{
	u32 l3 = c->maclen, l4 = l3 + c->iplen;
	u32 l3_len = c->iplen + c->l4len + payload;

	if (c->tucmd & TUCMD_IPV4) {
		nicsim_put16(f + l3 + 2, l3_len);
		nicsim_put16(f + l3 + 4, nicsim_get16(f + l3 + 4) + i);
	} else {
		nicsim_put16(f + l3 + 4, l3_len - 40);
	}
	nicsim_put16(f + l4 + 4, seq >> 16);
	nicsim_put16(f + l4 + 6, seq);
	if (!last)
		f[l4 + 13] &= (u8)~TCP_FIN_PSH;
}

static bool segment(struct n576 *n, const struct n576_tx *t)
{
	const struct n576_context *c = t->ctx;
	const u8 *in = n->tx_frame;
	u32 head, seq, i = 0;

	if (!c || !(c->tucmd & TUCMD_TCP) || c->maclen < 14 || c->iplen < 20 || c->l4len < 20 ||
	    !c->mss || c->mss > 9216)
		return false;
	head = c->maclen + c->iplen + c->l4len;
	if (head >= t->len || head > 256)
		return false;
	seq = nicsim_get16(in + c->maclen + c->iplen + 4) << 16 |
	      nicsim_get16(in + c->maclen + c->iplen + 6);
	nicsim_mac_count(n->reg, N576_TSCTC, 1);
	for (u32 at = head; at < t->len; at += c->mss, i++) {
		u32 payload = MIN(c->mss, t->len - at), l4 = c->maclen + c->iplen, s;
		u8 *f = n->tx_out;

		memcpy(f, in, head);
		memcpy(f + head, in + at, payload);
		segment_headers(f, c, i, payload, at + payload == t->len, seq + at - head);
		/* The pseudo-header's sum comes without the length. */
		s = nicsim_checksum(f + l4 + 16, 2, c->l4len + payload);
		nicsim_put16(f + l4 + 16, s);
		if (!checksums(n, f, head + payload, t))
			return false;
		out(n, f, head + payload, t);
	}
	return true;
}

bool n576_tx_frame(struct n576 *n, const struct n576_tx *t)
{
	if (t->tse)
		return segment(n, t);
	if (t->len < 14 || t->len > N576_FRAME_MAX)
		return false;
	memcpy(n->tx_out, n->tx_frame, t->len);
	if (!checksums(n, n->tx_out, t->len, t))
		return false;
	out(n, n->tx_out, t->len, t);
	return true;
}
