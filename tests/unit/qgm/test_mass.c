// SPDX-License-Identifier: MIT
/*
 * 10^8 packets between null ports through the image's own objects, half bridged, half routed, on
 * the real clock: every counter exact, every buffer found. Prints cycles per packet and stage.
 */
#include "tests/unit/unit.h"

#include <time.h>

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

/*
 * Tagged frames from a trunk, in VLANS of them, to a trunk (the tags stay) or, all in one VLAN, to
 * an access port (they go).
 */
enum { VLANS = 16 };

static void set_modes(u32 vlans)
{
	struct tables *draft = tables_begin();

	for (u16 id = 1; id <= 2; id++) {
		struct iface want = *tables_current()->iface[id];

		want.vlan_mode = id == 1 || vlans > 1 ? PIX_VLAN_TRUNK : PIX_VLAN_ACCESS;
		want.pvid = want.vlan_mode == PIX_VLAN_ACCESS;
		want.vlan_count = 1;
		want.vlan[0] = (struct pix_vlan_range){ 1, VLANS };
		assert_int_equal(iface_set(draft, &want), 0);
	}
	tables_commit(draft);
}

static void tag_templates(u32 vlans)
{
	for (u32 i = 0; i < STATIONS; i++) {
		memmove(bytes[i] + 16, bytes[i] + 12, 40);
		memcpy(bytes[i] + 12, (const u8[]){ 0x81, 0, 0, (u8)(1 + i % vlans) }, 4);
	}
}

static void hello(u32 vlans)
{
	static u8 bytes_of[VLANS][64];
	static struct null_frame f[VLANS];

	for (u32 v = 0; v < vlans; v++) {
		memcpy(bytes_of[v], (const u8[]){ 2, 0, 0, 0, 1, 0, 2, 0, 0, 0, 0, 2, 8, 0 }, 14);
		if (vlans > 1)
			memcpy(bytes_of[v] + 12, (const u8[]){ 0x81, 0, 0, (u8)(1 + v) }, 4);
		f[v] = (struct null_frame){ bytes_of[v], FRAME };
	}
	null_port_generate(ports[2], f, vlans, vlans, VLANS);
	world_settle(&w, 4, 100);
}

/* Cycles of the clock while this process ran: others run on the machine, too. */
static u64 cpu_cycles(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (u64)((double)env_clock_hz() * ((double)t.tv_sec + (double)t.tv_nsec / 1e9));
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
	start = cpu_cycles();
	null_port_generate(ports[1], frames, STATIONS, packets, BURST_MAX);
	while (q->c->rx < packets + rx)
		qgm_turn(q);
	report(routed ? "routed" : "bridged", q, cpu_cycles() - start);
	world_settle(&w, 4, 1000);
	assert_int_equal(q->c->port[1].rx, packets);
	assert_int_equal(q->c->port[1].tx, packets);
	assert_int_equal(q->c->port[2].out, packets);
	assert_int_equal(q->c->port[2].out_bytes, packets * FRAME);
	assert_int_equal(null_port_swallowed(ports[2]), packets);
	assert_int_equal(world_drops_all(&w), 0);
	assert_null(world_law(&w));
}

static void tagged(void **state)
{
	u32 vlans = *(u32 *)*state;
	struct qgm *q = make(PIX_IF_L2);
	u64 many = packets / 4, start, rx;

	set_modes(vlans);
	templates(false);
	tag_templates(vlans);
	hello(vlans);
	rx = q->c->rx;
	start = cpu_cycles();
	null_port_generate(ports[1], frames, STATIONS, many, BURST_MAX);
	while (q->c->rx < many + rx)
		qgm_turn(q);
	report(vlans > 1 ? "trunk to trunk" : "trunk to access", q, 4 * (cpu_cycles() - start));
	world_settle(&w, 4, 1000);
	assert_int_equal(q->c->port[1].tx, many);
	assert_int_equal(q->c->port[2].out, many);
	assert_int_equal(q->c->port[2].out_bytes, many * (vlans > 1 ? FRAME : FRAME - 4));
	assert_int_equal(world_drops_all(&w), 0);
	assert_null(world_law(&w));
}

static bool yes = true, no;
static u32 several = VLANS, single = 1;

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(mass, &no),
		cmocka_unit_test_prestate(mass, &yes),
		cmocka_unit_test_prestate(tagged, &several),
		cmocka_unit_test_prestate(tagged, &single),
	};
	const char *many = getenv("MASS_PACKETS");
	int r;

	if (many && strtoull(many, NULL, 10))
		packets = strtoull(many, NULL, 10);
	r = cmocka_run_group_tests(tests, NULL, NULL);
	host_reset();
	return r;
}
