// SPDX-License-Identifier: MIT
/* The small test device: see testdev.h. */
#include "tools/nicsim/testdev.h"

#include <stdlib.h>
#include <string.h>

enum { CTRL_RESET = 1, CTRL_RX = 2, CTRL_TX = 4, DONE = 1, BURST = 64, BUFFER = 2048 };

struct desc {
	u64 addr;
	u32 len, status;
};

struct testdev {
	u32 scratch, ctrl, len, dropped;
	u64 tx_base, rx_base;
	u32 tx_head, tx_tail, rx_head, rx_tail;
	u8 frame[NICSIM_FRAME_MAX];
};

static void test_reset(struct nicsim_dev *dev, enum nicsim_reset kind)
{
	(void)kind;
	memset(dev->state, 0, offsetof(struct testdev, frame));
}

static int test_create(struct nicsim_dev *dev, const char **why)
{
	*why = "broken as asked for";
	return nicsim_option(dev, "broken") ? -1 : 0;
}

static u32 test_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size)
{
	const struct testdev *t = dev->state;

	(void)size;
	if (bar)
		return 0;
	switch (off) {
	case TEST_ID:
		return 0x54455354;
	case TEST_SCRATCH:
		return t->scratch;
	case TEST_CTRL:
		return t->ctrl;
	case TEST_STATUS:
		return nicsim_light(dev);
	case TEST_LEN:
		return t->len;
	case TEST_TX_HEAD:
		return t->tx_head;
	case TEST_TX_TAIL:
		return t->tx_tail;
	case TEST_RX_HEAD:
		return t->rx_head;
	case TEST_RX_TAIL:
		return t->rx_tail;
	case TEST_DROPPED:
		return t->dropped;
	}
	nicsim_error(dev, NICSIM_E_ACCESS, "read of register %llx", (unsigned long long)off);
	return 0;
}

static void tail(struct nicsim_dev *dev, u32 *at, u32 v)
{
	const struct testdev *t = dev->state;

	if (v >= t->len)
		nicsim_error(dev, NICSIM_E_TAIL, "tail %u of %u", v, t->len);
	else
		*at = v;
}

static void base(struct nicsim_dev *dev, u64 *at, u32 shift, u32 v)
{
	const struct testdev *t = dev->state;

	if (t->ctrl & (CTRL_RX | CTRL_TX))
		nicsim_error(dev, NICSIM_E_STATE, "ring moved while it runs");
	else
		*at = (*at & ~(0xffffffffull << shift)) | (u64)v << shift;
}

static void test_write(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u32 v)
{
	struct testdev *t = dev->state;

	(void)size;
	if (bar)
		return;
	switch (off) {
	case TEST_SCRATCH:
		t->scratch = v;
		return;
	case TEST_CTRL:
		if (v & ~7u)
			nicsim_error(dev, NICSIM_E_RESERVED, "CTRL %x", v);
		if (v & CTRL_RESET)
			test_reset(dev, NICSIM_RESET_FLR);
		else
			t->ctrl = v & 7;
		return;
	case TEST_LEN:
		if (v < 2 || v > 4096 || (v & (v - 1)))
			nicsim_error(dev, NICSIM_E_RESERVED, "LEN %u", v);
		else
			t->len = v;
		return;
	case TEST_TX_BASE:
	case TEST_TX_BASE_HIGH:
		base(dev, &t->tx_base, off == TEST_TX_BASE ? 0 : 32, v);
		return;
	case TEST_RX_BASE:
	case TEST_RX_BASE_HIGH:
		base(dev, &t->rx_base, off == TEST_RX_BASE ? 0 : 32, v);
		return;
	case TEST_TX_TAIL:
		tail(dev, &t->tx_tail, v);
		return;
	case TEST_RX_TAIL:
		tail(dev, &t->rx_tail, v);
		return;
	case TEST_RAISE:
		nicsim_raise(dev, v);
		nicsim_intx(dev, v & 1);
		return;
	case TEST_TIMER:
		nicsim_timer_at(dev, nicsim_now(dev) + v * 1000ull);
		return;
	}
	nicsim_error(dev, NICSIM_E_ACCESS, "write of register %llx", (unsigned long long)off);
}

static bool test_work(struct nicsim_dev *dev)
{
	struct testdev *t = dev->state;

	for (u32 n = 0; n < BURST; n++) {
		u64 at = t->tx_base + t->tx_head * sizeof(struct desc);
		struct desc d;

		if (!(t->ctrl & CTRL_TX) || t->tx_head == t->tx_tail)
			return false;
		if (nicsim_fault(dev, "tx-hang", NULL) || !nicsim_dma_read(dev, at, &d, sizeof(d)))
			return false;
		if (d.len < 14 || d.len > sizeof(t->frame))
			nicsim_error(dev, NICSIM_E_DESC, "Tx descriptor %u: %u bytes", t->tx_head,
				     d.len);
		else if (nicsim_dma_read(dev, d.addr, t->frame, d.len))
			nicsim_send(dev, t->frame, d.len);
		d.status |= DONE;
		if (!nicsim_fault(dev, "no-done", NULL))
			nicsim_dma_write_back(dev, at, &d, sizeof(d));
		t->tx_head = (t->tx_head + 1) & (t->len - 1);
		nicsim_raise(dev, 0);
	}
	return t->tx_head != t->tx_tail;
}

static bool test_rx_ready(struct nicsim_dev *dev)
{
	const struct testdev *t = dev->state;

	return !(t->ctrl & CTRL_RX) || t->rx_head != t->rx_tail;
}

static bool test_rx(struct nicsim_dev *dev, const u8 *frame, u32 len)
{
	struct testdev *t = dev->state;
	u64 at = t->rx_base + t->rx_head * sizeof(struct desc);
	struct desc d;

	if (!(t->ctrl & CTRL_RX) || t->rx_head == t->rx_tail || len > BUFFER ||
	    !nicsim_dma_read(dev, at, &d, sizeof(d)) ||
	    !nicsim_dma_write(dev, d.addr, frame, len)) {
		t->dropped++;
		return false;
	}
	d.len = len;
	d.status = DONE;
	nicsim_dma_write_back(dev, at, &d, sizeof(d));
	t->rx_head = (t->rx_head + 1) & (t->len - 1);
	nicsim_raise(dev, 1);
	return true;
}

static void test_timer(struct nicsim_dev *dev, u64 now)
{
	(void)now;
	nicsim_raise(dev, 3);
}

static void test_light(struct nicsim_dev *dev)
{
	nicsim_raise(dev, 2);
}

static const char *const faults[] = { "tx-hang", "no-done", NULL };
static const char *const options[] = { "broken", NULL };

const struct nicsim_model nicsim_testdev = {
	.name = "test",
	.text = "small device for tests of nicsim itself",
	/* Red Hat's, as QEMU's test devices; this id is unused there */
	NICSIM_ID(0x1b36, 0x7e57, 0x1b36, 1),
	.revision = 1,
	.class_code = 0xff0000,
	.pin = 1,
	.bar = { [0] = { .size = 4096, .is64 = true, .prefetch = true }, [2] = { .size = 4096 } },
	.msi = true,
	NICSIM_MSIX(4, 2, 0x800),
	.options = options,
	.faults = faults,
	NICSIM_LIFE(sizeof(struct testdev), test_create, NULL, test_reset),
	NICSIM_ENGINE(test_read, test_write, test_work, test_timer),
	NICSIM_WIRE(test_rx, test_rx_ready, test_light),
};
