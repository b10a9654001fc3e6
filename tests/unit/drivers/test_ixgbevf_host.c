// SPDX-License-Identifier: MIT
/* The driver of a virtual function and its host: versions, what is granted and refused, a host that
 * is reset, forgets, goes away and comes back. */
#include "tests/unit/drivers/host_mail.h"
#include "tests/unit/drivers/mq_chip.h"

enum {
	RESET = 1,
	SET_ADDRESS = 2,
	GROUPS = 3,
	VLAN = 4,
	LENGTH = 5,
	API = 8,
	GET_QUEUES = 9,
	XCAST = 12
};
enum { API_10 = 0, API_11 = 2, API_12 = 3, API_13 = 4 };
enum { CONTROL = 0x100, RQPL = 29 };
#define READY 0x20000000u
#define NO    0x40000000u

static const struct host honest = { .api = ~0u, .xcast = 2, .trust = ~0u };

static struct mq_setup setup_of(struct host h, u32 queues, bool jumbo)
{
	struct mq_setup s = chip_setup_of(queues, jumbo);

	host_between(s.model);
	host = h;
	return s;
}

static void begin(struct host h, u32 queues, bool jumbo)
{
	struct mq_setup s = setup_of(h, queues, jumbo);

	mq_begin(&s);
}

static void refused(struct host h, const char *reason)
{
	struct mq_setup s = setup_of(h, 1, false);

	assert_int_not_equal(mq_probe(&s), 0);
	assert_non_null(strstr(rig.dev.reason, reason));
	assert_true(rig.now < 5000000000ull); /* in seconds, not for ever */
	rig_end();
}

/* --- versions and grants ---------------------------------------------------------------------- */

static void test_versions(void **state)
{
	static const u32 versions[] = { API_13, API_12, API_11, API_10 };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(versions); i++) {
		struct host h = honest;
		u32 v = versions[i];

		h.api = v;
		begin(h, 4, false);
		assert_int_equal(host.last[API][1], v);
		assert_int_equal(!!host.asked[GET_QUEUES], v >= API_11);
		assert_int_equal(!!host.asked[XCAST], v >= API_12);
		assert_int_equal(!!host.asked[GROUPS], v < API_12);
		assert_true(v >= API_11 ? mq.queues > 1 : mq.queues == 1);
		mq_through(0, 64);
		mq_through(mq.queues - 1, 1514);
		mq_end();
	}
}

/* A host that does not even know the question about versions. */
static void test_oldest_host(void **state)
{
	struct host h = honest;

	(void)state;
	h.refuse = 1u << API;
	begin(h, 4, false);
	assert_int_equal(mq.queues, 1);
	mq_through(0, 64);
	mq_end();
}

static void test_queues_as_granted(void **state)
{
	(void)state;
	for (u32 n = 1; n <= 4; n++) {
		struct host h = honest;

		h.queues[0] = h.queues[1] = n;
		begin(h, 8, false);
		assert_int_equal(mq.queues, n);
		assert_int_equal(rig.port->wake_queues, n > 1 ? 3 : 1);
		for (u32 q = 0; q < n; q++)
			mq_through(q, 100);
		mq_end();
	}
}

static void test_senseless_grants(void **state)
{
	static const u32 counts[][2] = { { 9, 1 }, { 1, 9 }, { ~0u, ~0u }, { 1, 0x10000 } };

	(void)state;
	for (u32 i = 0; i < ARRAY_SIZE(counts); i++) {
		struct host h = honest;

		memcpy(h.queues, counts[i], sizeof(h.queues));
		refused(h, "does not speak as it should");
	}
}

static void test_address(void **state)
{
	struct host h = honest;
	u8 m[6];

	(void)state;
	begin(h, 1, false);
	assert_int_equal(host.asked[SET_ADDRESS], 0);
	assert_false(rig.port->mac[0] & 1);
	mq_end();
	h.no_address = true; /* our own, and the host is told */
	begin(h, 1, false);
	for (u32 i = 0; i < 6; i++)
		m[i] = (u8)(host.last[SET_ADDRESS][1 + i / 4] >> 8 * (i % 4));
	assert_memory_equal(m, rig.port->mac, 6);
	assert_int_equal(m[0] & 3, 2); /* a station's, local */
	mq_through(0, 64);
	mq_end();
	h.refuse = 1u << SET_ADDRESS;
	refused(h, "no station address");
}

static void test_groups(void **state)
{
	struct host h = honest;
	u8 f[64];

	(void)state;
	for (u32 trust = 0; trust < 3; trust++) {
		h.trust = trust ? trust : ~0u;
		begin(h, 1, false);
		assert_int_equal(host.asked[XCAST],
				 4); /* 3: no, 2: yes; in the probe, at the start */
		frame_fill(f, 64, 1);
		memset(f, 0xff, 6);
		assert_true(rig.model->inject(rig.model, f, 64));
		assert_int_equal(mq_run(1), 1);
		memcpy(f, (const u8[]){ 0x33, 0x33, 0, 0, 0, 1 }, 6);
		assert_true(rig.model->inject(rig.model, f, 64));
		assert_int_equal(mq_run(1), 1);
		/* Without trust for all groups, the names of those that every node has. */
		assert_int_equal(host.asked[GROUPS] > 0, trust == 1);
		mq_end();
	}
}

/* Ordinary frames: nothing that a host without jumbo frames would shut a function off for. */
static void test_length(void **state)
{
	struct host h = honest;

	(void)state;
	h.refuse = 1u << LENGTH;
	begin(h, 1, false);
	assert_int_equal(host.last[LENGTH][1], 1518);
	mq_through(0, 1514);
	mq_end();
	h.refuse = 0;
	begin(h, 2, true);
	assert_int_equal(host.last[LENGTH][1], PORT_MTU_JUMBO + 14 + 4 + 4);
	mq_through(1, 9000);
	/* The host changes its mind: then the port is down, not deaf. */
	host.refuse = 1u << LENGTH;
	assert_int_equal(mq_stop(2000), 0);
	assert_int_equal(mq_start(2000, 1000), -EINVAL);
	assert_int_equal(pool_free_count(rig.pool), pool_size(rig.pool));
	mq_end();
}

/* The hash is the host's; how many of its queues we have is ours to say. */
static void test_spread(void **state)
{
	struct host h = honest;

	(void)state;
	h.queues[0] = h.queues[1] = 4;
	begin(h, 4, false);
	assert_int_equal(mq_reg("VFPSRTYPE") >> RQPL, 2);
	mq_spread(7); /* queue 3 leaves */
	assert_int_equal(mq_reg("VFPSRTYPE") >> RQPL, 1);
	mq_spread(0xd);
	assert_int_equal(mq_reg("VFPSRTYPE") >> RQPL, 0);
	mq_spread(0xf);
	assert_int_equal(mq_reg("VFPSRTYPE") >> RQPL, 2);
	mq_end();
}

static void test_statistics_and_registers(void **state)
{
	(void)state;
	begin(honest, 2, false);
	for (u32 i = 0; i < 500; i++)
		mq_through(0, 60 + i);
	mq_run(200);
	assert_int_equal(mq_stat("VFGPRC"), 500);
	assert_int_equal(mq_stat("VFGPTC"), 500);
	assert_int_equal(mq_stat("VFGORC"), 500 * (64 + 563) / 2);
	assert_int_equal(mq_stat("VFGOTC"), 500 * (64 + 563) / 2);
	/* A restart counts nothing twice, and nothing of it is lost. */
	assert_int_equal(mq_stop(2000), 0);
	assert_int_equal(mq_start(2000, 1000), 0);
	mq_run(20);
	for (u32 i = 0; i < 20; i++)
		mq_through(0, 60);
	mq_run(200);
	assert_int_equal(mq_stat("VFGPRC"), 520);
	assert_int_equal(mq_reg("VFRDLEN0"), chip.ring * 16);
	assert_int_equal(mq_reg("VFTDLEN1"), chip.ring * 16);
	for (u32 i = 0; i < rig.port->regs.count; i++)
		if (!rig.port->regs.table[i].clears)
			rig.port->ops->read_reg(rig.port, i);
	mq_through(0, 60);
	mq_end();
}

static void is_parked(void)
{
	assert_int_equal(rig.port->state, PORT_RUNNING);
	assert_false(rig.port->link);
	assert_int_equal(pool_free_count(rig.pool), pool_size(rig.pool));
}

static void comes_back(void)
{
	struct mq_recovery r = mq_recover(2000);

	assert_true(r.back <= 2000);
	mq_run(100);
	assert_true(rig.port->link);
	mq_through(0, 64);
	mq_through(1, 1514);
}

/* --- VLANs ------------------------------------------------------------------------------------ */

static bool tagged(u32 vid)
{
	u8 f[64];

	chip_fill(f, 64, vid);
	memcpy(f + 12, (const u8[]){ 0x81, 0, (u8)(vid >> 8), (u8)vid }, 4);
	return rig.model->inject(rig.model, f, 64) && mq_run(1) == 1;
}

static void want(u32 vid, bool on)
{
	u64 bit = 1ull << vid % 64;

	rig.port->vlans[vid / 64] = (rig.port->vlans[vid / 64] & ~bit) | (on ? bit : 0);
}

/* Frames with a tag come when the host was asked, before the link is up after a start. */
static void test_vlans(void **state)
{
	static const u32 vids[] = { 1, 63, 64, 100, 4094 };

	(void)state;
	begin(honest, 1, false);
	for (u32 i = 0; i < ARRAY_SIZE(vids); i++)
		assert_false(tagged(vids[i]));
	for (u32 i = 0; i < ARRAY_SIZE(vids); i++)
		want(vids[i], true);
	mq_run(500);
	assert_int_equal(host.asked[VLAN], ARRAY_SIZE(vids));
	for (u32 i = 0; i < ARRAY_SIZE(vids); i++)
		assert_true(tagged(vids[i]));
	assert_false(tagged(101));
	want(100, false);
	mq_run(100);
	assert_int_equal(host.asked[VLAN], ARRAY_SIZE(vids) + 1);
	assert_int_equal(host.last[VLAN][0], VLAN); /* number 0: not any more */
	assert_int_equal(host.last[VLAN][1], 100);
	assert_false(tagged(100));
	assert_true(tagged(64));
	mq_run(5000);
	assert_int_equal(host.asked[VLAN], ARRAY_SIZE(vids) + 1); /* once each */
	assert_int_equal(rig.port->nic.resets, 0);
	/* A reset of the function empties the host's list. */
	assert_int_equal(mq_stop(1000), 0);
	assert_int_equal(mq_start(1000, 1000), 0);
	assert_int_equal(host.asked[VLAN], 2 * ARRAY_SIZE(vids));
	mq_run(20);
	assert_true(tagged(4094));
	assert_false(tagged(100));
	mq_end();
}

/* One that is refused costs nothing but its frames, and the host is left in peace. */
static void test_vlan_refused(void **state)
{
	struct host h = honest;

	(void)state;
	h.refuse = 1u << VLAN;
	begin(h, 1, false);
	want(5, true);
	mq_run(5000);
	assert_int_equal(host.asked[VLAN], 1);
	assert_int_equal(rig.port->nic.resets, 0);
	mq_through(0, 64);
	mq_end();
}

/* The host goes away while it is asked. */
static void test_mute_about_vlans(void **state)
{
	(void)state;
	begin(honest, 2, false);
	host.silent = true;
	want(7, true);
	assert_true(mq_recover(2000).noticed <= 1250);
	mq_run(3000);
	is_parked();
	host.silent = false;
	comes_back();
	assert_true(tagged(7));
	mq_end();
}

/* --- a host that changes ---------------------------------------------------------------------- */

static void test_mute_at_first(void **state)
{
	struct host h = honest;

	(void)state;
	h.silent = true;
	refused(h, "does not answer");
	h = honest;
	h.resetting = true;
	refused(h, "does not answer");
}

static void test_host_is_reset(void **state)
{
	(void)state;
	begin(honest, 2, false);
	for (u32 i = 0; i < 5; i++) {
		struct mq_recovery r;

		mq_through(0, 64);
		host.resetting = true;
		r = mq_recover(500);
		assert_true(r.noticed <= 250);
		mq_run(3000);
		is_parked();
		host.resetting = false;
		host.was_reset = true;
		comes_back();
	}
	assert_int_equal(rig.port->nic.resets, 10);
	mq_end();
}

/* A short one, between two looks: the queues are off, nobody said when. */
static void test_host_was_reset(void **state)
{
	struct mq_recovery r;

	(void)state;
	begin(honest, 2, false);
	host.was_reset = true;
	r = mq_recover(500);
	assert_true(r.noticed <= 250 && r.back <= 1000);
	mq_run(50);
	mq_through(1, 64);
	mq_end();
}

static void test_host_speaks(void **state)
{
	struct mq_recovery r;

	(void)state;
	begin(honest, 2, false);
	host.says = CONTROL | READY; /* as hosts do when their link changes */
	mq_run(500);
	assert_int_equal(rig.port->nic.resets, 0);
	mq_through(0, 64);
	host.says = CONTROL; /* it does not know us any more */
	r = mq_recover(500);
	assert_true(r.noticed <= 250 && r.back <= 1000);
	mq_run(50);
	mq_through(1, 64);
	host.says = SET_ADDRESS | NO; /* the same, as an answer that nobody asked for */
	r = mq_recover(500);
	assert_true(r.noticed <= 250 && r.back <= 1000);
	mq_run(50);
	mq_through(0, 64);
	mq_end();
}

/* It speaks by itself where an answer is awaited. */
static void test_host_interrupts(void **state)
{
	(void)state;
	begin(honest, 2, false);
	for (u32 ms = 0; ms < 40; ms += 3) {
		assert_int_equal(mq_stop(2000), 0);
		for (u32 i = 0; i < 10 + ms; i++) {
			rig.port->ops->start(rig.port, rig.now);
			rig.now += 1000000;
		}
		host.says = CONTROL | READY;
		assert_int_equal(mq_start(3000, 1000), 0);
		mq_run(50);
		mq_through(0, 64);
	}
	mq_end();
}

static void test_host_goes_away(void **state)
{
	u32 asked;

	(void)state;
	begin(honest, 2, false);
	mq_through(0, 64);
	host.silent = true;
	host.says = CONTROL;
	mq_recover(500);
	mq_run(5000);
	is_parked();
	assert_true(rig.port->nic.resets <= 2);
	asked = host.asked[RESET];
	mq_run(10000); /* not a storm of letters, nor none */
	assert_in_range(host.asked[RESET] - asked, 5, 20);
	assert_true(rig.port->nic.resets <= 2);
	host.silent = false;
	comes_back();
	mq_end();
}

/* And does not answer its stop either: a function stops by itself. */
static void test_stops_without_host(void **state)
{
	(void)state;
	begin(honest, 2, false);
	host.silent = true;
	assert_int_equal(mq_stop(1000), 0);
	assert_int_equal(pool_free_count(rig.pool), pool_size(rig.pool));
	assert_int_equal(mq_start(3000, 1000), 0);
	is_parked();
	assert_int_equal(mq_stop(1000), 0); /* parked */
	host.silent = false;
	assert_int_equal(mq_start(1000, 1000), 0);
	mq_run(50);
	mq_through(0, 64);
	mq_end();
}

/* It grants less than before: queues that frames wait for must not be silent. */
static void test_host_grants_less(void **state)
{
	(void)state;
	begin(honest, 2, false);
	assert_int_equal(mq_stop(1000), 0);
	host.queues[0] = host.queues[1] = 1;
	assert_int_equal(mq_start(2000, 1000), -ENOSPC);
	assert_int_equal(rig.port->state, PORT_FAILED);
	mq_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_oldest_host),
		cmocka_unit_test(test_queues_as_granted),
		cmocka_unit_test(test_senseless_grants),
		cmocka_unit_test(test_address),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_length),
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_statistics_and_registers),
		cmocka_unit_test(test_vlans),
		cmocka_unit_test(test_vlan_refused),
		cmocka_unit_test(test_mute_about_vlans),
		cmocka_unit_test(test_mute_at_first),
		cmocka_unit_test(test_host_is_reset),
		cmocka_unit_test(test_host_was_reset),
		cmocka_unit_test(test_host_speaks),
		cmocka_unit_test(test_host_interrupts),
		cmocka_unit_test(test_host_goes_away),
		cmocka_unit_test(test_stops_without_host),
		cmocka_unit_test(test_host_grants_less),
	};

	return cmocka_run_group_tests_name("host", tests, NULL, NULL);
}
