// SPDX-License-Identifier: MIT
/*
 * shed: see shed.h. Whether an address is own is what the table says of it, which takes longer than
 * all the rest (IPv6: 60 ns); what it said in this epoch of the last few addresses that may be own
 * (by the filter of fib.h, fib6.h) is kept.
 */
#include "qgm/re/shed.h"

#include "qgm/core.h"
#include "qgm/re/reasm.h"

/* No time for a fragment from `net`? */
static inline bool end(struct re *re, struct packet *p, u64 net)
{
	if (!reasm_busy(re->reasm, net, re->q->now))
		return false;
	qgm_drop(re->q, p, DROP_fragment_rate);
	return true;
}

static inline u64 net4(const struct ipv4_hdr *ip)
{
	return limits_net4(be32_to_cpu(ip->src));
}

bool shed_local(struct re *re, struct packet *p, bool six)
{
	if (six) {
		const struct ipv6_hdr *ip = packet_ipv6(p);

		return ip->next == IPPROTO_FRAGMENT_ && end(re, p, limits_net6(ip));
	}
	return packet_ipv4(p)->frag & cpu_to_be16(IP_MF | IP_OFFMASK) &&
	       end(re, p, net4(packet_ipv4(p)));
}

/* What is known of an address, whose filter hash is `hash`, in a table of this epoch. */
static inline struct known *known(struct re *re, u32 hash)
{
	return &re->known[hash % RE_KNOWN];
}

static inline bool knows(const struct known *k, const struct tables *t, const void *table,
			 struct pix_ip a)
{
	return likely(k->epoch == t->epoch && k->table == table && pix_ip_eq(k->addr, a));
}

static bool learn(struct known *k, const struct tables *t, const void *table, struct pix_ip a,
		  u32 id)
{
	*k = (struct known){ t->epoch, table, a, id && nh_get(t->nh, id)->kind == NH_LOCAL };
	return k->own;
}

static inline bool own4(struct re *re, const struct tables *t, const struct fib *f, u32 dst)
{
	struct pix_ip a = pix_ip4(dst);
	struct known *k;

	if (!fib_maybe_own(f, dst))
		return false;
	k = known(re, fib_own_hash(dst));
	return knows(k, t, f, a) ? k->own : learn(k, t, f, a, fib_lookup(f, dst));
}

static inline bool own6(struct re *re, const struct tables *t, const struct fib6 *f,
			struct pix_ip dst)
{
	struct known *k;

	if (!fib6_maybe_own(f, dst))
		return false;
	k = known(re, fib6_own_hash(dst));
	return knows(k, t, f, dst) ? k->own : learn(k, t, f, dst, fib6_lookup(f, dst));
}

void shed4(struct re *re, const struct tables *t, const struct fib *f, struct train4 *b)
{
	u64 gone = 0;

	for (u64 bits = b->t.pieces; bits; bits &= bits - 1) {
		u32 i = (u32)__builtin_ctzll(bits);
		struct packet *p = b->t.p[i];

		if (own4(re, t, f, b->key[i]) && end(re, p, net4(packet_ipv4(p))))
			gone |= 1ull << i;
	}
	if (gone)
		fast_pack4(b, gone);
}

void shed6(struct re *re, const struct tables *t, const struct fib6 *f, struct train6 *b)
{
	u64 gone = 0;

	for (u64 bits = b->t.pieces; bits; bits &= bits - 1) {
		u32 i = (u32)__builtin_ctzll(bits);
		struct packet *p = b->t.p[i];

		if (own6(re, t, f, b->key[i]) && end(re, p, limits_net6(packet_ipv6(p))))
			gone |= 1ull << i;
	}
	if (gone)
		fast_pack6(b, gone);
}
