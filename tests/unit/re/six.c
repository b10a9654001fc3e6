// SPDX-License-Identifier: MIT
/* IPv6 tables and frames for the routing engine's tests (six.h). */
#include "tests/unit/re/six.h"

#include <arpa/inet.h>

static struct tables *draft;
static struct garbage garbage;
static struct nh_batch *nh;
static struct fib6_batch *fib[VRF_MAX];
static u32 nh_next = SIX_NH;
static bool ours[VRF_MAX]; /* the control plane has no table there */
static struct {
	struct pix_ip prefix;
	u16 vrf;
	u8 len;
} routes[256];
static u32 route_count;

struct pix_ip ip6(const char *text)
{
	u8 wire[16];

	assert_int_equal(inet_pton(AF_INET6, text, wire), 1);
	return pix_ip_load(wire);
}

/* --- tables --------------------------------------------------------------------------------- */

void six_begin(void)
{
	draft = tables_begin();
	assert_non_null(draft);
	assert_int_equal(garbage_begin(&garbage), 0);
	nh = nh_begin(draft->nh, &garbage);
	assert_non_null(nh);
}

static struct fib6_batch *fib_of(u16 vrf)
{
	if (!draft->fib6[vrf] && !fib[vrf])
		ours[vrf] = true;
	if (!fib[vrf])
		fib[vrf] = fib6_begin(draft->fib6[vrf], vrf, &garbage);
	assert_non_null(fib[vrf]);
	return fib[vrf];
}

static void add(u16 vrf, struct pix_ip prefix, u8 len, u32 id)
{
	assert_int_equal(fib6_add(fib_of(vrf), prefix, len, id), 0);
	assert_true(route_count < ARRAY_SIZE(routes));
	routes[route_count].prefix = prefix;
	routes[route_count].vrf = vrf;
	routes[route_count++].len = len;
}

static void commit(void)
{
	u64 epoch;

	for (u32 i = 0; i < VRF_MAX; i++) {
		if (fib[i])
			draft->fib6[i] = fib6_commit(fib[i]);
		fib[i] = NULL;
	}
	draft->nh = nh_commit(nh);
	epoch = tables_commit(draft);
	garbage_commit(&garbage, epoch);
	draft = NULL;
}

void six_commit(void)
{
	commit();
	fake_grace();
	fake_epoch();
}

struct iface *six_iface(u16 ifid)
{
	struct iface copy;
	struct iface *now;

	assert_non_null(draft->iface[ifid]);
	copy = *draft->iface[ifid];
	assert_int_equal(iface_set(draft, &copy), 0);
	memcpy(&now, &draft->iface[ifid], sizeof(now));
	return now;
}

static struct pix_ip prefix_of(struct pix_ip a, u8 len)
{
	struct pix_ip m = pix_ip_mask(len);

	return (struct pix_ip){ a.hi & m.hi, a.lo & m.lo };
}

void six_addr(u16 ifid, const char *addr, u8 len)
{
	struct iface *ifc = six_iface(ifid);
	struct adjacency glean = {
		.kind = NH_GLEAN, .ifid = ifid, .port = ifc->port, .mtu = ifc->mtu
	};
	struct pix_ip a = ip6(addr), key = ip6_scoped(a, ifid);

	ifc->v6 = true;
	ifc->addr[ifc->addr_count++] = (struct iface_addr){ .ip = a, .len = len };
	assert_int_equal(nh_set(nh, nh_next, &glean), 0);
	add(ifc->vrf, prefix_of(key, len), len, nh_next);
	add(ifc->vrf, key, 128, NH_ID_LOCAL);
	fib6_own_add(fib_of(ifc->vrf), key);
	nh_next++;
}

void six_nexthop_set(u32 id, u16 ifid, const char *gateway, u8 mac)
{
	const struct iface *ifc = draft->iface[ifid];
	struct adjacency adj = { .kind = NH_FORWARD,
				 .ifid = ifid,
				 .port = ifc->port,
				 .mtu = ifc->mtu,
				 .resolved = mac != 0,
				 .gateway = ip6_scoped(ip6(gateway), ifid) };

	if (mac) {
		memcpy(adj.eth, fake_neigh_mac, 6);
		adj.eth[5] = mac;
		memcpy(adj.eth + 6, ifc->mac, 6);
		adj.eth[12] = 0x86;
		adj.eth[13] = 0xdd;
		adj.eth_len = 14;
	}
	assert_int_equal(nh_set(nh, id, &adj), 0);
}

u32 six_nexthop(u16 ifid, const char *gateway, u8 mac)
{
	six_nexthop_set(nh_next, ifid, gateway, mac);
	return nh_next++;
}

u32 six_group(const u16 *bucket, u32 n)
{
	assert_int_equal(nh_set_group(nh, nh_next, bucket, n), 0);
	return nh_next++;
}

u32 six_tagged(u16 ifid, const void *header, u8 len)
{
	struct adjacency adj = { .kind = NH_FORWARD,
				 .ifid = ifid,
				 .port = draft->iface[ifid]->port,
				 .mtu = draft->iface[ifid]->mtu,
				 .resolved = 1,
				 .eth_len = len };

	memcpy(adj.eth, header, len);
	assert_int_equal(nh_set(nh, nh_next, &adj), 0);
	return nh_next++;
}

void six_route(const char *prefix, u8 len, u32 id)
{
	add(0, ip6(prefix), len, id);
}

void six_unroute(const char *prefix, u8 len)
{
	assert_int_equal(fib6_del(fib_of(0), ip6(prefix), len), 0);
}

u32 six_neigh(u16 ifid, const char *addr, u8 mac)
{
	u32 id = six_nexthop(ifid, addr, mac);

	add(draft->iface[ifid]->vrf, ip6_scoped(ip6(addr), ifid), 128, id);
	return id;
}

void six_stop(void)
{
	static const struct adjacency none;

	six_begin();
	for (u32 i = 0; i < route_count; i++) /* one that was added twice is gone already */
		fib6_del(fib_of(routes[i].vrf), routes[i].prefix, routes[i].len);
	for (u32 i = SIX_NH; i < nh_next; i++)
		assert_int_equal(nh_set(nh, i, &none), 0);
	route_count = 0;
	nh_next = SIX_NH;
	six_commit();
	six_begin();
	for (u32 i = 0; i < VRF_MAX; i++) {
		struct fib6 *f;

		if (!ours[i])
			continue;
		memcpy(&f, &draft->fib6[i], sizeof(f));
		assert_int_equal(f->count, 0);
		garbage_drop(&garbage, &f->obj);
		draft->fib6[i] = NULL;
		ours[i] = false;
	}
	six_commit();
}

/* --- frames --------------------------------------------------------------------------------- */

struct ipv6_hdr *frame_ip6(void *f)
{
	return (struct ipv6_hdr *)((u8 *)f + ETH_HLEN);
}

u16 frame_ipv6(u8 *f, u16 port, struct pix_ip src, struct pix_ip dst, u8 next, u8 hops, u16 payload)
{
	struct ipv6_hdr *ip = frame_ip6(f);

	memcpy(f, fake_port_mac, 6);
	f[5] += (u8)port;
	memcpy(f + 6, "\x02\xbb\0\0\0\1\x86\xdd", 8);
	*ip = (struct ipv6_hdr){ .vtf = cpu_to_be32(0x60012345),
				 .payload_len = cpu_to_be16(payload),
				 .next = next,
				 .hop_limit = hops };
	pix_ip_store(ip->src, src);
	pix_ip_store(ip->dst, dst);
	for (u16 i = 0; i < payload; i++)
		f[54 + i] = (u8)(i * 7 + 1);
	return (u16)(54 + payload);
}

u16 frame_sum6(const struct ipv6_hdr *ip, const void *data, u32 len, u8 proto)
{
	const u8 *a = ip->src;
	u32 sum = len + proto;

	for (u32 i = 0; i < 32; i += 2)
		sum += (u32)a[i] << 8 | a[i + 1];
	return frame_sum(data, len, sum);
}

static void put_sum6(u8 *f, u8 *at, u16 len, u8 proto)
{
	u16 sum;

	at[0] = at[1] = 0;
	sum = frame_sum6(frame_ip6(f), f + 54, len, proto);
	at[0] = (u8)(sum >> 8);
	at[1] = (u8)sum;
}

u16 frame_icmp6(u8 *f, u16 port, struct pix_ip src, struct pix_ip dst, u8 type, u8 code,
		u16 payload)
{
	u8 hops = type >= ND_ROUTER_SOLICIT && type <= ND_REDIRECT ? 255 : 64;
	u16 len = frame_ipv6(f, port, src, dst, 58, hops, (u16)(8 + payload));

	f[54] = type;
	f[55] = code;
	put_sum6(f, f + 56, (u16)(8 + payload), 58);
	return len;
}

u16 frame_udp6(u8 *f, u16 port, struct pix_ip src, struct pix_ip dst, u8 hops, u16 payload)
{
	u16 n = (u16)(8 + payload), len = frame_ipv6(f, port, src, dst, 17, hops, n);

	memcpy(f + 54, "\x82\x35\x82\x9a", 4);
	f[58] = (u8)(n >> 8);
	f[59] = (u8)n;
	put_sum6(f, f + 60, n, 17);
	return len;
}

u16 frame_insert(u8 *f, u16 len, u8 first, const void *ext, u16 n, u16 last)
{
	struct ipv6_hdr *ip = frame_ip6(f);

	memmove(f + 54 + n, f + 54, len - 54u);
	memcpy(f + 54, ext, n);
	f[54 + last] = ip->next;
	ip->next = first;
	ip->payload_len = cpu_to_be16((u16)(be16_to_cpu(ip->payload_len) + n));
	return (u16)(len + n);
}

void check_ip6(const struct fate *fate, struct pix_ip src, struct pix_ip dst, u8 hops)
{
	const struct ipv6_hdr *ip = frame_ip6((void *)(uintptr_t)fate->frame);
	struct pix_ip a = pix_ip_load(ip->src), b = pix_ip_load(ip->dst);

	assert_int_equal(be32_to_cpu(ip->vtf) >> 28, 6);
	assert_memory_equal(&a, &src, sizeof(a));
	assert_memory_equal(&b, &dst, sizeof(b));
	assert_int_equal(ip->hop_limit, hops);
	assert_int_equal(be16_to_cpu(ip->payload_len) + 54, fate->len);
	assert_memory_equal(fate->frame + 12, "\x86\xdd", 2);
}

void check_icmp6_error(const struct fate *fate, struct pix_ip src, struct pix_ip dst, u8 type,
		       u8 code, u32 rest, const u8 *frame, u16 len)
{
	const struct ipv6_hdr *ip = frame_ip6((void *)(uintptr_t)fate->frame);
	const u8 *icmp = fate->frame + 54;
	u32 quote = len - 14u < 1232 ? len - 14u : 1232;

	assert_int_equal(fate->kind, FATE_OUT);
	check_ip6(fate, src, dst, 64);
	assert_int_equal(ip->next, 58);
	assert_int_equal(fate->len, 54 + 8 + quote);
	assert_int_equal(icmp[0], type);
	assert_int_equal(icmp[1], code);
	assert_int_equal((u32)icmp[4] << 24 | icmp[5] << 16 | icmp[6] << 8 | icmp[7], rest);
	assert_int_equal(frame_sum6(ip, icmp, 8 + quote, 58), 0);
	assert_memory_equal(icmp + 8, frame + 14, quote);
}
