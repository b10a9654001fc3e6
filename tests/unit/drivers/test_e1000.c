// SPDX-License-Identifier: MIT
/* The e1000 driver on the model of the 82540EM: the common suite, and what only this device can do
 * wrong. The 82574L: test_e1000e.c. */
#include "tests/unit/drivers/model_82540.h"
#include "tests/unit/unit.h"

enum { BUFFERS = 1024 };

static struct model *model_pci(void)
{
	return model_82540();
}

struct nic_under_test nic = { model_pci, &e1000_driver, 0x8086, 0x100e, 255, 255, 3, 100 };

static struct model_82540 *dev(void)
{
	return (struct model_82540 *)rig.model;
}

static int setup(void **state)
{
	(void)state;
	assert_int_equal(rig_start(nic.model(), nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	assert_int_equal(rig_up(1000), 0);
	rig_run(20);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	rig_down(1000);
	rig_end();
	return 0;
}

static void inject(void)
{
	u8 f[64];

	frame_fill(f, sizeof(f), 1);
	assert_true(rig.model->inject(rig.model, f, sizeof(f)));
}

static void test_bad_length(void **state)
{
	static const int lengths[] = { 0, 1, 13, 1921, 4000, 65535 };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(lengths); i++) {
		dev()->bad_length = lengths[i];
		inject();
		assert_int_equal(rig_run(1), 0);
		assert_int_equal(rig_nic().bad_descriptor, i + 1);
	}
	dev()->bad_length = -1;
	inject();
	assert_int_equal(rig_run(1), 1);
}

/* With long packets off no frame spans descriptors: all of it is dropped, counted once. */
static void test_frame_over_descriptors(void **state)
{
	(void)state;
	dev()->no_eop = true;
	inject();
	inject();
	dev()->no_eop = false;
	inject();
	assert_int_equal(rig_run(1), 0);
	assert_int_equal(rig_nic().bad_descriptor, 1);
	inject();
	assert_int_equal(rig_run(1), 1);
}

static void test_frame_errors(void **state)
{
	static const u8 errors[] = { 0x01, 0x02, 0x04, 0x10, 0x80 };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(errors); i++) {
		dev()->rx_errors = errors[i];
		inject();
		assert_int_equal(rig_run(1), 0);
		assert_int_equal(rig_nic().rx_crc, i + 1);
	}
	dev()->rx_errors = 0x60; /* checksums of upper layers: not the frame's fault */
	inject();
	assert_int_equal(rig_run(1), 1);
}

static void test_write_back_without_dd(void **state)
{
	(void)state;
	dev()->no_dd = true;
	inject();
	assert_int_equal(rig_run(50), 0);
	dev()->no_dd = false;
	inject(); /* the next one is complete, but order is order */
	assert_int_equal(rig_run(50), 0);
	assert_int_equal(rig_nic().bad_descriptor, 0);
	rig_run(150); /* it never comes: a reset */
	assert_int_equal(rig_nic().bad_descriptor, 1);
	assert_int_equal(rig_nic().resets, 1);
	inject();
	assert_int_equal(rig_run(1), 1);
}

/* Each value is added once although reading clears, and none is lost. */
static void test_statistics(void **state)
{
	static const u32 regs[] = { 0x4010, 0x4000, 0x4004, 0x400c, 0x40a4,
				    0x40a8, 0x40ac, 0x40b0, 0x4018, 0x4020 };

	(void)state;
	for (u32 round = 0; round < 3; round++) {
		for (u32 i = 0; i < ARRAY_SIZE(regs); i++)
			dev()->reg[regs[i] / 4] += 1 + i;
		rig_run(200);
	}
	assert_int_equal(rig.port->nic.rx_missed, 3 * 1);
	assert_int_equal(rig.port->nic.rx_crc, 3 * (2 + 3 + 4));
	assert_int_equal(rig.port->nic.rx_length, 3 * (5 + 6 + 7 + 8));
	assert_int_equal(rig.port->nic.tx_errors, 3 * (9 + 10));
}

static u64 statistic(const char *name)
{
	const struct port_stats *s = &rig.port->stats;

	for (u32 i = 0; i < s->count; i++)
		if (!strcmp(s->name[i], name))
			return load_relaxed(&s->value[i]);
	fail_msg("there is no %s", name);
	return 0;
}

/* By the names of the data sheet, those of 64 bits from two halves. */
static void test_named_statistics(void **state)
{
	(void)state;
	for (u32 round = 0; round < 3; round++) {
		dev()->reg[0x4010 / 4] += 5;          /* MPC */
		dev()->reg[0x4074 / 4] += 0xfffffff0; /* GPRC */
		dev()->reg[0x40d4 / 4] += 7;          /* TPT */
		dev()->reg[0x40c0 / 4] += 9;          /* TORL */
		dev()->reg[0x40c4 / 4] += 1;          /* TORH */
		rig_run(200);
	}
	assert_int_equal(statistic("MPC"), 15);
	assert_int_equal(statistic("GPRC"), 3 * 0xfffffff0ull);
	assert_int_equal(statistic("TPT"), 21);
	assert_true(statistic("TOR") == 3 * (9 + (1ull << 32)));
	assert_int_equal(statistic("GPTC"), 0);
}

/* Each has the value that is there; none whose reading changes the device is ever read. */
static void test_registers(void **state)
{
	const struct port_regs *r = &rig.port->regs;
	u32 causes, seen = 0;

	(void)state;
	inject();
	causes = dev()->causes;
	assert_true(causes);
	for (u32 i = 0; i < r->count; i++) {
		if (r->table[i].clears)
			continue;
		if (!strcmp(r->table[i].name, "RDLEN"))
			assert_int_equal(rig.port->ops->read_reg(rig.port, i), 4096);
		else if (!strcmp(r->table[i].name, "RAL0"))
			assert_int_equal(rig.port->ops->read_reg(rig.port, i), 0x12005452);
		else if (!strcmp(r->table[i].name, "STATUS"))
			assert_int_equal(rig.port->ops->read_reg(rig.port, i), 0x83);
		else
			(void)rig.port->ops->read_reg(rig.port, i);
		seen++;
	}
	assert_true(seen >= 25);
	assert_int_equal(dev()->causes, causes);
	for (u32 i = 0; i < r->count; i++) /* two names for one register: a mistake */
		for (u32 k = 0; k < i; k++)
			assert_int_not_equal(r->table[i].off, r->table[k].off);
}

/* The hot path writes one tail a burst and reads no register. */
static void test_doorbells(void **state)
{
	struct packet *pkt[BURST_MAX];
	u32 reads = dev()->reads, rx = dev()->rx_doorbells, tx = dev()->tx_doorbells, n;

	(void)state;
	for (u32 i = 0; i < 64; i++)
		inject();
	n = rig.port->ops->rx(rig.port, 0, rig.pc, pkt, BURST_MAX);
	assert_int_equal(n, 64);
	assert_int_equal(rig.port->ops->tx(rig.port, 0, pkt, n), 64);
	assert_int_equal(rig.port->ops->reclaim(rig.port, 0, rig.pc), 64);
	assert_int_equal(dev()->reads, reads);
	assert_int_equal(dev()->rx_doorbells, rx + 1);
	assert_int_equal(dev()->tx_doorbells, tx + 1);
}

static void test_reset_takes_a_while(void **state)
{
	(void)state;
	assert_int_equal(rig_down(1000), 0);
	dev()->reset_reads = 20;
	assert_int_equal(rig_up(1000), 0);
	rig_run(20);
	inject();
	assert_int_equal(rig_run(1), 1);
}

static void test_start_fails(void **state)
{
	(void)state;
	assert_int_equal(rig_down(1000), 0);
	rig.model->stuck_reset = true;
	assert_int_equal(rig_up(1000), -ETIMEDOUT);
	assert_int_equal(rig.port->state, PORT_FAILED);
	rig.model->stuck_reset = false;
	assert_int_equal(rig_up(1000), 0);
	assert_int_equal(rig_down(1000), 0);
	assert_int_equal(rig.port->ops->start(rig.port, rig.now), -EAGAIN);
	rig.model->removed = true;
	assert_int_equal(rig_up(1000), -EIO);
	assert_int_equal(rig.port->state, PORT_FAILED);
}

/* The engine drops them by name; the NIC would do it without a trace. */
static void test_other_stations(void **state)
{
	u8 f[64];

	(void)state;
	frame_fill(f, sizeof(f), 1);
	f[5] ^= 1;
	assert_true(rig.model->inject(rig.model, f, sizeof(f)));
	assert_int_equal(rig_run(1), 1);
}

/* --- probe --------------------------------------------------------------------------------- */

static void test_interrupts(void **state)
{
	(void)state;
	for (u32 kind = 0; kind <= 3; kind++) {
		assert_int_equal(
			rig_start(nic.model(), nic.driver, nic.vendor, nic.device, BUFFERS), 0);
		rig.irq_kind = kind;
		rig.port->ops->attach(rig.port, 0);
		assert_int_equal(rig.port->can_wake, kind == 3);
		assert_int_equal(rig_up(1000), 0);
		rig_run(5);
		rig.port->ops->arm(rig.port, 0, true);
		assert_int_equal(rig.rearmed, rig.port->can_wake);
		teardown(NULL);
	}
}

static void test_probe_refuses(void **state)
{
	struct model *m = model_pci();

	(void)state;
	m->removed = true;
	assert_int_not_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	assert_string_equal(rig.dev.reason, "its registers do not answer");
	rig_end();
	m = model_pci();
	((struct model_82540 *)m)->reg[0x5400 / 4] |= 1; /* a group address */
	assert_int_not_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	assert_string_equal(rig.dev.reason, "it has no valid station address");
	rig_end();
	m = model_pci();
	m->bar_size[0] = 0;
	assert_int_not_equal(rig_start(m, nic.driver, nic.vendor, nic.device, BUFFERS), 0);
	rig_end();
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_bad_length),
		T(test_frame_over_descriptors),
		T(test_frame_errors),
		T(test_write_back_without_dd),
		T(test_statistics),
		T(test_named_statistics),
		T(test_registers),
		T(test_doorbells),
		T(test_reset_takes_a_while),
		T(test_start_fails),
		T(test_other_stations),
		cmocka_unit_test(test_interrupts),
		cmocka_unit_test(test_probe_refuses),
	};

	return suite_run("e1000: suite") + cmocka_run_group_tests_name("e1000", tests, NULL, NULL);
}
