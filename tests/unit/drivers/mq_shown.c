// SPDX-License-Identifier: MIT
/* What a port shows of its NIC: statistics, registers; and that each NIC of the driver's table is
 * driven. */
#include "tests/unit/drivers/mq_chip.h"

enum { BYTES = 1000 * (64 + 1063) / 2 /* with the FCS: the sum of 64 .. 1063 */ };

u64 mq_stat(const char *name)
{
	const struct port_stats *s = &rig.port->stats;

	for (u32 i = 0; i < s->count; i++)
		if (!strcmp(s->name[i], name))
			return s->value[i];
	fail_msg("no statistics register %s", name);
	return 0;
}

u64 mq_reg(const char *name)
{
	const struct port_regs *r = &rig.port->regs;

	for (u32 i = 0; i < r->count; i++)
		if (!strcmp(r->table[i].name, name))
			return rig.port->ops->read_reg(rig.port, i);
	fail_msg("no register %s", name);
	return 0;
}

void mq_read_registers(void)
{
	const struct port_regs *r = &rig.port->regs;

	for (u32 i = 0; i < r->count; i++) {
		assert_true(strlen(r->table[i].name) < 24);
		if (!r->table[i].clears)
			(void)rig.port->ops->read_reg(rig.port, i);
	}
}

void mq_thousand(void)
{
	for (u32 i = 0; i < 1000; i++)
		mq_through(0, 60 + i);
	mq_run(1000);
}

void mq_thousand_bytes(void)
{
	assert_int_equal(mq_stat("GORC"), BYTES);
	assert_int_equal(mq_stat("GOTC"), BYTES);
	assert_int_equal(mq_stat("PRC64"), 1);
	assert_int_equal(mq_stat("CRCERRS"), 0);
	mq_run(2000);
	assert_int_equal(mq_stat("GORC"), BYTES);
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

int mq_shown_run(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_every_id) };

	return cmocka_run_group_tests_name("ids", tests, NULL, NULL);
}
