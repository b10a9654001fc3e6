// SPDX-License-Identifier: MIT
/* The ixgbe driver on the model of the 82599: what all chips do alike, its statistics and
 * registers, and that it does not keep pause frames to itself. */
#include "tests/unit/drivers/mq_chip.h"

static int setup(void **state)
{
	(void)state;
	chip_begin(1, false);
	return 0;
}

static int setup8(void **state)
{
	(void)state;
	chip_begin(8, false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mq_end();
	return 0;
}

/* 802.3 31B: pause for ffffh quanta; it is neither obeyed nor eaten. */
static void test_pause_frames(void **state)
{
	u8 f[64] = { 1, 0x80, 0xc2, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0x88, 0x08, 0, 1, 0xff, 0xff };

	(void)state;
	assert_true(rig.model->inject(rig.model, f, 64));
	assert_int_equal(mq_run(1), 1);
	mq_through(0, 64);
}

/* Each value is added once although reading clears, and none is lost. */
static void test_statistics(void **state)
{
	(void)state;
	for (u32 i = 0; i < 1000; i++)
		mq_through(0, 60 + i);
	mq_run(1000);
	assert_int_equal(mq_stat("GPRC"), 1000);
	assert_int_equal(mq_stat("GPTC"), 1000);
	assert_int_equal(mq_stat("QPRC0"), 1000);
	assert_int_equal(mq_stat("QPTC0"), 1000);
	/* Bytes with the FCS: the sum of 64 .. 1063. */
	assert_int_equal(mq_stat("GORC"), 1000 * (64 + 1063) / 2);
	assert_int_equal(mq_stat("GOTC"), 1000 * (64 + 1063) / 2);
	assert_int_equal(mq_stat("PRC64"), 1);
	assert_int_equal(mq_stat("CRCERRS"), 0);
	mq_run(2000);
	assert_int_equal(mq_stat("GPRC"), 1000);
}

static void test_registers(void **state)
{
	const struct port_regs *r = &rig.port->regs;
	u32 seen = 0;

	(void)state;
	for (u32 i = 0; i < r->count; i++) {
		u64 v = r->table[i].clears ? 0 : rig.port->ops->read_reg(rig.port, i);

		assert_true(strlen(r->table[i].name) < 24);
		if (!strcmp(r->table[i].name, "MAXFRS"))
			seen += v >> 16 == 1522;
		else if (!strcmp(r->table[i].name, "RDLEN0"))
			seen += v == chip.ring * 16;
		else if (!strcmp(r->table[i].name, "STATUS"))
			seen += v != 0;
	}
	assert_int_equal(seen, 3);
	mq_through(0, 64);
}

/* Each device of the table, on this chip's model: probed, up, a frame in and out. */
static void test_every_id(void **state)
{
	(void)state;
	for (const struct net_driver_id *id = chip.driver->ids; id->vendor; id++) {
		struct mq_setup s = chip_setup_of(1, false);

		s.device = id->device;
		mq_begin(&s);
		while (rig_sent())
			;
		mq_through(0, 64);
		mq_end();
	}
}

int main(void)
{
#define T(f)  cmocka_unit_test_setup_teardown(f, setup, teardown)
#define T8(f) cmocka_unit_test_setup_teardown(f, setup8, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_id),
		T(test_pause_frames),
		T(test_statistics),
		T8(test_statistics),
		T(test_registers),
	};

	return mq_suite_run() + cmocka_run_group_tests_name("82599", tests, NULL, NULL);
}
