// SPDX-License-Identifier: MIT
/*
 * What drivers' rings have in common (drivers/net/ring/): the wide bursts do to a ring exactly what
 * the plain ones do, whatever the device wrote back and the engine sends, at every place of the
 * ring. A judge that overlooks something is found.
 */
#include "drivers/net/ring/advanced.h"
#include "qgm/cpu.h"
#include "tests/unit/unit.h"
#include "tools/host/host.h"

enum { ROOM = 1522, FRAMES = 1024, ROUNDS = 4000, ERROR = 1 << 29 };

/* A ring and what is behind it, twice: [0] plain, [1] wide. */
struct side {
	struct ring_desc desc[RING_SLOTS] __attribute__((aligned(64)));
	struct packet *slot[RING_SLOTS];
	struct packet pkt[FRAMES];
	struct port_queue_counters count;
	struct pool_map map;
	struct rx_ring rx;
	struct tx_ring tx;
	u32 head, batch_end[RING_SLOTS];
	u32 tail_written, tails;
};

static struct side side[2];
static u64 seed = 88172645463325252ull;

static u32 draw(u32 below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (u32)(seed >> 20) % below;
}

/* As many cases of each kind as make groups that are good, and such that are not. */
static bool rare(u32 one_in)
{
	return !draw(one_in);
}

/* --- receive -------------------------------------------------------------------------------- */

static const struct rx_format adv = ADV_RX_FORMAT(ERROR, false);
static const struct rx_format other = { .done = 1,
					.last = 2,
					.errors = 0x88ull << 19,
					.len_shift = 38,
					.len_mask = 0x3fff,
					.any_length = true };

static u64 written_back(const struct rx_format *f, u32 oddity)
{
	static const u32 lengths[] = { 0, 13, 14, 60, ROOM, ROOM + 1, 0x3fff };
	u32 len = 14 + draw(ROOM - 13);
	u64 word = f->done | f->last | (u64)draw(4) << 2;

	if (rare(oddity))
		len = lengths[draw(ARRAY_SIZE(lengths))];
	if (rare(oddity))
		word &= ~f->last;
	if (rare(oddity))
		word |= f->errors & -f->errors;
	if (rare(oddity))
		word |= 1ull << (f->len_shift + 14 + draw(8)); /* tags: none of the length */
	if (rare(4 * oddity))
		word &= ~f->done;
	return word | (u64)(len & f->len_mask) << f->len_shift;
}

/* The same buffers for both, which nobody touches. */
static void map_begin(struct side *s)
{
	s->map = (struct pool_map){ .meta = (u64)s->pkt,
				    .data = 0xffff900000000080,
				    .delta = 0x123456000,
				    .ratio = 33,
				    .count = FRAMES,
				    .id = 5 };
	s->map.at = s->map.data - s->map.meta * s->map.ratio;
}

static void rx_begin(struct side *s, u32 next, u32 ready)
{
	map_begin(s);
	s->rx = (struct rx_ring){ .desc = s->desc,
				  .slot = s->slot,
				  .map = &s->map,
				  .next = next,
				  .fill = next + ready,
				  .room = ROOM,
				  .live = true,
				  .wide = s == &side[1] };
	memset(&s->count, 0, sizeof(s->count));
	for (u32 i = 0; i < RING_SLOTS; i++) {
		s->slot[i] = &s->pkt[(i * 37 + 11) % FRAMES];
		memset(s->slot[i], 0x5a, sizeof(struct packet));
	}
}

static u64 index_of(const struct side *s, const struct packet *p)
{
	return p ? (u64)(p - s->pkt) : ~0ull;
}

static bool counts_differ(void)
{
	const struct port_queue_counters *a = &side[0].count, *b = &side[1].count;

	return a->rx_nobuf != b->rx_nobuf || a->rx_errors != b->rx_errors ||
	       a->tx_errors != b->tx_errors || a->bad_descriptor != b->bad_descriptor;
}

/* Bursts from both rings until nothing more comes; what differs. */
static u32 rx_differs(const struct rx_format *plain, const struct rx_format *wide)
{
	u32 differs = 0, max, n, bad[2], got[2];

	do {
		struct packet *out[2][BURST_MAX] = { 0 };

		max = 1 + draw(BURST_MAX);
		for (u32 k = 0; k < 2; k++)
			got[k] = rx_ring_collect(&side[k].rx, k ? wide : plain, &side[k].count,
						 out[k], max, &bad[k]);
		n = got[0] + bad[0];
		differs += got[0] != got[1] || bad[0] != bad[1];
		differs += side[0].rx.next != side[1].rx.next || side[0].rx.skip != side[1].rx.skip;
		differs += counts_differ();
		for (u32 i = 0; i < max; i++)
			differs += index_of(&side[0], out[0][i]) != index_of(&side[1], out[1][i]);
	} while (n && !differs);
	return differs + (memcmp(side[0].pkt, side[1].pkt, sizeof(side[0].pkt)) != 0);
}

static u32 rx_round(const struct rx_format *f, const struct rx_format *wide)
{
	u32 next = draw(4 * RING_SLOTS) - RING_SLOTS, ready = draw(RING_SLOTS);
	u32 oddity = 1u << (2 + draw(8));

	for (u32 i = 0; i < RING_SLOTS; i++)
		side[0].desc[i] = (struct ring_desc){ ~0ull, written_back(f, oddity) };
	memcpy(side[1].desc, side[0].desc, sizeof(side[0].desc));
	rx_begin(&side[0], next, ready);
	rx_begin(&side[1], next, ready);
	return rx_differs(f, wide);
}

static void rx_is_the_same(void **state)
{
	(void)state;
	for (u32 i = 0; i < ROUNDS; i++) {
		assert_int_equal(rx_round(&adv, &adv), 0);
		assert_int_equal(rx_round(&other, &other), 0);
	}
}

/* Planted: a judge that does not look at the errors, at the end of the frame, at the whole length.
 */
static void rx_finds_what_is_overlooked(void **state)
{
	struct rx_format x[3] = { other, other, other };

	(void)state;
	x[0].errors = 0;
	x[1].last = 0;
	x[2].len_mask = 0x3ff;
	for (u32 k = 0; k < 3; k++) {
		u32 found = 0;

		for (u32 i = 0; i < 100; i++)
			found += rx_round(&other, &x[k]) != 0;
		assert_true(found > 10);
	}
}

/* Bare buffers to both rings, anywhere; what differs. */
static u32 post_round(u64 wrong)
{
	u32 fill = draw(4 * RING_SLOTS) - RING_SLOTS, n = draw(BURST_MAX + 1), differs = 0;
	struct packet *bare[2][BURST_MAX];

	for (u32 i = 0; i < n; i++) {
		bare[0][i] = &side[0].pkt[draw(FRAMES)];
		bare[1][i] = &side[1].pkt[bare[0][i] - side[0].pkt];
	}
	for (u32 k = 0; k < 2; k++) {
		rx_begin(&side[k], fill, 0);
		memset(side[k].desc, 0xff, sizeof(side[k].desc));
		memset(side[k].slot, 0, sizeof(side[k].slot));
		side[k].map.ratio ^= k ? wrong : 0;
		rx_ring_post(&side[k].rx, bare[k], n);
	}
	for (u32 i = 0; i < RING_SLOTS; i++)
		differs +=
			index_of(&side[0], side[0].slot[i]) != index_of(&side[1], side[1].slot[i]);
	differs += side[0].rx.fill != fill + n || side[1].rx.fill != fill + n;
	return differs + (memcmp(side[0].desc, side[1].desc, sizeof(side[0].desc)) != 0);
}

static void post_is_the_same(void **state)
{
	(void)state;
	for (u32 i = 0; i < ROUNDS; i++)
		assert_int_equal(post_round(0), 0);
	for (u32 i = 0, found = 0; i < 100; i++)
		assert_true((found += post_round(4) != 0) > 0 || i < 5);
}

/* --- transmit ------------------------------------------------------------------------------- */

static const struct tx_format by_head = ADV_TX_BY_HEAD;
static const struct tx_format by_mark = { .base = 0x30,
					  .len_shift = 34,
					  .len_shift2 = 34,
					  .report = 0x20,
					  .done_mask = 0xf,
					  .done = 0xf };

static u64 rd(void *arg, u32 bar, u64 off, u32 bytes)
{
	(void)arg, (void)bar, (void)off, (void)bytes;
	return 0;
}

static void wr(void *arg, u32 bar, u64 off, u32 bytes, u64 v)
{
	struct side *s = arg;

	(void)bar, (void)off, (void)bytes;
	s->tail_written = (u32)v;
	s->tails++;
}

static const struct mmio_model model = { rd, wr };
static struct pool_cache *pc[2];

/* `known`: of the first pool. */
static void tx_begin(struct side *s, u32 tail, bool known, bool wide)
{
	memset(s->desc, 0xff, sizeof(s->desc));
	memset(s->slot, 0, sizeof(s->slot));
	memset(&s->count, 0, sizeof(s->count));
	s->head = tail & RING_MASK;
	s->tx = (struct tx_ring){ .desc = s->desc,
				  .slot = s->slot,
				  .head = &s->head,
				  .pc = pc[0],
				  .clean = tail,
				  .tail = tail,
				  .frame_max = ROOM,
				  .delta = known ? pool_iova(pc[0], NULL) : 0,
				  .pool = known ? 0 : 0xff,
				  .live = true,
				  .wide = wide };
}

/* The same frames to both; what differs. `max`: of the wide one. */
static u32 tx_differs(const struct tx_format *f, const struct tx_format *wide, struct packet **pkts,
		      u32 n)
{
	u32 differs = 0, sent[2];

	for (u32 k = 0; k < 2; k++) {
		struct mmio regs = { &model, &side[k], 0, 0, 64 };

		if (f->done_mask)
			side[k].tx.batch_end = side[k].batch_end;
		sent[k] = tx_ring_burst(&side[k].tx, k ? wide : f, &regs, &side[k].count, pkts, n);
	}
	differs += sent[0] != sent[1] || side[0].tx.tail != side[1].tx.tail;
	differs += side[0].tx.ndead != side[1].tx.ndead || side[0].tx.pool != side[1].tx.pool;
	differs += side[0].tx.delta != side[1].tx.delta;
	differs += side[0].tail_written != side[1].tail_written || side[0].tails != side[1].tails;
	differs += counts_differ();
	differs += memcmp(side[0].desc, side[1].desc, sizeof(side[0].desc)) != 0;
	return differs + (memcmp(side[0].slot, side[1].slot, sizeof(side[0].slot)) != 0);
}

static u32 tx_round(const struct tx_format *f, const struct tx_format *wide)
{
	u32 tail = draw(4 * RING_SLOTS) - RING_SLOTS, n = 1 + draw(BURST_MAX), differs;
	u32 waiting = rare(4) ? RING_SLOTS - 1 - draw(BURST_MAX) : 0, oddity = 1u << (2 + draw(8));
	struct packet *pkts[BURST_MAX];
	bool known = !rare(4);

	if (f->done_mask)
		waiting = 0;
	for (u32 i = 0; i < n; i++) {
		assert_int_equal(pool_get(pc[rare(oddity)], &pkts[i], 1), 1);
		pkts[i]->len = (u16)(60 + draw(ROOM - 59));
		if (rare(oddity))
			pkts[i]->len = (u16)(rare(2) ? draw(61) : ROOM + draw(3));
	}
	tx_begin(&side[0], tail, known, false);
	tx_begin(&side[1], tail, known, true);
	if (waiting) { /* all but a few slots are taken, and the NIC has sent nothing */
		for (u32 k = 0; k < 2; k++) {
			side[k].tx.clean = tail - waiting;
			side[k].head = side[k].tx.clean & RING_MASK;
		}
	}
	differs = tx_differs(f, wide, pkts, n);
	pool_put(pc[0], pkts, n);
	return differs;
}

static void tx_is_the_same(void **state)
{
	(void)state;
	for (u32 i = 0; i < ROUNDS; i++) {
		assert_int_equal(tx_round(&by_head, &by_head), 0);
		assert_int_equal(tx_round(&by_mark, &by_mark), 0);
	}
}

/* Planted: a length at one place of the two, a bit of the command. */
static void tx_finds_what_is_wrong(void **state)
{
	struct tx_format x[2] = { by_head, by_head };

	(void)state;
	x[0].len_shift2 = 0;
	x[1].base |= 1ull << 40;
	for (u32 k = 0; k < 2; k++)
		for (u32 i = 0; i < 10; i++)
			assert_true(tx_round(&by_head, &x[k]));
}

/* --- pools ---------------------------------------------------------------------------------- */

/* Each buffer that the NIC has is posted by the map of its own pool, and comes out as such. */
static void several_pools(bool wide)
{
	static struct packet *out[BURST_MAX];
	struct side *s = &side[0];
	struct rx_ring *rx = &s->rx;
	struct mmio regs = { &model, s, 0, 0, 64 };
	u32 came[2] = { 0, 0 };
	s64 before = pool_outstanding(pc[0]);

	memset(&s->count, 0, sizeof(s->count));
	*rx = (struct rx_ring){
		.desc = s->desc, .slot = s->slot, .room = ROOM, .live = true, .wide = wide
	};
	for (u32 i = 0; i < 800; i++) {
		struct pool_cache *from = pc[i / 40 & 1];
		u32 ready = draw(MIN(BURST_MAX, RING_SLOTS - 1)), n;

		for (u32 at = rx->next; at != rx->fill && at - rx->next < ready; at++)
			s->desc[at & RING_MASK].word = written_back(&adv, 16) | ADV_RXD_DD;
		n = rx_ring_burst(rx, &adv, &s->count, from, out, BURST_MAX);
		for (u32 k = 0; k < n; k++) {
			came[out[k]->pool]++;
			assert_true(out[k]->len >= 14 && out[k]->len <= ROOM);
			memset(out[k]->data, (int)k, out[k]->len); /* ASan: the buffer's own */
		}
		pool_put(from, out, n);
		rx_ring_top_up(rx, &regs, from);
		for (u32 at = rx->next; at != rx->fill; at++) {
			struct packet *p = rx->slot[at & RING_MASK], is = *p;

			pool_arrive(pc[0], p, 0);
			assert_int_equal(p->pool, is.pool);
			assert_int_equal(s->desc[at & RING_MASK].addr, pool_packet_iova(pc[0], p));
			*p = is;
		}
	}
	assert_true(came[0] > 100 && came[1] > 100);
	for (; rx->next != rx->fill; rx->next++) {
		struct packet *p = rx->slot[rx->next & RING_MASK];

		pool_arrive(pc[0], p, 0);
		pool_put(pc[0], &p, 1);
	}
	assert_int_equal(pool_outstanding(pc[0]), before);
	s->tails = 0;
}

static void rx_of_several_pools(void **state)
{
	(void)state;
	several_pools(false);
	several_pools(true);
}

static int setup(void **state)
{
	static struct pool_cache *by_id[2];

	(void)state;
	host_reset();
	if (!(cpu_wide() & CPU_AVX2))
		return -1;
	for (u8 i = 0; i < 2; i++) {
		struct pool *p = pool_create(i, POOL_CLASS_STD, 512, 0);

		pc[i] = by_id[i] = p ? pool_cache_create(p, 128, 0) : NULL;
		if (!pc[i])
			return -1;
		pool_set_iova_delta(p, 0x100000000000 + ((u64)i << 32));
	}
	pool_cache_siblings(pc[0], by_id, 2);
	pool_cache_siblings(pc[1], by_id, 2);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rx_is_the_same),   cmocka_unit_test(rx_finds_what_is_overlooked),
		cmocka_unit_test(post_is_the_same), cmocka_unit_test(rx_of_several_pools),
		cmocka_unit_test(tx_is_the_same),   cmocka_unit_test(tx_finds_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
