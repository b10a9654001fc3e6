// SPDX-License-Identifier: MIT
/*
 * Which queue of an 82599 a frame is received by: 5-tuple filters (7.1.2.5) for the flow rules of
 * the operator, the receive-side hash (7.1.2.8) for everything else. Owner QGM.
 *
 * The key has a period of 16 bits, so that both directions of a flow are received by the same QGM,
 * as with the engine's own hash. IPv6 with extension headers is hashed by addresses only, as is
 * what is neither TCP nor UDP.
 */
#include "drivers/net/ixgbe/ixgbe.h"

#define KEY_WORD 0x5a6d5a6du /* bytes 6d 5a 6d 5a, the first lowest */

static void write_reta(const struct ixgbe *e)
{
	for (u32 i = 0; i < IXGBE_RETA_SIZE / 4; i++) {
		const u8 *r = &e->reta[4 * i];

		ixgbe_wrn(e, RETA, i, r[0] | (u32)r[1] << 8 | (u32)r[2] << 16 | (u32)r[3] << 24);
	}
}

void ixgbe_rss_setup(struct ixgbe *e)
{
	for (u32 i = 0; i < 10; i++)
		ixgbe_wrn(e, RSSRK, i, KEY_WORD);
	for (u32 i = 0; i < IXGBE_RETA_SIZE; i++)
		if (e->reta[i] >= e->queues || !(e->on >> e->reta[i] & 1))
			e->reta[i] = 0;
	write_reta(e);
	ixgbe_wr(e, IXGBE_MRQC,
		 e->queues > 1 ? MRQC_RSS | MRQC_IPV4 | MRQC_IPV4_TCP | MRQC_IPV4_UDP | MRQC_IPV6 |
					 MRQC_IPV6_TCP | MRQC_IPV6_UDP
			       : 0);
}

void ixgbe_spread(struct port *p, const struct reta *r)
{
	struct ixgbe *e = p->priv;

	for (u32 i = 0; i < IXGBE_RETA_SIZE; i++) {
		u8 q = r->entry[i & (r->size - 1u)];

		e->reta[i] = q < e->queues && e->on >> q & 1 ? q : 0;
	}
	write_reta(e);
}

/* --- flow rules ---------------------------------------------------------------------------- */

static u32 swap(u32 v)
{
	return __builtin_bswap32(v);
}

/* Protocols have two bits, and "other" is not one protocol. */
static int protocol(const struct port_flow *f, u32 *ftqf)
{
	if (f->open & PORT_FLOW_OPEN_PROTO) {
		*ftqf |= FTQF_MASK_PROTOCOL;
		return 0;
	}
	switch (f->key.proto) {
	case 6:
		*ftqf |= FTQF_TCP;
		return 0;
	case 17:
		*ftqf |= FTQF_UDP;
		return 0;
	case 132:
		*ftqf |= FTQF_SCTP;
		return 0;
	default:
		return -EINVAL;
	}
}

/* The more fields count, the earlier it is looked at: 7.1.2.5 takes the highest priority. */
static u32 priority(const struct port_flow *f)
{
	u32 open = 0;

	for (u32 bits = f->open; bits; bits &= bits - 1)
		open++;
	return 6 - open;
}

int ixgbe_flow(struct port *p, u32 slot, const struct port_flow *f)
{
	struct ixgbe *e = p->priv;
	u32 ftqf = FTQF_ENABLE | FTQF_MASK_POOL;

	if (slot >= IXGBE_FILTERS)
		return -EINVAL;
	if (!f) {
		ixgbe_wrn(e, FTQF, slot, 0);
		return 0;
	}
	if (f->queue >= e->queues || !(e->on >> f->queue & 1))
		return -EINVAL;
	/* IPv4 only, 7.1.2.5; open on both sides would be IPv6 too. */
	if ((f->open & PORT_FLOW_OPEN_SRC || !pix_ip_is4(f->key.src)) &&
	    (f->open & PORT_FLOW_OPEN_DST || !pix_ip_is4(f->key.dst)))
		return -EINVAL;
	if (protocol(f, &ftqf))
		return -EINVAL;
	if (f->open & PORT_FLOW_OPEN_SRC)
		ftqf |= FTQF_MASK_SOURCE;
	if (f->open & PORT_FLOW_OPEN_DST)
		ftqf |= FTQF_MASK_DESTINATION;
	if (f->open & PORT_FLOW_OPEN_SPORT)
		ftqf |= FTQF_MASK_SOURCE_PORT;
	if (f->open & PORT_FLOW_OPEN_DPORT)
		ftqf |= FTQF_MASK_DESTINATION_PORT;
	ftqf |= priority(f) << FTQF_PRIORITY_SHIFT;
	ixgbe_wrn(e, FTQF, slot, 0); /* off while it changes */
	ixgbe_wrn(e, SAQF, slot, f->open & PORT_FLOW_OPEN_SRC ? 0 : swap(pix_ip_to4(f->key.src)));
	ixgbe_wrn(e, DAQF, slot, f->open & PORT_FLOW_OPEN_DST ? 0 : swap(pix_ip_to4(f->key.dst)));
	ixgbe_wrn(e, SDPQF, slot,
		  __builtin_bswap16(f->key.sport) | (u32)__builtin_bswap16(f->key.dport) << 16);
	ixgbe_wrn(e, L34TIMIR, slot,
		  L34TIMIR_SIZE_BP | L34TIMIR_RESERVED | (u32)f->queue << L34TIMIR_QUEUE_SHIFT);
	ixgbe_wrn(e, FTQF, slot, ftqf);
	return 0;
}
