// SPDX-License-Identifier: MIT
/*
 * IPv6 tables and frames for the routing engine's tests. Tables are edited beside the control
 * plane, so that the data path is tested by itself: six_begin(), edits, six_commit().
 */
#pragma once

#include "tests/unit/re/frames.h"

enum { SIX_NH = 1000 }; /* first next-hop id of these tables */

/* "2001:db8::1" */
struct pix_ip ip6(const char *text);

void six_begin(void);
void six_commit(void); /* one epoch; what waited is looked at */

/* Own address: NH_LOCAL, and the subnet of `len` as glean, on an L3 interface with IPv6 on. */
void six_addr(u16 ifid, const char *addr, u8 len);

/* A next hop on `ifid`; `mac` 0: not resolved. Returns its id. */
u32 six_nexthop(u16 ifid, const char *gateway, u8 mac);

/* The same under an id that is there: resolved, changed or (mac 0) lost. */
void six_nexthop_set(u32 id, u16 ifid, const char *gateway, u8 mac);

/* A group over `n` buckets (a power of two) of ids. */
u32 six_group(const u16 *bucket, u32 n);

/* A resolved next hop on `ifid` with this link header. */
u32 six_tagged(u16 ifid, const void *header, u8 len);

void six_route(const char *prefix, u8 len, u32 nh);
void six_unroute(const char *prefix, u8 len);

/* A resolved neighbour: host route and adjacency. Link-local ones with their interface. */
u32 six_neigh(u16 ifid, const char *addr, u8 mac);

/* Edit an interface: a copy of it in the draft. */
struct iface *six_iface(u16 ifid);

/* Before fake_stop(): take all of it away. */
void six_stop(void);

/* Ethernet + IPv6 + `payload` bytes (pattern) to router port `port`; returns the length. */
u16 frame_ipv6(u8 *f, u16 port, struct pix_ip src, struct pix_ip dst, u8 next, u8 hops,
	       u16 payload);

/* With ICMPv6 of `payload` bytes behind its 8, or UDP; right checksums. */
u16 frame_icmp6(u8 *f, u16 port, struct pix_ip src, struct pix_ip dst, u8 type, u8 code,
		u16 payload);
u16 frame_udp6(u8 *f, u16 port, struct pix_ip src, struct pix_ip dst, u8 hops, u16 payload);

/* Put `n` bytes (a multiple of 8) of extension headers behind the fixed header. The last one's next
 * header byte, at `last`, becomes the packet's; `first` is what the fixed header says. */
u16 frame_insert(u8 *f, u16 len, u8 first, const void *ext, u16 n, u16 last);

struct ipv6_hdr *frame_ip6(void *f);

/* Sum over an upper-layer message with its pseudo-header; 0 when right. */
u16 frame_sum6(const struct ipv6_hdr *ip, const void *data, u32 len, u8 proto);

void check_ip6(const struct fate *fate, struct pix_ip src, struct pix_ip dst, u8 hops);

/* An ICMPv6 error that quotes `frame` (as sent, `len` bytes) as far as 1280 bytes allow. */
void check_icmp6_error(const struct fate *fate, struct pix_ip src, struct pix_ip dst, u8 type,
		       u8 code, u32 rest, const u8 *frame, u16 len);
