// SPDX-License-Identifier: MIT
#include "tests/unit/nicsim/bench.h"

static void irq(void *arg, struct nicsim_dev *dev, u16 vector, bool level)
{
	struct bench *b = arg;

	(void)dev;
	assert_true(b->irqs < ARRAY_SIZE(b->vectors));
	b->vectors[b->irqs] = vector;
	b->levels[b->irqs++] = level;
}

void bench_start(struct bench *b, const char *options)
{
	char why[160] = "", spec[160];

	memset(b, 0, sizeof(*b));
	snprintf(spec, sizeof(spec), "test%s%s", *options ? "," : "", options);
	b->sim = nicsim_create();
	b->dev = nicsim_add(b->sim, spec, false, why, sizeof(why));
	assert_string_equal(why, "");
	b->dev->irq = irq;
	b->dev->irq_arg = b;
	b->ram = calloc(1, RAM_SIZE);
	assert_true(nicsim_mem_add(b->dev, RAM_BASE, RAM_SIZE, b->ram));
	nicsim_cfg_write(b->dev, 4, 2, 6);
}

void bench_end(struct bench *b)
{
	nicsim_destroy(b->sim);
	free(b->ram);
}

u32 bench_rd(struct bench *b, u32 reg)
{
	return (u32)nicsim_bar_read(b->dev, 0, reg, 4);
}

void bench_wr(struct bench *b, u32 reg, u32 v)
{
	nicsim_bar_write(b->dev, 0, reg, 4, v);
}

struct test_desc *bench_desc(struct bench *b, u32 ring, u32 i)
{
	return (struct test_desc *)(void *)(b->ram + ring - RAM_BASE) + i % RING;
}

void bench_rings(struct bench *b)
{
	bench_wr(b, TEST_LEN, RING);
	bench_wr(b, TEST_TX_BASE, TX_RING);
	bench_wr(b, TEST_RX_BASE, RX_RING);
	for (u32 i = 0; i < RING; i++) {
		*bench_desc(b, RX_RING, i) = (struct test_desc){ RX_DATA + i * BUFFER_SIZE, 0, 0 };
		*bench_desc(b, TX_RING, i) = (struct test_desc){ TX_DATA + i * BUFFER_SIZE, 0, 0 };
	}
	bench_wr(b, TEST_CTRL, 6);
	bench_wr(b, TEST_RX_TAIL, RING - 1);
}

bool bench_tx(struct bench *b, const void *frame, u32 len)
{
	struct test_desc *d = bench_desc(b, TX_RING, b->tx);

	memcpy(b->ram + d->addr - RAM_BASE, frame, len);
	d->len = len;
	d->status = 0;
	b->tx = (b->tx + 1) % RING;
	bench_wr(b, TEST_TX_TAIL, b->tx);
	return d->status & 1;
}

const u8 *bench_rx(struct bench *b, u32 *len)
{
	struct test_desc *d = bench_desc(b, RX_RING, b->rx);

	if (!(d->status & 1))
		return NULL;
	*len = d->len;
	d->status = 0;
	bench_wr(b, TEST_RX_TAIL, b->rx);
	b->rx = (b->rx + 1) % RING;
	return b->ram + d->addr - RAM_BASE;
}
