// SPDX-License-Identifier: MIT
/*
 * 10^8 packets between null ports through the image's own objects, half bridged, half routed, on
 * the real clock: every counter exact, every buffer found. Prints cycles per packet and stage.
 */
#include "tests/unit/unit.h"

#include "drivers/net/null/null.h"
#include "qgm/control.h"
#include "tools/host/world.h"

enum { STATIONS = 256, FRAME = 60 };

/* Of each half; MASS_PACKETS in the environment makes it longer. */
static u64 packets = 50000000;

static struct world w;
static struct port *ports[3];
static u8 bytes[STATIONS][64];
static struct null_frame frames[STATIONS];

/* Two null ports, one QGM; `mode` of both interfaces. */
static struct qgm *make(u16 mode)
{
	struct pix_op ops[3];
	u64 epoch;
	u32 failed, n = 0;

	host_reset();
	host_clock_real();
	w = (struct world){ .nqgm = 1, .nports = 2 };
	assert_int_equal(ctl_init(), 0);
	for (u32 i = 1; i <= 2; i++) {
		ports[i] = port_alloc(0);
		assert_int_equal(
			null_port_create(ports[i],
					 env_alloc(ENV_PRIVATE, null_state_bytes(), CACHE_LINE, 0)),
			0);
		memcpy(ports[i]->mac, (const u8[]){ 2, 0, 0, 9, 9, (u8)i }, 6);
	}
	assert_int_equal(qgm_setup(64ull << 20, 1), 0);
	assert_int_equal(control_init(), 0);
	w.q[0] = qgm_create(0, 0);
	assert_non_null(w.q[0]);
	assert_int_equal(qgm_assign_ports(), 0);
	memset(ops, 0, sizeof(ops));
	for (u16 i = 1; i <= 2; i++, n++) {
		ops[n].kind = PIX_OP_IF_SET;
		ops[n].iface = (struct pix_iface){ .id = i, .mode = mode, .up = 1 };
		ops[n].iface.bridge = mode == PIX_IF_L2;
		ops[n].iface.addr_count = mode == PIX_IF_L3;
		ops[n].iface.addr[0] =
			(struct pix_addr){ .ip = pix_ip4(0x0a000001u | (u32)i << 16), .len = 24 };
	}
	if (mode == PIX_IF_L3) {
		ops[n].kind = PIX_OP_NEIGH_SET;
		ops[n].neigh = (struct pix_neigh){ .ifid = 2, .addr = pix_ip4(0x0a020002) };
		memcpy(ops[n++].neigh.mac, (const u8[]){ 2, 0, 0, 0, 0, 2 }, 6);
	}
	assert_int_equal(control_txn(ops, n, 0, &epoch, &failed), 0);
	for (u16 i = 1; i <= 2; i++)
		assert_int_equal(
			world_command(&w, 0, (struct ctl_cmd){ .kind = CTL_PORT_START, .a = i }),
			0);
	world_settle(&w, 8, 100);
	assert_int_equal(ports[2]->state, PORT_RUNNING);
	return w.q[0];
}

static void put_checksum(u8 *ip)
{
	u32 sum = 0;

	for (u32 i = 0; i < 20; i += 2)
		sum += (u32)ip[i] << 8 | ip[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~(sum + (sum >> 16));
	ip[10] = (u8)(sum >> 8);
	ip[11] = (u8)sum;
}

/* UDP from STATIONS stations behind port 1 to one behind port 2. */
static void templates(bool routed)
{
	for (u32 i = 0; i < STATIONS; i++) {
		u8 *d = bytes[i];

		memset(d, 0, sizeof(bytes[i]));
		memcpy(d, (const u8[]){ 2, 0, 0,    0, 0, 2,  2, 0, 0, 0, 1,  (u8)i,
					8, 0, 0x45, 0, 0, 46, 0, 0, 0, 0, 64, 17 },
		       24);
		if (routed)
			memcpy(d, ports[1]->mac, 6);
		memcpy(d + 26, (const u8[]){ 10, 1, 0, (u8)(2 + i % 200), 10, 2, 0, 2 }, 8);
		put_checksum(d + 14);
		frames[i] = (struct null_frame){ d, FRAME };
	}
}

static void report(const char *what, const struct qgm *q, u64 cycles)
{
	static const char *const names[] = {
#define X(name) #name,
		PIX_STAGE_NAMES(X)
#undef X
	};

	print_message("%s: %.1f cycles a packet:", what, (double)cycles / (double)packets);
	for (u32 i = 0; i < PIX_STAGES; i++) {
		if (q->c->stage[i].packets && q->c->stage[i].cycles)
			print_message(" %s %.1f", names[i],
				      (double)q->c->stage[i].cycles /
					      (double)q->c->stage[i].packets);
	}
	print_message("\n");
}

static void mass(void **state)
{
	bool routed = *(bool *)*state;
	struct qgm *q = make(routed ? PIX_IF_L3 : PIX_IF_L2);
	u64 start, rx = 0;

	templates(routed);
	if (!routed) { /* the station behind port 2 says something first */
		static u8 hello[64] = { 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 2, 8, 0 };
		static const struct null_frame one = { hello, FRAME };

		null_port_generate(ports[2], &one, 1, 1, 1);
		world_settle(&w, 4, 100);
		rx = 1;
	}
	start = env_clock();
	null_port_generate(ports[1], frames, STATIONS, packets, BURST_MAX);
	while (q->c->rx < packets + rx)
		qgm_turn(q);
	report(routed ? "routed" : "bridged", q, env_clock() - start);
	world_settle(&w, 4, 1000);
	assert_int_equal(q->c->port[1].rx, packets);
	assert_int_equal(q->c->port[1].tx, packets);
	assert_int_equal(q->c->port[2].out, packets);
	assert_int_equal(q->c->port[2].out_bytes, packets * FRAME);
	assert_int_equal(null_port_swallowed(ports[2]), packets);
	assert_int_equal(world_drops_all(&w), 0);
	assert_null(world_law(&w));
}

static bool yes = true, no;

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(mass, &no),
		cmocka_unit_test_prestate(mass, &yes),
	};
	const char *many = getenv("MASS_PACKETS");
	int r;

	if (many && strtoull(many, NULL, 10))
		packets = strtoull(many, NULL, 10);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	host_reset();
	return r;
}
