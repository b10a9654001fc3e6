// SPDX-License-Identifier: MIT
/*
 * ext6: the chain of extension headers of an IPv6 packet (RFC 8200 4), walked over untrusted bytes
 * with fixed bounds: EXT6_HEADERS headers, EXT6_OPTIONS options in one and 7 bytes of padding in a
 * row (RFC 8504 5.3, RFC 9673 5.1). In transit only hop-by-hop options are looked at. QGM cores.
 */
#pragma once

#include "qgm/qgm.h"

enum { EXT6_HEADERS = 8, EXT6_OPTIONS = 8, EXT6_PADDING = 7 };

enum ext6_end {
	EXT6_UPPER,    /* at a header that is no extension header that we know */
	EXT6_FRAGMENT, /* at a whole fragment header */
	EXT6_SHORT,    /* the packet ends within a header */
	EXT6_REFUSED,
};

/* Where a walk stands. Offsets are bytes from the IPv6 header's start. */
struct ext6 {
	u16 off;     /* of the next header */
	u16 next_at; /* of the field that says what it is */
	u8 proto;    /* what that field says */
	/* Of what was refused: */
	bool tell; /* by a parameter problem of this code and pointer */
	u8 code;
	u16 pointer;
	enum drop_reason why;
};

struct re;

/* At the header behind the fixed one. `p` has passed the header check. */
struct ext6 ext6_start(const struct packet *p);

/*
 * Check the options header (hop-by-hop or destination options) at which `x` stands and step over
 * it. False: refused. `group`: the destination is multicast.
 */
bool ext6_options(const struct packet *p, struct ext6 *x, bool group);

/* Walk to the upper-layer header or a fragment header, as the destination does. */
enum ext6_end ext6_walk(const struct packet *p, struct ext6 *x, bool group);

/* End `p` for the reason in `x`, telling its sender if that is due. */
void ext6_refuse(struct re *re, const struct tables *t, struct packet *p, const struct ext6 *x);

/* Upper-layer protocol of any packet and its offset from p->data, without judging what is in
 * between; EXT6_LATER: a fragment but the first; EXT6_LOST: cut off, or too long a chain. */
enum { EXT6_LATER = -1, EXT6_LOST = -2 };
int ext6_upper(const struct packet *p, u32 *at);

/* Is it a message of multicast listener discovery (RFC 2710, RFC 3810)? */
bool ext6_mld(const struct packet *p);
