// SPDX-License-Identifier: MIT
/*
 * XL710 model: each fault of the data path that can be injected, and each thing that a driver does
 * wrong there: contexts, tails, descriptors, order of registers, memory.
 */
#include "tests/unit/nicsim/xl710_rig.h"

static const struct xr_qopt plain;
static u8 frame[256];
static u32 len;

static void up(const struct xr_qopt *o)
{
	xr_start("");
	xr_up(1, o);
	len = xr_packet(frame, false, 17, 1, 2, 100);
}

static void arm(const char *name, u64 count, u64 arg)
{
	assert_true(nicsim_fault_set(xr.dev, name, count, arg));
}

/* A frame comes in with fault `name`; its write-back. */
static bool spoiled(const char *name, u64 arg, u64 qw[4])
{
	u64 hits = nicsim_fault_hits(xr.dev, name);
	const u8 *data;

	arm(name, 1, arg);
	xr_wire(frame, len);
	assert_int_equal(nicsim_fault_hits(xr.dev, name), hits + 1);
	return xr_rx(0, qw, &data);
}

static u32 length(const u64 qw[4])
{
	return qw[1] >> 38 & 0x3fff;
}

static void test_rx_faults(void **state)
{
	u64 qw[4];
	const u8 *data;

	(void)state;
	up(&plain);
	assert_true(spoiled("rx-dd-no-length", 0, qw));
	assert_int_equal(qw[1], 3);
	assert_true(spoiled("rx-length-zero", 0, qw));
	assert_int_equal(length(qw), 0);
	assert_int_equal(qw[1] >> 30 & 0xff, 24);
	assert_true(spoiled("rx-length-over", 0, qw));
	assert_int_equal(length(qw), 2049);
	assert_true(spoiled("rx-length-over", 5000, qw));
	assert_int_equal(length(qw), 5000);
	assert_true(spoiled("rx-length-ffff", 0, qw));
	assert_int_equal(length(qw), 0x3fff);
	assert_true(spoiled("rx-no-eop", 0, qw));
	assert_int_equal(qw[1] & 3, 1);
	assert_true(spoiled("rx-error", 0, qw));
	assert_int_equal(qw[1] >> 19 & 0xff, 1);
	assert_true(spoiled("rx-error", 0x40, qw));
	assert_int_equal(qw[1] >> 19 & 0xff, 0x40);
	/* out of order: the second is written before the first */
	assert_false(spoiled("rx-out-of-order", 0, qw));
	assert_true(xr_wire(frame, len));
	assert_true(xr_rx(0, qw, &data));
	assert_true(xr_rx(0, qw, &data));
	/* alone: it comes with the next tick */
	assert_false(spoiled("rx-out-of-order", 0, qw));
	xr_ms(11);
	assert_true(xr_rx(0, qw, &data));
	assert_memory_equal(data, frame, len);
	/* never: the next one sits behind the gap */
	assert_false(spoiled("rx-no-dd", 0, qw));
	assert_true(xr_wire(frame, len));
	assert_false(xr_rx(0, qw, &data));
	xr.rx_next[0]++;
	assert_true(xr_rx(0, qw, &data));
	xr_end(0);
}

static void test_tx_faults(void **state)
{
	const struct xr_qopt wb = { .head_wb = true };
	const u64 *dd = (const u64 *)(const void *)XR_P(XR_TXR);

	(void)state;
	up(&plain);
	dd = (const u64 *)(const void *)XR_P(XR_TXR);
	arm("tx-no-dd", 1, 0);
	xr_send(0, frame, len, 0, 0, 0);
	assert_int_equal(xr.nsent, 1);
	assert_int_equal(dd[1] & 15, 0);
	arm("tx-hang", ~0ull, 0);
	xr_send(0, frame, len, 0, 0, 0);
	xr_ms(300);
	assert_int_equal(xr.nsent, 1);
	arm("tx-hang", 0, 0);
	xr_ms(20);
	assert_int_equal(xr.nsent, 2);
	assert_int_equal(dd[3] & 15, 15);
	xr_end(0);
	up(&wb);
	arm("tx-head-jump", 1, 0);
	xr_send(0, frame, len, 0, 0, 0);
	assert_int_equal(*(u32 *)(void *)XR_P(XR_WB), 1 + XR_RING / 2);
	arm("tx-head-jump", 1, 5000);
	xr_send(0, frame, len, 0, 0, 0);
	assert_int_equal(*(u32 *)(void *)XR_P(XR_WB), 5000);
	xr_send(0, frame, len, 0, 0, 0);
	assert_int_equal(*(u32 *)(void *)XR_P(XR_WB), 3);
	xr_end(0);
}

static void test_device_faults(void **state)
{
	(void)state;
	up(&plain);
	xr_wr(0x038800, 1u << 16 | 1u << 19 | 1u << 26);
	xr_rd(0x038780);
	arm("ecc", 1, 0);
	xr_ms(11);
	assert_true(xr_rd(0x038780) & 1u << 16);
	arm("mdd-tx", 1, 0);
	xr_ms(11);
	assert_true(xr_rd(0x038780) & 1u << 19);
	assert_int_equal(xr_rd(0x0e6400), 1);
	xr_send(0, frame, len, 0, 0, 0);
	assert_int_equal(xr.nsent, 0); /* stopped */
	xr_wr(0x0e6480, ~0u);
	xr_wr(0x0e6400, 0xffff);
	assert_int_equal(xr_rd(0x0e6400), 0);
	assert_int_equal(xr_rd(0x0e6480), 0);
	arm("mdd-rx", 1, 0);
	xr_ms(11);
	assert_int_equal(xr_rd(0x12a400), 1);
	assert_false(xr_wire(frame, len));
	/* disabling and enabling brings the Tx queue back */
	xr_wr(R_QDIS, 1u << 30);
	xr_wr(R_QTX_ENA, 0);
	assert_int_equal(xr_rd(R_QTX_ENA), 0);
	assert_true(xr_tx_up(0, &plain));
	xr_send(0, frame, len, 0, 0, 0);
	assert_int_equal(xr.nsent, 1);
	/* an HMC error: the queue never comes up */
	xr_wr(R_QRX_ENA, 0);
	arm("hmc-error", 1, 0);
	assert_false(xr_rx_up(0, &plain));
	assert_true(xr_rd(0x0c0400) >> 31);
	assert_true(xr_rd(0x038780) & 1u << 26);
	xr_wr(0x0c0400, 0);
	assert_int_equal(xr_rd(0x0c0400), 0);
	xr_wr(R_QRX_ENA, 0);
	assert_true(xr_rx_up(0, &plain));
	/* gone in the middle of a burst, and back after a reset */
	arm("removed", ~0ull, 0);
	xr_wr(R_QTX_TAIL, 9);
	assert_int_equal(xr_rd(R_QTX_ENA), ~0u);
	assert_false(xr_wire(frame, len));
	arm("removed", 0, 0);
	xr_wr(R_PFGEN_CTRL, 1);
	xr_ms(1);
	xr_aq_on();
	xr_up(1, &plain);
	xr_send(0, frame, len, 0, 0, 0);
	assert_int_equal(xr.nsent, 2);
	xr_end(0);
}

/* A context with `width` bits at `lsb` set to v: enabling fails or is reported. */
static void bad_context(bool tx, u32 lsb, u32 width, u64 v, bool comes_up)
{
	u8 c[128], *at = XR_P(XR_SD + (tx ? 0 : 64 * 128));

	if (tx)
		xr_tx_context(0, &plain, c);
	else
		xr_rx_context(0, &plain, c);
	for (u32 i = 0; i < width; i++) {
		u32 b = lsb + i;

		c[b / 8] = (u8)((c[b / 8] & ~(1 << b % 8)) | (int)(v >> i & 1) << b % 8);
	}
	memcpy(at, c, tx ? 128 : 32);
	xr_wr(tx ? R_QTX_ENA : R_QRX_ENA, 1);
	assert_int_equal(xr_rd(tx ? R_QTX_ENA : R_QRX_ENA), comes_up ? 5 : 1);
	assert_int_equal(xr_errors(NICSIM_E_DESC), 1);
	if (tx)
		xr_wr(R_QDIS, 1u << 30);
	xr_wr(tx ? R_QTX_ENA : R_QRX_ENA, 0);
	if (tx)
		xr_wr(R_QDIS, 1u << 31);
}

static void test_contexts(void **state)
{
	(void)state;
	xr_start("");
	xr_hmc(false);
	xr_vsi(1);
	xr_wr(R_QTX_CTL, 2);
	bad_context(true, 30, 1, 0, false);        /* NEW_CONTEXT */
	bad_context(true, 0, 13, 5, false);        /* HEAD */
	bad_context(true, 32, 57, 1, false);       /* BASE: no memory */
	bad_context(true, 128 + 33, 13, 0, false); /* QLEN */
	bad_context(true, 128 + 33, 13, 8176, false);
	bad_context(true, 128 + 32, 1, 1, false);       /* head write-back to address 0 */
	bad_context(true, 7 * 128 + 84, 10, 99, false); /* RDYLIST */
	bad_context(true, 13, 1, 1, true);              /* reserved */
	bad_context(true, 3 * 128, 1, 1, true);
	bad_context(false, 89, 13, 33, false);     /* QLEN */
	bad_context(false, 102, 7, 1, false);      /* DBUFF */
	bad_context(false, 114, 2, 1, false);      /* header split */
	bad_context(false, 174, 14, 12000, false); /* RXMAX */
	bad_context(false, 32, 57, 9, false);
	bad_context(false, 250, 1, 1, true);
	/* beyond the objects, and without a segment */
	xr_wr(0x0c6300, 0);
	xr_wr(R_QTX_ENA, 1);
	assert_int_equal(xr_rd(R_QTX_ENA), 1);
	assert_int_equal(xr_rd(0x0c0400) >> 8 & 15, 3);
	assert_int_equal(xr_errors(NICSIM_E_DESC), 1);
	xr_wr(R_QTX_ENA, 0);
	xr_wr(0x0c0400, 0);
	xr_wr(0x0c6300, 64);
	xr_wr(0x0c0200, 0);
	xr_wr(0x0c0100, 512 << 2 | 2);
	xr_wr(0x0c0000, 1u << 31);
	xr_wr(R_QTX_ENA, 1);
	assert_int_equal(xr_rd(0x0c0400) >> 31, 1);
	assert_int_equal(xr_errors(NICSIM_E_DESC), 1);
	xr_wr(0x0c0000, 300 | 1u << 31); /* not this function's segment */
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_end(0);
}

static void test_states(void **state)
{
	(void)state;
	xr_start("");
	/* tail while off; other functions' queues; a vector of order */
	xr_wr(R_QTX_TAIL, 3);
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_wr(R_QTX_ENA + 400 * 4, 1);
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_up(1, &plain);
	xr_wr(R_QTX_CTL, 2);
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_wr(R_QTX_ENA, 0); /* without its announcement */
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_wr(R_QTX_CTL, 0);
	xr_wr(R_QTX_ENA, 1); /* not the PF's */
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	/* tails beyond the ring, over the head */
	xr_wr(R_QTX_TAIL, XR_RING);
	assert_int_equal(xr_errors(NICSIM_E_TAIL), 1);
	xr_wr(R_QRX_TAIL, XR_RING + 7);
	assert_int_equal(xr_errors(NICSIM_E_TAIL), 1);
	xr_wr(R_QRX_TAIL, 0);
	assert_int_equal(xr_errors(NICSIM_E_TAIL), 1);
	xr_end(0);
	/* PXE mode */
	xr_machine("xl710", "");
	xr_aq_on();
	xr_hmc(false);
	xr_vsi(1);
	assert_true(xr_rx_up(0, &plain));
	assert_int_equal(xr_errors(NICSIM_E_STATE), 1);
	xr_end(0);
}

/* One bad descriptor: reported, the queue stops, and works again after being enabled anew. */
static void bad_tx(u64 qw0, u64 qw1, u32 event)
{
	xr_tx_desc(0, qw0, qw1);
	xr_tx_go(0);
	assert_int_equal(xr.nsent, 0);
	assert_true(xr.dev->nerrors > 0);
	nicsim_errors_clear(xr.dev);
	assert_int_equal(xr_rd(0x0e6480) >> 25 & 31, event);
	xr_wr(0x0e6480, ~0u);
	xr_wr(0x0e6400, 1);
	xr_wr(R_QDIS, 1u << 30);
	xr_wr(R_QTX_ENA, 0);
	assert_true(xr_tx_up(0, &plain));
}

static void test_descriptors(void **state)
{
	u64 *d;

	(void)state;
	up(&plain);
	bad_tx(0x1000, xr_tx_data(3, 0, 100, 0), 12);               /* no memory */
	bad_tx(XR_IOVA(XR_RAM - 50), xr_tx_data(3, 0, 100, 0), 12); /* half of it */
	bad_tx(XR_IOVA(XR_TXB), xr_tx_data(3, 0, 0, 0), 8);         /* no bytes */
	bad_tx(XR_IOVA(XR_TXB), xr_tx_data(3, 0, 16, 0), 6);        /* too short */
	bad_tx(XR_IOVA(XR_TXB), xr_tx_data(3, 0, 9725, 0), 6);      /* too long */
	bad_tx(XR_IOVA(XR_TXB), xr_tx_data(2, 0, 100, 0), 8);       /* RS without EOP */
	bad_tx(XR_IOVA(XR_TXB), xr_tx_data(3, 0, 100, 0) | 15, 8);  /* done already */
	bad_tx(XR_IOVA(XR_TXB), xr_tx_data(3 | 3 << 5, 7 | 120 << 7, 100, 0), 14);
	for (u32 i = 0; i < 8; i++)
		xr_tx_desc(0, XR_IOVA(XR_TXB), xr_tx_data(0, 0, 100, 0));
	bad_tx(XR_IOVA(XR_TXB), xr_tx_data(3, 0, 100, 0), 4);
	/* a receive buffer where there is no memory, and one whose header address has DD */
	d = (u64 *)(void *)XR_P(XR_RXR);
	d[0] = 0x2000;
	assert_false(xr_wire(frame, len));
	assert_int_equal(xr_rd(0x12a510) >> 31, 1);
	assert_int_equal(xr_errors(NICSIM_E_DMA), 1);
	xr_wr(0x12a510, ~0u);
	xr_wr(R_QRX_ENA, 0);
	assert_true(xr_rx_up(0, &plain));
	d[1] = 1;
	assert_false(xr_wire(frame, len));
	assert_int_equal(xr_errors(NICSIM_E_DESC), 1);
	/* bus mastering off */
	xr_wr(R_QRX_ENA, 0);
	assert_true(xr_rx_up(0, &plain));
	nicsim_cfg_write(xr.dev, 0x04, 2, 0x0402);
	assert_false(xr_wire(frame, len));
	assert_true(xr_errors(NICSIM_E_MASTER) > 0);
	xr_end(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rx_faults),     cmocka_unit_test(test_tx_faults),
		cmocka_unit_test(test_device_faults), cmocka_unit_test(test_contexts),
		cmocka_unit_test(test_states),        cmocka_unit_test(test_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
