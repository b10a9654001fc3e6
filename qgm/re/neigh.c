// SPDX-License-Identifier: MIT
/*
 * neigh: the queues of packets that wait for a neighbour (neigh.h). One QGM, no locks. Entries are
 * found by a hash of (interface, address); packets hang in lists of 16-bit indices, so that the
 * whole takes about 14 KiB per core.
 */
#include "qgm/re/neigh.h"

#include "qgm/env.h"
#include "qgm/re/icmp6.h"
#include "qgm/re/re.h"

enum { NONE = 0xffff, BUCKETS = 128 };

struct slot {
	struct packet *p;
	u16 next;
};

struct entry {
	struct pix_ip addr;
	u16 ifid;
	u16 count; /* packets waiting; 0 = entry free */
	u16 first, last;
	u16 next; /* in the bucket, or in the free list */
	u64 deadline;
	u64 event_at; /* when to send the next event */
};

struct neigh_queues {
	struct limit event_limit;
	u64 event_full;
	u64 ms; /* cycles */
	u32 active;
	u16 free_entry, free_slot;
	u16 bucket[BUCKETS];
	struct entry entry[NEIGH_ENTRIES];
	struct slot slot[NEIGH_PACKETS];
	struct packet *ready[NEIGH_PACKETS]; /* neigh_epoch() only */
};

struct neigh_queues *neigh_queues_create(u32 node, u64 hz)
{
	struct neigh_queues *nq = env_alloc(ENV_PRIVATE, sizeof(*nq), CACHE_LINE, node);

	if (!nq)
		return NULL;
	nq->event_limit = limit_make(hz, NEIGH_EVENT_RATE, NEIGH_EVENT_BURST);
	nq->ms = hz / 1000;
	for (u32 i = 0; i < BUCKETS; i++)
		nq->bucket[i] = NONE;
	for (u32 i = 0; i < NEIGH_ENTRIES; i++)
		nq->entry[i].next = i + 1 < NEIGH_ENTRIES ? (u16)(i + 1) : NONE;
	for (u32 i = 0; i < NEIGH_PACKETS; i++)
		nq->slot[i].next = i + 1 < NEIGH_PACKETS ? (u16)(i + 1) : NONE;
	return nq;
}

static u16 *bucket_of(struct neigh_queues *nq, u16 ifid, struct pix_ip addr)
{
	u64 h = addr.lo ^ (addr.hi << 7 | addr.hi >> 57) ^ (u64)ifid << 40;

	return &nq->bucket[h * 0x9e3779b97f4a7c15ull >> 57];
}

static struct entry *entry_find(struct neigh_queues *nq, u16 ifid, struct pix_ip addr)
{
	for (u16 i = *bucket_of(nq, ifid, addr); i != NONE; i = nq->entry[i].next)
		if (pix_ip_eq(nq->entry[i].addr, addr) && nq->entry[i].ifid == ifid)
			return &nq->entry[i];
	return NULL;
}

static struct entry *entry_new(struct neigh_queues *nq, u16 ifid, struct pix_ip addr, u64 now)
{
	u16 *bucket = bucket_of(nq, ifid, addr), i = nq->free_entry;
	struct entry *e;

	if (i == NONE)
		return NULL;
	e = &nq->entry[i];
	nq->free_entry = e->next;
	*e = (struct entry){
		.addr = addr,
		.ifid = ifid,
		.first = NONE,
		.last = NONE,
		.next = *bucket,
		.deadline = now + NEIGH_TIMEOUT_MS * nq->ms,
		.event_at = now,
	};
	*bucket = i;
	nq->active++;
	return e;
}

static void entry_free(struct neigh_queues *nq, struct entry *e)
{
	u16 i = (u16)(e - nq->entry), *link = bucket_of(nq, e->ifid, e->addr);

	while (*link != i)
		link = &nq->entry[*link].next;
	*link = e->next;
	e->next = nq->free_entry;
	nq->free_entry = i;
	nq->active--;
}

/* Take the oldest packet out of the queue; it is not held any more. */
static struct packet *pop(struct re *re, struct entry *e)
{
	struct neigh_queues *nq = re->neigh;
	u16 i = e->first;
	struct packet *p = nq->slot[i].p;

	e->first = nq->slot[i].next;
	e->count--;
	nq->slot[i].next = nq->free_slot;
	nq->free_slot = i;
	qgm_unhold(re->q, p);
	return p;
}

static void push(struct re *re, struct entry *e, struct packet *p)
{
	struct neigh_queues *nq = re->neigh;
	u16 i = nq->free_slot;

	nq->free_slot = nq->slot[i].next;
	nq->slot[i] = (struct slot){ .p = p, .next = NONE };
	if (e->count++)
		nq->slot[e->last].next = i;
	else
		e->first = i;
	e->last = i;
	qgm_hold(re->q, p);
}

/* Ask arpd when it is time to, within the rate. */
static void ask(struct re *re, struct entry *e, u64 now)
{
	struct neigh_queues *nq = re->neigh;
	struct pix_event ev = {
		.kind = PIX_EV_NEIGH_MISS,
		.ifid = e->ifid,
		.addr = ip6_unscoped(e->addr),
	};

	if (now < e->event_at)
		return;
	if (limit_has(&nq->event_limit, nq->event_full, now) && qgm_event(re->q, &ev)) {
		limit_take(&nq->event_limit, &nq->event_full, now);
		e->event_at = now + NEIGH_REPEAT_MS * nq->ms;
	} else {
		e->event_at = now + NEIGH_RETRY_MS * nq->ms;
	}
}

void neigh_wait(struct re *re, struct packet *p, u16 ifid, struct pix_ip addr)
{
	struct neigh_queues *nq = re->neigh;
	struct entry *e = entry_find(nq, ifid, addr);
	u64 now = qgm_now(re->q);

	if (e && (e->count == NEIGH_QUEUE || nq->free_slot == NONE)) {
		qgm_drop(re->q, pop(re, e), DROP_neighbour_queue_full);
	} else if (!e) {
		if (nq->free_slot != NONE)
			e = entry_new(nq, ifid, addr, now);
		if (!e) {
			qgm_drop(re->q, p, DROP_neighbour_queue_full);
			return;
		}
	}
	push(re, e, p);
	ask(re, e, now);
	re_timer_start(re, e->event_at);
}

/* Does `p` still have to wait for the neighbour of `e`? */
static bool still_waits(const struct tables *t, const struct entry *e, struct packet *p)
{
	u32 id;
	const struct adjacency *adj = re_lookup(t, p, &id);

	if (!adj || adj->resolved || adj->ifid != e->ifid)
		return false;
	switch (adj->kind) {
	case NH_GLEAN:
		return pix_ip_eq(re_gleaned(p), e->addr);
	case NH_FORWARD:
		return pix_ip_eq(adj->gateway, e->addr);
	default:
		return false;
	}
}

/*
 * Take out of `e`, in order, what need not wait any more: all of it when the neighbour is resolved,
 * or the packets whose route leads elsewhere now (newer ones of their flow must not pass them).
 */
static u32 take_ready(struct re *re, const struct tables *t, struct entry *e, struct packet **go)
{
	u32 n = 0;

	for (u32 left = e->count; left; left--) {
		struct packet *p = pop(re, e);

		if (still_waits(t, e, p))
			push(re, e, p); /* once round: the order stays */
		else
			go[n++] = p;
	}
	if (!e->count)
		entry_free(re->neigh, e);
	return n;
}

static void fail(struct re *re, const struct tables *t, struct entry *e)
{
	struct packet *p[NEIGH_QUEUE];
	u32 n = 0;

	while (e->count)
		p[n++] = pop(re, e);
	entry_free(re->neigh, e);
	for (u32 i = 0; i < n; i++) {
		if (packet_is6(p[i]))
			icmp6_error(re, t, p[i], ICMP6_DST_UNREACH, ICMP6_DST_UNREACH_ADDR, 0,
				    DROP_neighbour_unresolved);
		else
			icmp_error(re, t, p[i], ICMP_DEST_UNREACH, ICMP_HOST_UNREACH, 0,
				   DROP_neighbour_unresolved);
	}
}

void neigh_epoch(struct re *re, const struct tables *t)
{
	struct neigh_queues *nq = re->neigh;
	struct packet **go = nq->ready;
	u32 n = 0;

	if (!nq->active)
		return;
	for (u32 i = 0; i < NEIGH_ENTRIES; i++)
		if (nq->entry[i].count)
			n += take_ready(re, t, &nq->entry[i], go + n);
	for (u32 i = 0; i < n; i++)
		re_route_one(re, t, go[i]);
}

void neigh_failed(struct re *re, const struct tables *t, u16 ifid, struct pix_ip addr)
{
	struct entry *e = entry_find(re->neigh, ifid, ip6_scoped(addr, ifid));

	if (e)
		fail(re, t, e);
}

u64 neigh_tick(struct re *re, const struct tables *t, u64 now)
{
	struct neigh_queues *nq = re->neigh;
	u64 next = ~0ull;

	for (u32 i = 0; nq->active && i < NEIGH_ENTRIES; i++) {
		struct entry *e = &nq->entry[i];

		if (!e->count)
			continue;
		if (now >= e->deadline) {
			fail(re, t, e);
			continue;
		}
		ask(re, e, now);
		next = MIN(next, MIN(e->deadline, e->event_at));
	}
	return next;
}
