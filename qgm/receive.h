// SPDX-License-Identifier: MIT
/*
 * receive: a burst as it comes from one queue of one port, stamped and parsed in one pass, when all
 * of it is plain: each frame long enough, from a station, to a station, without tag (parse.c). Wide
 * code looks at two headers at once and asks once a burst whether anything was odd. ports.c calls
 * it on the QGM that polls the queue; parse.c has the general way.
 */
#pragma once

#include "qgm/packet.h"

enum {
	ETH_PLAIN = 14,               /* bytes of an Ethernet header without tag */
	RE_FRESH_MIN = 4,             /* bursts of fewer are not for re_received() */
	RE_FRESH_NOT = BURST_MAX + 1, /* what it says of bursts that are not for it */
};

/* What all frames of the burst get. */
struct receive_mark {
	u16 in_port, in_if, vrf;
	u64 now; /* clock of the turn */
};

/*
 * Writes in_port, in_if, vrf, l3_off and timestamp of p[0..n), which are fresh but for data, len
 * and flags, and the sum of len to *bytes. True: all are plain. False: some are not, and which must
 * be found out: of what is written only in_port and timestamp count.
 */
typedef bool (*receive_fn)(const struct receive_mark *m, struct packet *const *p, u32 n,
			   u64 *bytes);

bool receive_plain(const struct receive_mark *m, struct packet *const *p, u32 n, u64 *bytes);
bool receive_plain_avx2(const struct receive_mark *m, struct packet *const *p, u32 n, u64 *bytes);

/* The best of these here (cpu.h). */
receive_fn receive_best(void);

/* The fields of one, and the sums; `len` is below ETH_PLAIN where *shorts becomes negative. */
static inline void receive_one(struct packet *f, u64 word, u64 now, u64 *bytes, s64 *shorts)
{
	u64 len = f->len;

	word |= len;
	*bytes += len;
	*shorts |= (s64)len - ETH_PLAIN;
	__builtin_memcpy(&f->len, &word, sizeof(word));
	f->timestamp = now;
}

_Static_assert(__builtin_offsetof(struct packet, in_port) ==
			       __builtin_offsetof(struct packet, len) + 2 &&
		       __builtin_offsetof(struct packet, in_if) ==
			       __builtin_offsetof(struct packet, len) + 4 &&
		       __builtin_offsetof(struct packet, l3_off) ==
			       __builtin_offsetof(struct packet, len) + 6,
	       "fields of receive_word()");

/* len 0, in_port, in_if, l3_off as they lie in memory. */
static inline u64 receive_word(const struct receive_mark *m)
{
	return (u64)m->in_port << 16 | (u64)m->in_if << 32 | (u64)ETH_PLAIN << 48;
}

/* What receive_plain() writes, but for the length. */
static inline void receive_stamp(const struct receive_mark *m, struct packet *const *p, u32 n)
{
	u64 word = receive_word(m) >> 16; /* in_port, in_if, l3_off, out_port 0 */

	for (u32 i = 0; i < n; i++) {
		__builtin_memcpy(&p[i]->in_port, &word, sizeof(word));
		p[i]->timestamp = m->now;
		p[i]->vrf = m->vrf;
	}
}

/* Frames of other VRFs than the first, which a fresh packet is of. */
static inline void receive_vrf(const struct receive_mark *m, struct packet *const *p, u32 n)
{
	for (u32 i = 0; i < n && m->vrf; i++)
		p[i]->vrf = m->vrf;
}
