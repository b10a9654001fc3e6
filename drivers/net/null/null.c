// SPDX-License-Identifier: MIT
/* The null port (null.h). All functions but the constructors run on its owner QGM. */
#include "drivers/net/null/null.h"

#include "drivers/net/null/patch.h"
#include "qgm/cpu.h"

enum { NULL_TX = 512 };

struct null_port {
	const struct null_frame *frames;
	u32 nframes, next;
	u64 left;
	u32 per_poll;
	/* Or: one template, of which some bytes change from frame to frame. */
	struct null_patches patched;
	null_patch_fn patch; /* NULL: no template */
	u16 bare_len;        /* not 0: frames of that length are in the buffers already */
	u64 swallowed;
	u32 head, tail;
	struct packet *tx[NULL_TX];
	bool reads; /* Tx copies what it swallows */
	u8 sent[POOL_CLASS_STD] __cacheline;
};

static struct null_port *of(struct port *p)
{
	return p->priv;
}

static int null_start(struct port *p, u64 now)
{
	(void)now;
	p->link = true;
	p->full_duplex = true;
	return 0;
}

static u32 null_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct null_port *d = of(p);
	u32 n = 0;

	(void)queue;
	while (d->tail != d->head) {
		u32 at = d->tail % NULL_TX, run = MIN(d->head - d->tail, NULL_TX - at);

		pool_put(pc, &d->tx[at], run);
		d->tail += run;
		n += run;
	}
	d->swallowed += n;
	return n;
}

static int null_stop(struct port *p, u64 now)
{
	(void)now;
	if (p->pc)
		null_reclaim(p, 0, p->pc);
	return 0;
}

/* As DMA would: short frames by one full line, which templates (null.h) and buffers have. */
static inline void copy_frame(u8 *to, const u8 *from, u16 len)
{
	if (likely(len <= CACHE_LINE))
		__builtin_memcpy(to, from, CACHE_LINE);
	else
		__builtin_memcpy(to, from, len);
}

static void fill(struct null_port *d, struct packet **pkts, u32 n)
{
	u32 next = d->next;

	for (u32 i = 0; i < n; i++) {
		const struct null_frame *f = &d->frames[next];

		next = next + 1 == d->nframes ? 0 : next + 1;
		copy_frame(pkts[i]->data, f->data, f->len);
		pkts[i]->len = f->len;
	}
	d->next = next;
}

void null_patch_plain(struct null_patches *d, const struct pool_map *m, struct packet *const *from,
		      struct packet **pkts, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		struct packet *pkt = from[n - 1 - i];

		pool_map_fresh(m, pkt, d->len);
		__builtin_memcpy(pkt->data, d->template, CACHE_LINE);
		null_patch_one(d, pkt->data);
		pkts[i] = pkt;
	}
}

static null_patch_fn patch_best(void)
{
	u32 wide = cpu_wide();

	if (wide & CPU_AVX512)
		return null_patch_avx512;
	return wide & CPU_AVX2 ? null_patch_avx2 : null_patch_plain;
}

/* As from a ring: bare buffers, whose metadata is made when the frame is there. */
static u32 patched(struct null_port *d, struct pool_cache *pc, struct packet **pkts, u32 n)
{
	struct packet *const *from;

	n = pool_get_bare(pc, &from, n);
	d->patch(&d->patched, pool_map(pc), from, pkts, n);
	return n;
}

static u32 null_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct null_port *d = of(p);
	u32 n = MIN(max, d->per_poll);

	(void)queue;
	if (!d->left)
		return 0;
	if (n > d->left)
		n = (u32)d->left;
	n = d->patch ? patched(d, pc, pkts, n) : pool_get(pc, pkts, n);
	if (!n)
		p->nic.rx_nobuf++;
	if (d->bare_len) {
#pragma GCC unroll 4
		for (u32 i = 0; i < n; i++)
			pkts[i]->len = d->bare_len;
	} else if (!d->patch) {
		fill(d, pkts, n);
	}
	if (d->left != ~0ull)
		d->left -= n;
	return n;
}

/* What a device reads of the frames that it sends. */
static void read_frames(struct null_port *d, struct packet *const *pkts, u32 n)
{
	for (u32 i = 0; i < n; i++)
		copy_frame(d->sent, pkts[i]->data, MIN(pkts[i]->len, (u16)sizeof(d->sent)));
}

static u32 null_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct null_port *d = of(p);
	u32 head = d->head, at = head % NULL_TX, first, i = 0;

	(void)queue;
	n = MIN(n, NULL_TX - (head - d->tail));
	first = MIN(n, NULL_TX - at);
	for (; i + 4 <= first; i += 4)
		__builtin_memcpy(&d->tx[at + i], &pkts[i], 4 * sizeof(*pkts));
	for (; i < first; i++)
		d->tx[at + i] = pkts[i];
	for (; i < n; i++)
		d->tx[i - first] = pkts[i];
	if (unlikely(d->reads))
		read_frames(d, pkts, n);
	d->head = head + n;
	return n;
}

static u32 null_buffers(const struct port *p, u32 queue)
{
	const struct null_port *d = p->priv;

	(void)queue;
	return d->head - d->tail;
}

static const struct port_ops null_ops = {
	.name = "null",
	.start = null_start,
	.stop = null_stop,
	.rx = null_rx,
	.tx = null_tx,
	.reclaim = null_reclaim,
	.buffers = null_buffers,
};

size_t null_state_bytes(void)
{
	return sizeof(struct null_port);
}

int null_port_create(struct port *p, void *state)
{
	p->ops = &null_ops;
	p->priv = state;
	return port_register(p);
}

void null_port_generate(struct port *p, const struct null_frame *frames, u32 nframes, u64 count,
			u32 per_poll)
{
	struct null_port *d = of(p);

	d->frames = frames;
	d->nframes = nframes;
	d->next = 0;
	d->bare_len = 0;
	d->patch = NULL;
	d->per_poll = MIN(per_poll, (u32)BURST_MAX);
	d->left = nframes ? count : 0;
}

void null_port_generate_patched(struct port *p, const struct null_frame *template, u32 at,
				const u8 (*patch)[NULL_PATCH], u32 npatches, u64 count,
				u32 per_poll)
{
	struct null_port *d = of(p);

	null_port_generate(p, NULL, npatches, count, per_poll);
	__builtin_memcpy(d->patched.template, template->data, CACHE_LINE);
	d->patched.patch = patch;
	d->patched.n = npatches;
	d->patched.next = 0;
	d->patched.len = MIN(template->len, (u16)CACHE_LINE);
	d->patched.at = (u16)MIN(at, (u32)(CACHE_LINE - NULL_PATCH));
	d->patch = npatches ? patch_best() : NULL;
}

void null_port_generate_bare(struct port *p, u16 len, u64 count, u32 per_poll)
{
	struct null_port *d = of(p);

	d->bare_len = len;
	d->patch = NULL;
	d->per_poll = MIN(per_poll, (u32)BURST_MAX);
	d->left = len ? count : 0;
}

void null_port_read_sent(struct port *p, bool on)
{
	of(p)->reads = on;
}

u64 null_port_swallowed(const struct port *p)
{
	const struct null_port *d = p->priv;

	return d->swallowed;
}
