// SPDX-License-Identifier: MIT
/* One QGM and four ports around the routing engine (fake_engine.h). */
#include "tests/unit/re/fake_engine.h"

#include "qgm/ifcount.h"
#include "qgm/re/fib.h"
#include "qgm/re/fib6.h"
#include "qgm/stages.h"

struct fate fates[FAKE_FATES];
u32 fate_count;
struct pix_event fake_events[1024];
u32 fake_event_count, fake_in;
bool fake_event_full, fake_no_buffer;
u64 fake_clock;
struct qgm *fake_q;

static struct port ports[FAKE_PORTS + 1];
static struct qgm_counters counters;
static const struct tables *root;
static struct tables *draft;
static void *boot_memory[64];
static u32 boot_blocks, buffers, made, held, loose, fate_total;
static u16 gens[IFACE_MAX];
static struct fe_bridges {
	u32 ageing[BRIDGE_MAX], limit[BRIDGE_MAX];
} bridges;

/* --- environment ---------------------------------------------------------------------------- */

void *env_alloc(enum env_mem mem, size_t bytes, size_t align, u32 node)
{
	void *p = aligned_alloc(align, ALIGN_UP(bytes, align));

	(void)mem;
	(void)node;
	memset(p, 0, bytes);
	assert_true(boot_blocks < ARRAY_SIZE(boot_memory));
	boot_memory[boot_blocks++] = p;
	return p;
}

u64 env_clock(void)
{
	return fake_clock;
}

u64 env_clock_hz(void)
{
	return FAKE_HZ;
}

struct port *port_get(u16 id)
{
	return id && id <= FAKE_PORTS ? &ports[id] : NULL;
}

u16 port_count(void)
{
	return FAKE_PORTS + 1;
}

/* --- tables --------------------------------------------------------------------------------- */

const struct tables *tables_current(void)
{
	return root;
}

struct tables *tables_begin(void)
{
	assert_null(draft);
	draft = arena_alloc(sizeof(*draft), CACHE_LINE);
	if (draft) {
		*draft = *root;
		draft->epoch++;
	}
	return draft;
}

/* Interfaces of a draft: made ones are freed by an abort, replaced ones retired by a commit. */
static const struct iface *old_iface[IFACE_MAX], *new_iface[IFACE_MAX];
static u32 old_n, new_n;

bool tables_plant_no_grace(void)
{
	return false;
}

u64 tables_commit(struct tables *t)
{
	const struct tables *old = root;

	assert_ptr_equal(t, draft);
	draft = NULL;
	root = t;
	for (u32 i = 0; i < old_n; i++)
		tables_retire((void *)(uintptr_t)old_iface[i], t->epoch, NULL);
	old_n = new_n = 0;
	tables_retire((void *)(uintptr_t)old, t->epoch, NULL);
	return t->epoch;
}

/* Each epoch is a root of its own here. */
bool tables_untouched(void)
{
	return false;
}

u64 tables_commit_in_place(struct tables *t)
{
	assert_null(t);
	return 0;
}

void tables_abort(struct tables *t)
{
	assert_ptr_equal(t, draft);
	draft = NULL;
	for (u32 i = 0; i < new_n; i++)
		arena_free((void *)(uintptr_t)new_iface[i]);
	old_n = new_n = 0;
	arena_free(t);
}

int iface_set(struct tables *t, const struct iface *want)
{
	struct iface *ifc = NULL;

	assert_ptr_equal(t, draft);
	if (want->mode != IFACE_MODE_NONE) {
		ifc = arena_alloc(sizeof(*ifc), CACHE_LINE);
		if (!ifc)
			return -12;
		*ifc = *want;
		ifc->gen = ++gens[want->id];
		new_iface[new_n++] = ifc;
	}
	if (t->iface[want->id])
		old_iface[old_n++] = t->iface[want->id];
	t->iface[want->id] = ifc;
	if (want->kind == IFACE_PORT)
		t->port_if[want->port] = ifc ? want->id : 0;
	t->if_count = MAX(t->if_count, (u16)(want->id + 1));
	return 0;
}

int bridge_set_ageing(struct tables *t, u16 bridge, u32 ageing_s)
{
	assert_ptr_equal(t, draft);
	bridges.ageing[bridge] = ageing_s;
	return 0;
}

int bridge_set_limit(struct tables *t, u16 bridge, u32 mac_limit)
{
	assert_ptr_equal(t, draft);
	bridges.limit[bridge] = mac_limit;
	return 0;
}

/* --- ends of packets ------------------------------------------------------------------------ */

static void end(struct packet *p, enum fate_kind kind, u32 why)
{
	struct fate *f = &fates[fate_count++];

	assert_true(fate_count < FAKE_FATES);
	fate_total++;
	*f = (struct fate){ .kind = kind, .why = why, .in_port = p->in_port, .len = p->len };
	f->in_if = p->in_if;
	f->vrf = p->vrf;
	f->l3_off = p->l3_off;
	f->timestamp = p->timestamp;
	f->out_if = p->out_if;
	f->out_port = p->out_port;
	memcpy(f->frame, p->data, p->len);
	free((void *)(uintptr_t)p->reserved);
	free(p);
	buffers--;
}

static struct qgm_egress collected[FAKE_PORTS + 1];
static struct qgm_egress *egress[FAKE_PORTS + 1];
/* What the fast path has collected leaves before what comes now. */
static void drain(void)
{
	for (u16 i = 1; i <= FAKE_PORTS; i++)
		output_flush_port(fake_q, i);
}

void output_flush_port(struct qgm *q, u32 port)
{
	struct qgm_egress *e = q->egress[port];

	for (u32 i = 0; i < e->n; i++)
		end(e->pkt[i], FATE_OUT, 0);
	e->n = 0;
}

void qgm_drop(struct qgm *q, struct packet *p, enum drop_reason why)
{
	drain();
	assert_true(why > DROP_none && why < DROP_COUNT);
	q->c->drops[why]++;
	end(p, FATE_DROP, why);
}

void qgm_consume(struct qgm *q, struct packet *p)
{
	q->c->consumed++;
	end(p, FATE_CONSUME, 0);
}

void qgm_punt(struct qgm *q, struct packet *p, enum pix_punt_class cls)
{
	q->c->punted[cls]++;
	end(p, FATE_PUNT, cls);
}

void qgm_output(struct qgm *q, const struct tables *t, struct packet *p)
{
	(void)q;
	drain();
	assert_ptr_equal(t, root);
	assert_non_null(t->iface[p->out_if]);
	end(p, FATE_OUT, 0);
}

/* An IRB: to the bridge. */
void fe_send(struct qgm *q, const struct tables *t, struct packet *p)
{
	assert_int_equal(p->out_port, 0);
	assert_int_equal(t->iface[p->out_if]->kind, IFACE_IRB);
	qgm_output(q, t, p);
}

static struct packet *buffer(void)
{
	struct packet *p = aligned_alloc(CACHE_LINE, sizeof(*p));

	memset(p, 0, sizeof(*p));
	p->reserved = (u64)(uintptr_t)malloc(PACKET_HEADROOM + FAKE_FRAME);
	p->data = (u8 *)(uintptr_t)p->reserved + PACKET_HEADROOM;
	buffers++;
	return p;
}

struct packet *qgm_make(struct qgm *q)
{
	struct packet *p;

	if (fake_no_buffer)
		return NULL;
	p = buffer();
	q->c->made++;
	made++;
	p->flags = PACKET_LOCAL;
	return p;
}

void ifcount_born(u16 ifid)
{
	(void)ifid;
}

struct packet *qgm_make_for(struct qgm *q, u32 bytes)
{
	assert_true(bytes <= FAKE_FRAME);
	return qgm_make(q);
}

void qgm_hold(struct qgm *q, struct packet *p)
{
	(void)p;
	q->c->held++;
	held++;
}

void qgm_unhold(struct qgm *q, struct packet *p)
{
	(void)p;
	assert_true(held > 0);
	q->c->held--;
	held--;
}

bool qgm_event(struct qgm *q, const struct pix_event *ev)
{
	(void)q;
	if (fake_event_full)
		return false;
	fake_events[fake_event_count++ % ARRAY_SIZE(fake_events)] = *ev;
	return true;
}

u32 qgm_make_room(const struct qgm *q)
{
	(void)q;
	return FAKE_FRAME;
}

u32 qgm_room(const struct qgm *q, const struct packet *p)
{
	(void)q;
	return (u32)((u64)p->reserved + PACKET_HEADROOM + FAKE_FRAME - (u64)(uintptr_t)p->data);
}

u64 qgm_now(const struct qgm *q)
{
	return q->now;
}

void *qgm_re(struct qgm *q)
{
	return q->re;
}

void qgm_stage(struct qgm *q, enum pix_stage stage, u32 packets)
{
	q->c->stage[stage].packets += packets;
}

void qgm_output_burst(struct qgm *q, struct packet *const *p, u32 n)
{
	for (u32 i = 0; i < n; i++)
		qgm_output(q, root, p[i]);
}

bool stage_hooked(enum stage_hook_point at)
{
	(void)at;
	return false;
}

u32 stage_hook(struct qgm *q, const struct tables *t, enum stage_hook_point at, struct packet **p,
	       u32 n)
{
	(void)q;
	(void)t;
	(void)at;
	(void)p;
	return n;
}

/* --- for tests ------------------------------------------------------------------------------ */

void fake_start(void)
{
	memset(&counters, 0, sizeof(counters));
	fake_clock = FAKE_HZ;
	fate_count = fate_total = fake_event_count = made = held = loose = fake_in = boot_blocks =
		0;
	fake_event_full = fake_no_buffer = false;
	for (u16 id = 1; id <= FAKE_PORTS; id++) {
		ports[id] = (struct port){ .id = id, .mtu = 1500, .state = PORT_RUNNING };
		ports[id].link = true;
		memcpy(ports[id].mac, fake_port_mac, 6);
		ports[id].mac[5] += (u8)id;
		snprintf(ports[id].name, sizeof(ports[id].name), "eth%u", id - 1u);
	}
	draft = arena_alloc(sizeof(*draft), CACHE_LINE);
	memset(draft, 0, sizeof(*draft));
	draft->epoch = 1;
	root = draft;
	draft = NULL;
	assert_int_equal(control_init(), 0);
	fake_q = aligned_alloc(128, sizeof(*fake_q));
	memset(fake_q, 0, sizeof(*fake_q));
	fake_q->c = &counters;
	fake_q->now = fake_clock;
	for (u16 id = 1; id <= FAKE_PORTS; id++)
		egress[id] = &collected[id];
	fake_q->egress = egress;
	timer_wheel_init(&fake_q->wheel, fake_clock, FAKE_HZ);
	fake_q->re = re_create(fake_q, 0);
	assert_non_null(fake_q->re);
}

void fake_law(void)
{
	assert_int_equal(fake_in + made, fate_total + held);
	assert_int_equal(buffers, held + loose);
}

u32 fake_routes(struct pix_route *out, u32 max, u32 *total)
{
	struct control_routes at = { .end = 0 };

	return control_list_routes(&at, out, max, total);
}

/* Take all configuration back: then nothing may be left but the root, the fixed next hops and the
 * empty FIBs. */
static void unconfigure(void)
{
	static struct pix_route r[256];
	u32 total, n;

	n = fake_routes(r, 256, &total);
	assert_int_equal(n, total);
	for (u32 i = 0; i < n; i++)
		if (!r[i].path && (r[i].proto == PIX_ROUTE_STATIC || r[i].proto == PIX_ROUTE_BGP))
			fake_txn(&(struct pix_op){ .kind = PIX_OP_ROUTE_DEL, .route = r[i] }, 1);
	for (u16 id = 1; id < IFACE_MAX; id++) {
		struct pix_iface ifc;
		u64 epoch;

		if (control_iface(id, &ifc))
			continue;
		fake_txn(&(struct pix_op){ .kind = PIX_OP_IF_SET, .iface.id = id }, 1);
		if (id <= FAKE_PORTS)
			assert_int_equal(control_link(id, true, &epoch), 0);
	}
	for (u16 id = 1; id < BRIDGE_MAX; id++)
		fake_txn(&(struct pix_op){ .kind = PIX_OP_BRIDGE_SET, .bridge.id = id }, 1);
	assert_int_equal(fake_routes(r, 256, &total), 0);
	assert_int_equal(total, 0);
	control_list_neigh(0, NULL, 0, &total);
	assert_int_equal(total, 0);
}

void fake_stop(void)
{
	fake_law();
	unconfigure();
	fake_epoch();
	fake_sleep_ms(70000); /* REASM_MS_IPV6 */
	fake_law();
	assert_int_equal(held, 0);
	fake_grace();
	for (u32 i = 0; i < VRF_MAX; i++) {
		const struct fib *f = root->fib[i];

		if (f) {
			assert_null(f->dir);
			assert_int_equal(f->count, 0);
			arena_free((void *)(uintptr_t)f);
		}
		if (root->fib6[i]) {
			assert_int_equal(root->fib6[i]->count, 0);
			arena_free((void *)(uintptr_t)root->fib6[i]);
		}
	}
	for (u32 i = 0; i < root->nh->chunks; i++) {
		for (u32 k = 0; k < NH_CHUNK; k++)
			assert_true(nh_get(root->nh, i * NH_CHUNK + k)->kind <= NH_UNREACHABLE);
		arena_free((void *)(uintptr_t)root->nh->chunk[i]);
	}
	arena_free((void *)(uintptr_t)root->nh);
	arena_free((void *)(uintptr_t)root);
	assert_int_equal(fake_live, 0);
	for (u32 i = 0; i < boot_blocks; i++)
		free(boot_memory[i]);
	free(fake_q);
}

void fake_forget(void)
{
	fate_count = 0;
}

u32 fake_drops(enum drop_reason why)
{
	return (u32)counters.drops[why];
}

struct packet *fake_frame(u16 port, const void *frame, u16 len)
{
	struct packet *p = buffer();

	memcpy(p->data, frame, len);
	p->len = len;
	p->in_port = p->in_if = port;
	p->vrf = root->iface[port] ? root->iface[port]->vrf : 0;
	p->l3_off = ETH_HLEN;
	p->timestamp = FAKE_CAME;
	if (p->data[0] & 1)
		p->flags |= PACKET_BROADCAST;
	loose++;
	return p;
}

void fake_taken(u32 n)
{
	loose -= n;
	fake_in += n;
}

void fake_burst(struct packet *const *p, u32 n)
{
	fake_taken(n);
	re_input(fake_q, root, p, n);
	drain();
	fake_law();
}

void fake_received(u16 port, struct packet *const *p, u32 n)
{
	u16 vrf = root->iface[port]->vrf;
	const struct receive_mark m = {
		.in_port = port, .in_if = port, .vrf = vrf, .now = FAKE_CAME
	};
	struct packet *rest[BURST_MAX];
	u64 bytes;
	u32 left;

	fake_taken(n);
	for (u32 i = 0; i < n; i++) {
		p[i]->in_port = p[i]->in_if = p[i]->l3_off = p[i]->vrf = 0;
		p[i]->timestamp = 0;
	}
	left = re_received(fake_q, root, &m, p, n, rest, &bytes);
	assert_in_range(left, 0, n);
	for (u32 i = 0; i < left; i++) {
		rest[i]->in_port = rest[i]->in_if = port;
		rest[i]->l3_off = ETH_HLEN;
		rest[i]->vrf = vrf;
		rest[i]->timestamp = FAKE_CAME;
	}
	re_input(fake_q, root, rest, left);
	drain();
	fake_law();
}

void fake_rx(u16 port, const void *frame, u16 len)
{
	struct packet *p = fake_frame(port, frame, len);

	fake_burst(&p, 1);
}

void fake_host(u16 vrf, const void *ip, u16 len)
{
	fake_host_on(vrf, 0, ip, len);
}

void fake_host_on(u16 vrf, u16 ifid, const void *ip, u16 len)
{
	struct packet *p = buffer();

	memset(p->data, 0, ETH_HLEN);
	memcpy(p->data + ETH_HLEN, ip, len);
	p->len = (u16)(ETH_HLEN + len);
	p->l3_off = ETH_HLEN;
	p->vrf = vrf;
	p->in_if = ifid;
	p->flags = PACKET_LOCAL;
	made++;
	re_host(fake_q, root, &p, 1);
	fake_law();
}

void fake_sleep_ms(u32 ms)
{
	for (u32 i = 0; i < ms; i++) {
		fake_clock += FAKE_HZ / 1000;
		fake_q->now = fake_clock;
		timer_run(&fake_q->wheel, fake_q, fake_clock, 64);
	}
}

void fake_epoch(void)
{
	re_epoch(fake_q, root);
	fake_law();
}

void fake_txn(struct pix_op *ops, u32 n)
{
	u64 epoch;
	u32 failed;

	assert_int_equal(control_txn(ops, n, 0, &epoch, &failed), 0);
	assert_int_equal(epoch, root->epoch);
	fake_grace();
}
