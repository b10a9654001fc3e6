// SPDX-License-Identifier: MIT
/*
 * nexthop: next hops by id, in chunks: directory -> chunk of 32 adjacencies of a line. A batch
 * copies the directory and the chunks it edits; the rest is shared with the former table. An
 * adjacency is immutable once published; a change has the same id and the next generation, and
 * so has an id that is used again. A packet carries id and generation; rewrite compares them.
 */
#pragma once

#include "qgm/iface.h"
#include "qgm/re/garbage.h"

enum {
	NH_CHUNK = 32,
	NH_MAX = 32768, /* what the FIBs can hold */
	NH_BUCKETS_MAX = 4096,
};

enum nh_kind {
	NH_NONE,      /* id not in use */
	NH_LOCAL,     /* own address */
	NH_BROADCAST, /* broadcast address of an attached subnet */
	NH_BLACKHOLE,
	NH_UNREACHABLE,
	NH_GLEAN,   /* attached subnet: the destination itself must be resolved on ifid */
	NH_FORWARD, /* through `gateway` on ifid (of a host route: the host) */
	NH_GROUP,   /* one of several (ECMP): `group` says which for a flow's hash */
};

/* Ids that always exist. */
enum { NH_ID_LOCAL = 1, NH_ID_BROADCAST, NH_ID_BLACKHOLE, NH_ID_UNREACHABLE, NH_ID_FIRST };

/*
 * Members of an ECMP group by bucket: ids of NH_GLEAN, NH_FORWARD (of the same family),
 * NH_BLACKHOLE or NH_UNREACHABLE adjacencies, never of a group. Immutable; a group that changes
 * gets a new array in which only the buckets of the members that went or came differ, so that the
 * other flows stay where they are.
 */
struct nh_group {
	struct gobj obj;
	u32 mask;     /* buckets - 1; their number is a power of two */
	u16 bucket[]; /* member ids */
};

/* QGM: the member for a flow with this packet_hash(). */
static inline u32 nh_group_member(const struct nh_group *g, u32 hash)
{
	return g->bucket[hash & g->mask];
}

struct adjacency {
	u8 kind;     /* enum nh_kind */
	u8 resolved; /* FORWARD: eth[] is complete */
	u16 gen;
	u16 port;      /* 0: the interface is not on a port of its own (IRB) */
	u16 ifid;      /* outgoing interface (GLEAN, FORWARD) */
	u16 plain_len; /* set by nh_set(): frame that fits fast_mtu with an untagged header, 0:
			  tagged */
	u16 fast_mtu;  /* set by nh_set(): mtu if resolved and on a port, else 0 */
	u16 mtu;       /* of that interface, L3 bytes */
	u8 eth_len;    /* 14, 18 or 22 */
	u8 pad;
	u8 eth[22]; /* Ethernet header as sent: destination, source, tags, EtherType */
	u8 pad2[10];
	union {
		struct pix_ip gateway;        /* FORWARD; link-local ones scoped */
		const struct nh_group *group; /* GROUP (resolved is 0) */
	};
} __cacheline;
_Static_assert(sizeof(struct adjacency) == CACHE_LINE, "an adjacency a line");

struct nh_chunk {
	struct gobj obj;
	u64 serial; /* batch that made it (writer only) */
	u8 pad[CACHE_LINE - sizeof(struct gobj) - 8];
	struct adjacency adj[NH_CHUNK];
};

struct nh_table {
	struct gobj obj;
	u32 chunks;       /* entries of chunk[] */
	u32 punt_classes; /* bit per enum pix_punt_class: somebody listens */
	const struct nh_chunk *chunk[];
};

/* QGM: the adjacency `id`; id must come from a FIB of the same root, or be range-checked. */
static inline const struct adjacency *nh_get(const struct nh_table *t, u32 id)
{
	return &t->chunk[id / NH_CHUNK]->adj[id % NH_CHUNK];
}

static inline bool nh_valid(const struct nh_table *t, u32 id)
{
	return id / NH_CHUNK < t->chunks;
}

/* --- the writer, under the control lock ----------------------------------------------------- */

struct nh_batch {
	struct garbage *g;
	const struct nh_table *cur;
	struct nh_table *draft; /* NULL while nothing has been edited */
	u64 serial;
	bool heap;
};

/* A batch over `cur` (NULL: a table with the fixed ids only). NULL: no memory. */
struct nh_batch *nh_begin(const struct nh_table *cur, struct garbage *g);

/* The same in the caller's memory. 0, -ENOMEM. */
int nh_open(struct nh_batch *b, const struct nh_table *cur, struct garbage *g);

/* Adjacency of an id in the draft; kind NH_NONE when not in use. Valid until the next nh_set(). */
const struct adjacency *nh_peek(const struct nh_batch *b, u32 id);

/* Publish `adj` under `id`; its gen is ignored: the id's next generation is used. An equal
 * adjacency changes nothing. 0, -ENOMEM, -EINVAL (id out of range). kind NH_NONE frees the id. */
int nh_set(struct nh_batch *b, u32 id, const struct adjacency *adj);

/* Publish a group under `id`: `n` buckets (a power of two, at most NH_BUCKETS_MAX) of member ids.
 * The same buckets change nothing. 0, -ENOMEM, -EINVAL. */
int nh_set_group(struct nh_batch *b, u32 id, const u16 *bucket, u32 n);

/* 0 or -ENOMEM. */
int nh_set_punt_classes(struct nh_batch *b, u32 classes);

/* End the batch: the new table. Cannot fail. */
const struct nh_table *nh_commit(struct nh_batch *b);
void nh_abort(struct nh_batch *b);
