// SPDX-License-Identifier: MIT
/* Frames for the routing engine's tests, built and checked apart from the code under test. */
#pragma once

#include "tests/unit/re/fake_engine.h"

/* RFC 1071 by words, its own implementation. */
u16 frame_sum(const void *data, size_t len, u32 start);

/* Ethernet + IPv4 + `payload` bytes (pattern) to router port `port`; returns the length. Writes a
 * right checksum. */
u16 frame_ipv4(u8 *f, u16 port, u32 src, u32 dst, u8 proto, u8 ttl, u16 payload);

/* The same with ICMP (checksum right) or UDP. */
u16 frame_icmp(u8 *f, u16 port, u32 src, u32 dst, u8 type, u8 code, u16 payload);
u16 frame_udp(u8 *f, u16 port, u32 src, u32 dst, u8 ttl, u16 payload);

struct ipv4_hdr *frame_ip(void *f);

/* After a change: the header checksum anew. */
void frame_fix(u8 *f);

/* Header checksum right, addresses, TTL as given. */
void check_ip(const struct fate *fate, u32 src, u32 dst, u8 ttl);

/* `fate` is an ICMP error of type/code/rest from `src` to `dst` that quotes `frame` (as sent), with
 * right checksums and the length that RFC 1812 4.3.2.3 allows. */
void check_icmp_error(const struct fate *fate, u32 src, u32 dst, u8 type, u8 code, u32 rest,
		      const u8 *frame, u16 len);
