// SPDX-License-Identifier: MIT
/* Checksums: the Internet checksum (RFC 1071) with pseudo headers, CRC-32 of Ethernet, CRC-32c of
 * SCTP (RFC 9260, 6.8); what the receiver checks (data sheet 7.1.11) and what the transmitter
 * inserts (7.2.5). */
#include "tools/nicsim/82599/n599.h"

#include <string.h>

enum { RFCTL_IPV6_XSUM_DIS = 1 << 11, TUCMD_IPV4 = 1 << 1, TUCMD_L4T = 3 << 2 };

/* Pseudo header of p's datagram with an upper-layer length of l4len (RFC 768, RFC 8200 8.1). */
u32 n599_pseudo(const struct n599_pkt *p, u32 l4len)
{
	const u8 *h = p->data + p->l3;
	u32 sum = p->proto + l4len;

	return p->ip4 ? nicsim_sum(h + 12, 8, sum) : nicsim_sum(h + 8, 32, sum);
}

static const u32 *crc_table(u32 poly, u32 *t)
{
	if (!t[1])
		for (u32 i = 0; i < 256; i++) {
			u32 c = i;

			for (u32 k = 0; k < 8; k++)
				c = c & 1 ? poly ^ c >> 1 : c >> 1;
			t[i] = c;
		}
	return t;
}

static u32 crc(const u32 *t, const u8 *p, u32 len)
{
	u32 c = ~0u;

	while (len--)
		c = t[(c ^ *p++) & 255] ^ c >> 8;
	return ~c;
}

u32 n599_crc32(const u8 *p, u32 len)
{
	static u32 t[256];

	return crc(crc_table(0xedb88320, t), p, len);
}

u32 n599_crc32c(const u8 *p, u32 len)
{
	static u32 t[256];

	return crc(crc_table(0x82f63b78, t), p, len);
}

static void check_sctp(struct n599_pkt *p)
{
	const u8 *h = p->data + p->l4;
	u8 copy[2048];
	u32 len = (u32)p->l3_end - p->l4, got;

	if (len > sizeof(copy))
		return;
	memcpy(&got, h + 8, 4);
	memcpy(copy, h, len);
	memset(copy + 8, 0, 4);
	p->l4_checked = true;
	p->l4_error = n599_crc32c(copy, len) != got;
}

/* 7.1.11: IPv4 header always; TCP, UDP, SCTP unless fragmented; UDP over IPv4 without a checksum is
 * not an error. */
void n599_rx_checksum(struct n599 *n, struct n599_pkt *p)
{
	const u8 *h = p->data + p->l3;
	u32 len;

	if (p->ip4)
		p->ip_error = nicsim_checksum(h, (h[0] & 15) * 4u, 0) != 0xffff;
	if (!p->l4 || (p->ip6 && (n599_get(n, N599_RFCTL) & RFCTL_IPV6_XSUM_DIS)))
		return;
	len = (u32)p->l3_end - p->l4;
	if (p->sctp) {
		check_sctp(p);
		return;
	}
	if (p->udp) {
		u32 ulen = (u32)p->data[p->l4 + 4] << 8 | p->data[p->l4 + 5];

		if (ulen < 8 || ulen > len)
			return;
		if (!p->data[p->l4 + 6] && !p->data[p->l4 + 7]) {
			p->udp_zero = true;
			if (p->ip4)
				return;
		}
		len = ulen;
	}
	p->l4_checked = true;
	p->l4_error = nicsim_checksum(p->data + p->l4, len, n599_pseudo(p, len)) != 0xffff;
}

static void legacy(struct n599 *n, u8 *frame, u32 len, const struct n599_txinfo *t)
{
	if (t->cso + 2u > len || t->css >= len || (t->cso && t->cso < 14)) {
		nicsim_error(n->dev, NICSIM_E_DESC, "legacy checksum: CSS %u CSO %u of %u bytes",
			     t->css, t->cso, len);
		return;
	}
	nicsim_put16(frame + t->cso, (u16)~nicsim_checksum(frame + t->css, len - t->css, 0));
}

static bool offload_ok(struct n599 *n, u32 len, const struct n599_txinfo *t)
{
	u32 l4 = (u32)t->c.maclen + t->c.iplen;
	u32 l4t = (t->c.tucmd & TUCMD_L4T) >> 2;

	if (!t->ctx) {
		nicsim_error(n->dev, NICSIM_E_DESC, "checksum offload without a context");
		return false;
	}
	if (t->c.maclen < 14 || t->c.iplen < 20 || l4 > len) {
		nicsim_error(n->dev, NICSIM_E_DESC, "context: MACLEN %u IPLEN %u of %u bytes",
			     t->c.maclen, t->c.iplen, len);
		return false;
	}
	if (t->txsm && (l4t == 3 || l4 + (l4t == 1 ? 18u : l4t == 2 ? 12u : 8u) > len)) {
		nicsim_error(n->dev, NICSIM_E_DESC, "context: L4T %u at %u of %u bytes", l4t, l4,
			     len);
		return false;
	}
	if (t->ixsm && !(t->c.tucmd & TUCMD_IPV4)) {
		nicsim_error(n->dev, NICSIM_E_DESC, "IXSM with a context that is not IPv4");
		return false;
	}
	return true;
}

/* 7.2.5: the driver has put the pseudo header's sum into the checksum field. */
void n599_tx_offload(struct n599 *n, u8 *frame, u32 len, const struct n599_txinfo *t)
{
	u32 l4 = (u32)t->c.maclen + t->c.iplen;
	u32 l4t = (t->c.tucmd & TUCMD_L4T) >> 2;
	u8 *ip = frame + t->c.maclen;

	if (t->legacy_ic)
		legacy(n, frame, len, t);
	if ((!t->ixsm && !t->txsm) || !offload_ok(n, len, t))
		return;
	if (t->ixsm) {
		nicsim_put16(ip + 10, 0);
		nicsim_put16(ip + 10, (u16)~nicsim_checksum(ip, t->c.iplen, 0));
	}
	if (t->txsm && l4t == 2) {
		u32 c;

		memset(frame + l4 + 8, 0, 4);
		c = n599_crc32c(frame + l4, len - l4);
		memcpy(frame + l4 + 8, &c, 4);
	} else if (t->txsm) {
		u8 *at = frame + l4 + (l4t == 1 ? 16 : 6);
		u16 sum = (u16)~nicsim_checksum(frame + l4, len - l4, 0);

		if (l4t == 0 && !sum)
			sum = 0xffff; /* RFC 768: 0 means none */
		nicsim_put16(at, sum);
	}
}
