// SPDX-License-Identifier: MIT
/* hosted: the data plane in this process (hosted.h). */
#include "tools/bench/hosted.h"

#include <stdlib.h>
#include <string.h>

#include "tools/bench/report.h"
#include "tools/host/host.h"

static void must(bool ok, const char *what)
{
	if (!ok)
		report_cannot("hosted data plane: %s", what);
}

static void make_ports(struct hosted *h)
{
	for (u32 i = 1; i <= h->nports; i++) {
		struct port *p = port_alloc(0);
		void *state = env_alloc(ENV_PRIVATE, null_state_bytes(), CACHE_LINE, 0);

		must(p && state && !null_port_create(p, state), "null port");
		memcpy(p->mac, (const u8[]){ 2, 0, 0, 9, 9, 1 }, 6);
		h->port[i] = p;
	}
}

static void begin(struct hosted *h, u32 memory_mb, u32 nqgm, enum pages pages)
{
	*h = (struct hosted){ .nqgm = nqgm, .bytes = (u64)memory_mb << 20 };
	memory_engine(h->bytes, pages, &h->pages);
	must(!ctl_init(), "ctl_init");
}

void hosted_begin(struct hosted *h, u32 memory_mb, u32 nqgm)
{
	begin(h, memory_mb, nqgm, PAGES_BEST);
}

void hosted_finish(struct hosted *h, u32 nports)
{
	h->nports = nports;
	/* The plan shares out what it is told; some room for what it does not count. */
	must(!qgm_setup(h->bytes - h->bytes / 8, h->nqgm), "qgm_setup");
	must(!control_init(), "control_init");
	for (u16 i = 0; i < h->nqgm; i++)
		must((h->q[i] = qgm_create(i, 0)) != NULL, "qgm_create");
	must(!qgm_assign_ports(), "qgm_assign_ports");
}

void hosted_make(struct hosted *h, u32 memory_mb, u32 nqgm, u32 nports, enum pages pages)
{
	begin(h, memory_mb, nqgm, pages);
	h->nports = nports;
	make_ports(h);
	hosted_finish(h, nports);
}

void hosted_tables(struct hosted *h, u32 memory_mb)
{
	hosted_make(h, memory_mb, 1, 1, PAGES_BEST);
}

void hosted_txn(struct pix_op *ops, u32 n)
{
	u64 epoch;
	u32 failed = 0;
	int err = control_txn(ops, n, 0, &epoch, &failed);

	if (err)
		report_cannot("transaction: error %d at operation %u", err, failed);
}

static void command(struct hosted *h, u32 qgm, struct ctl_cmd cmd)
{
	static u64 seq;
	struct ctl_qgm *d = &ctl_block()->qgm[qgm];
	struct pix_event ev;

	cmd.seq = ++seq;
	must(msgring_put(d->cmd, &cmd), "command ring");
	for (u32 i = 0; i < 100000; i++) {
		for (u32 k = 0; k < h->nqgm; k++)
			qgm_turn(h->q[k]);
		while (msgring_get(d->event, &ev)) {
			if (ev.kind == PIX_EV_ACK && ev.seq == cmd.seq)
				return;
		}
	}
	must(false, "no answer to a command");
}

void hosted_bind(struct hosted *h, u16 mode, bool six)
{
	struct pix_op ops[PORT_MAX];

	memset(ops, 0, sizeof(ops));
	for (u16 i = 1; i <= h->nports; i++) {
		struct pix_iface *f = &ops[i - 1].iface;

		ops[i - 1].kind = PIX_OP_IF_SET;
		f->id = i;
		f->kind = PIX_IF_PORT;
		f->port = i;
		f->mode = mode;
		f->up = 1;
		f->bridge = mode == PIX_IF_L2;
		if (mode == PIX_IF_L3) {
			f->v6 = six;
			f->addr_count = 1 + six;
			f->addr[1].ip = (struct pix_ip){ 0xfd00000000000000ull | (u64)i << 32, 1 };
			f->addr[1].len = 64;
			f->addr[0].ip = pix_ip4(0x0a000001u | (u32)i << 16);
			f->addr[0].len = 24;
		}
	}
	hosted_txn(ops, h->nports);
	hosted_start(h);
}

void hosted_start(struct hosted *h)
{
	for (u16 i = 1; i <= h->nports; i++)
		command(h, h->port[i]->owner, (struct ctl_cmd){ .kind = CTL_PORT_START, .a = i });
	hosted_settle(h);
	for (u16 i = 1; i <= h->nports; i++)
		must(h->port[i]->state == PORT_RUNNING, "port does not run");
}

void hosted_settle(struct hosted *h)
{
	struct pix_event ev;

	for (u32 quiet = 0; quiet < 8;) {
		u32 work = 0;

		for (u32 i = 0; i < h->nqgm; i++) {
			work += qgm_turn(h->q[i]);
			while (msgring_get(ctl_block()->qgm[i].event, &ev))
				;
		}
		quiet = work ? 0 : quiet + 1;
	}
}

u64 hosted_sent(const struct hosted *h)
{
	u64 n = 0;

	for (u32 i = 0; i < h->nqgm; i++)
		n += h->q[i]->c->tx;
	return n;
}

void hosted_check(struct hosted *h, u64 drops)
{
	u64 all = 0;

	for (u32 i = 0; i < h->nqgm; i++) {
		const struct qgm_counters *c = h->q[i]->c;
		u64 d = 0;

		for (u32 k = 0; k < DROP_COUNT; k++)
			d += c->drops[k];
		if (c->rx + c->ring_in + c->made + c->copies !=
		    c->tx + c->ring_out + d + c->consumed + c->held)
			report_wrong("QGM %u: the conservation law does not hold", i);
		all += d;
	}
	for (u32 k = 0; k < DROP_COUNT && all != drops; k++) {
		for (u32 i = 0; i < h->nqgm; i++) {
			if (h->q[i]->c->drops[k])
				report_say("QGM %u: %lu packets dropped: %s", i,
					   h->q[i]->c->drops[k], drop_infos[k].name);
		}
	}
	if (all != drops)
		report_wrong("%lu packets dropped, %lu expected", all, drops);
}
