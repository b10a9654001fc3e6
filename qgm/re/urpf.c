// SPDX-License-Identifier: MIT
/*
 * uRPF: is the source of a packet where the packet came from (RFC 3704 2)? Per interface: strict,
 * the route to the source leads out of the very interface (with several paths, one of them does:
 * feasible paths, 2.3); loose, there is a route to it (2.4) that is no blackhole, so that a
 * blackhole route for a source stops what it sends (RFC 5635 4). QGM cores.
 */
#include "qgm/re/re.h"

static bool leads_to(const struct tables *t, const struct adjacency *adj, u16 ifid)
{
	if (adj->kind != NH_GROUP)
		return (adj->kind == NH_GLEAN || adj->kind == NH_FORWARD) && adj->ifid == ifid;
	for (u32 i = 0; i <= adj->group->mask; i++) {
		if (nh_get(t->nh, adj->group->bucket[i])->ifid == ifid)
			return true;
	}
	return false;
}

/* `id`: next hop of the source. */
static bool passes(const struct tables *t, const struct packet *p, u32 id)
{
	const struct iface *ifc = t->iface[p->in_if];
	const struct adjacency *adj = nh_get(t->nh, id);

	switch (ifc->urpf) {
	case PIX_URPF_OFF:
		return true;
	case PIX_URPF_LOOSE:
		return adj->kind == NH_GLEAN || adj->kind == NH_FORWARD || adj->kind == NH_GROUP;
	default:
		return leads_to(t, adj, p->in_if);
	}
}

/* Drop those of p[0..n) whose source (with the next hop in `id`) does not pass; the others, and
 * their destinations of `each` bytes, move together. How many are left. */
static u32 keep(struct re *re, const struct tables *t, struct packet **p, const u32 *id, void *dst,
		size_t each, u32 n)
{
	u8 *d = dst;
	u32 left = 0;

	for (u32 i = 0; i < n; i++) {
		if (unlikely(!passes(t, p[i], id[i]))) {
			qgm_drop(re->q, p[i], DROP_urpf);
			continue;
		}
		if (left != i)
			__builtin_memcpy(d + left * each, d + i * each, each);
		p[left++] = p[i];
	}
	return left;
}

u32 urpf4(struct re *re, const struct tables *t, struct packet **p, u32 *dst, u32 n)
{
	u32 src[BURST_MAX], id[BURST_MAX];

	for (u32 i = 0; i < n; i++)
		src[i] = be32_to_cpu(packet_ipv4(p[i])->src);
	for (u32 i = 0, run; i < n; i += run) {
		const struct fib *f = t->fib[p[i]->vrf];

		for (run = 1; i + run < n && p[i + run]->vrf == p[i]->vrf; run++)
			;
		if (f)
			fib_lookup_burst(f, src + i, id + i, run);
		else
			__builtin_memset(id + i, 0, run * sizeof(id[0]));
	}
	return keep(re, t, p, id, dst, sizeof(dst[0]), n);
}

u32 urpf6(struct re *re, const struct tables *t, struct packet **p, struct pix_ip *dst, u32 n)
{
	struct pix_ip src[BURST_MAX];
	u32 id[BURST_MAX];

	for (u32 i = 0; i < n; i++)
		src[i] = packet_src6(p[i]);
	for (u32 i = 0, run; i < n; i += run) {
		const struct fib6 *f = t->fib6[p[i]->vrf];

		for (run = 1; i + run < n && p[i + run]->vrf == p[i]->vrf; run++)
			;
		if (f)
			fib6_lookup_burst(f, src + i, id + i, run);
		else
			__builtin_memset(id + i, 0, run * sizeof(id[0]));
	}
	return keep(re, t, p, id, dst, sizeof(dst[0]), n);
}
