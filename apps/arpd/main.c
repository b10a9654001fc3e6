// SPDX-License-Identifier: MIT
/*
 * arpd: owns the neighbours of all interfaces (RFC 826, RFC 5227; RFC 4861, RFC 4862). A user
 * process on the generic partition: the engine sends it addresses that packets wait for, and the
 * frames of ARP and neighbour discovery; it sends frames back and publishes neighbours as
 * transactions. Nothing on this path carries VLAN tags: an interface's frames are tagged by the
 * engine.
 *
 *	/dev/pix/neigh --> messages --> core (core.c) --> frames  --> /dev/pix/neigh
 *	/dev/pix/stat  --> interfaces -^     |    ^  '--> operations, one transaction a turn
 *	                                     v    |
 *	                               /run/arpd.sock: show arp
 *
 * This file is the only one with descriptors; everything else is pure and unit-tested.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <pix/dev.h>

#include "apps/arpd/core.h"
#include "apps/arpd/show.h"
#include "apps/lib/args.h"
#include "apps/lib/rpc.h"

enum {
	OPS_MAX = 256,      /* gathered for one transaction */
	READS_MAX = 64,     /* messages a turn */
	GATEWAYS_MS = 3000, /* between two looks for gateways that are not resolved */
	FRAME_MAX = 1514,
};

struct daemon {
	struct arpd arpd;
	struct rpc_server rpc;
	int neigh, stat;
	bool ifaces_changed;
	u64 gateways_at; /* ms, next look at the gateways */
	unsigned ops;
	struct pix_op op[OPS_MAX];
};

static struct daemon daemon_state;

static u64 now_ms(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000 + (u64)ts.tv_nsec / 1000000 + 1;
}

static void log_line(void *ctx, const char *text)
{
	(void)ctx;
	fprintf(stderr, "arpd: %s\n", text);
}

static int send_frame(void *ctx, u16 ifid, const u8 *frame, size_t n)
{
	struct daemon *d = ctx;
	union {
		struct pix_neigh_msg m;
		u8 bytes[sizeof(struct pix_neigh_msg) + FRAME_MAX];
	} out = { .m = { .kind = PIX_EV_ARP_FRAME, .ifid = ifid, .len = (u32)n } };

	if (n < 14 || n > FRAME_MAX)
		return -EMSGSIZE;
	if (frame[12] == 0x86 && frame[13] == 0xdd)
		out.m.kind = PIX_EV_ND_FRAME;
	memcpy(out.bytes + sizeof(out.m), frame, n);
	if (write(d->neigh, &out, sizeof(out.m) + n) < 0)
		return -errno;
	return 0;
}

static int run_txn(struct daemon *d, struct pix_op *op, unsigned n)
{
	struct pix_txn txn = {
		.op_size = sizeof(*op),
		.count = n,
		.ops = (u64)(uintptr_t)op,
	};

	return ioctl(d->neigh, PIX_IOC_TXN, &txn) ? -errno : 0;
}

/* All gathered operations as one epoch; if the engine refuses one of them, each by itself. */
static void flush_ops(struct daemon *d)
{
	unsigned n = d->ops;
	int all;

	d->ops = 0;
	if (n == 0)
		return;
	all = run_txn(d, d->op, n);
	if (all == 0 || all == -ETIMEDOUT) /* the latter: published, but a core is stuck */
		return;
	for (unsigned i = 0; i < n; i++) {
		int err = run_txn(d, &d->op[i], 1);

		/* an interface that went away took its neighbours with it */
		if (err && !(d->op[i].error == -ENOENT && d->op[i].kind != PIX_OP_NEIGH_SET))
			d->arpd.count.engine_error++;
	}
}

static struct pix_op *next_op(struct daemon *d, enum pix_op_kind kind)
{
	struct pix_op *op;

	if (d->ops == OPS_MAX)
		flush_ops(d);
	op = &d->op[d->ops++];
	memset(op, 0, sizeof(*op));
	op->kind = kind;
	return op;
}

static void gather_op(void *ctx, enum pix_op_kind kind, u16 ifid, struct pix_ip addr, const u8 *mac)
{
	struct pix_op *op = next_op(ctx, kind);

	op->neigh.ifid = ifid;
	op->neigh.addr = addr;
	if (mac) {
		memcpy(op->neigh.mac, mac, 6);
		op->neigh.state = 1;
	}
}

static void gather_addr_state(void *ctx, u16 ifid, struct pix_ip addr, u8 state)
{
	struct pix_op *op = next_op(ctx, PIX_OP_ADDR_STATE);

	op->addr = (struct pix_addr_op){ .ifid = ifid, .state = state, .ip = addr };
}

/* All elements of a list; *out is malloc'd. Returns the count, or -errno. */
static int read_list(const struct daemon *d, enum pix_what what, size_t elem, void **out)
{
	struct pix_list l = { .what = what, .elem_size = (u32)elem, .max = 64 };

	for (;;) {
		*out = calloc(l.max, elem);
		if (!*out)
			return -ENOMEM;
		l.buf = (u64)(uintptr_t)*out;
		if (ioctl(d->stat, PIX_IOC_LIST, &l)) {
			int err = -errno;

			free(*out);
			return err;
		}
		if (l.total <= l.max)
			return (int)(l.count < l.max ? l.count : l.max);
		free(*out);
		l.max = l.total + 16;
	}
}

static void read_interfaces(struct daemon *d)
{
	struct pix_iface *list;
	int n = read_list(d, PIX_LIST_IFACE, sizeof(*list), (void **)&list);
	u64 now = now_ms();

	d->ifaces_changed = false;
	if (n < 0) {
		fprintf(stderr, "arpd: cannot list interfaces: %s\n", strerror(-n));
		return;
	}
	for (int k = 0; k < IFACES_MAX; k++) {
		u16 id = d->arpd.ifaces.slot[k].id;
		bool listed = false;

		for (int i = 0; i < n; i++)
			listed |= list[i].id == id;
		if (id && !listed)
			arpd_iface_gone(&d->arpd, id, now);
	}
	for (int i = 0; i < n; i++) {
		if (list[i].id)
			arpd_iface(&d->arpd, &list[i], now);
	}
	free(list);
}

static void adopt_neighbours(struct daemon *d)
{
	struct pix_neigh *list;
	int n = read_list(d, PIX_LIST_NEIGH, sizeof(*list), (void **)&list);

	for (int i = 0; i < n; i++)
		arpd_adopt(&d->arpd, &list[i], now_ms());
	if (n >= 0)
		free(list);
}

/* Gateways that nobody sends to yet, or that failed: a route with other paths leaves them out until
 * they answer (ECMP), so that no packet would ever ask for them again. */
static void ask_gateways(struct daemon *d)
{
	u64 now = now_ms();
	struct pix_neigh *list;
	int n;

	if (now < d->gateways_at)
		return;
	d->gateways_at = now + GATEWAYS_MS;
	n = read_list(d, PIX_LIST_GATEWAY, sizeof(*list), (void **)&list);
	for (int i = 0; i < n; i++)
		arpd_gateway(&d->arpd, list[i].ifid, list[i].addr, now);
	if (n >= 0)
		free(list);
}

/*
 * The engine acts on new tables at once, the message that an interface changed comes after that: a
 * miss or a frame that does not fit what we know of its interface means that ours is old.
 */
static bool outdated(struct daemon *d, const struct pix_neigh_msg *m)
{
	const struct iface *i = iface_find(&d->arpd.ifaces, m->ifid);

	if (m->kind == PIX_EV_NEIGH_MISS)
		return !i || !i->up || !iface_on_link(i, m->addr);
	return (m->kind == PIX_EV_ARP_FRAME || m->kind == PIX_EV_ND_FRAME) && (!i || !i->up);
}

static void read_messages(struct daemon *d)
{
	union {
		struct pix_neigh_msg m;
		u8 bytes[sizeof(struct pix_neigh_msg) + FRAME_MAX];
	} in;

	for (int i = 0; i < READS_MAX; i++) {
		ssize_t n = read(d->neigh, &in, sizeof(in));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN)
			args_die("arpd", "read: %s", strerror(errno));
		if (n <= 0)
			return;
		if ((size_t)n >= sizeof(in.m) && in.m.kind == PIX_EV_IF_CHANGE)
			d->ifaces_changed = true;
		else if (d->ifaces_changed || ((size_t)n >= sizeof(in.m) && outdated(d, &in.m)))
			read_interfaces(d); /* before what came behind the change */
		arpd_message(&d->arpd, &in.m, (size_t)n, now_ms());
	}
}

static void serve(void *ctx, struct rpc_client *from, const struct json *request,
		  struct json_writer *reply)
{
	struct daemon *d = ctx;

	(void)from;
	arpd_show(&d->arpd, request, reply, now_ms());
}

static int open_device(const char *name)
{
	const char *dir = getenv("PIX_DEV");
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir ? dir : "/dev/pix", name);
	fd = open(path, (strcmp(name, "neigh") == 0 ? O_RDWR | O_NONBLOCK : O_RDONLY) | O_CLOEXEC);
	if (fd < 0)
		args_die("arpd", "cannot open %s: %s", path, strerror(errno));
	return fd;
}

static void start(struct daemon *d)
{
	struct arpd_io io = { send_frame, gather_op, gather_addr_state, log_line, d };
	char path[108];
	int err;

	d->stat = open_device("stat");
	d->neigh = open_device("neigh");
	arpd_init(&d->arpd, &io, (u32)now_ms() * 2654435761u ^ (u32)getpid());
	err = rpc_path(path, sizeof(path), "arpd.sock");
	if (!err)
		err = rpc_server_open(&d->rpc, path, serve, d);
	if (err)
		args_die("arpd", "cannot serve %s: %s", path, strerror(-err));
	read_interfaces(d);
	adopt_neighbours(d);
}

/* One turn: time, wait, messages, interfaces, operations, clients. */
static void turn(struct daemon *d)
{
	struct pollfd fds[1 + RPC_POLLFDS];
	size_t n;
	int wait;

	ask_gateways(d);
	wait = arpd_timers(&d->arpd, now_ms());
	if (wait < 0 || wait > GATEWAYS_MS)
		wait = GATEWAYS_MS;
	flush_ops(d);
	fds[0] = (struct pollfd){ .fd = d->neigh, .events = POLLIN };
	n = 1 + rpc_server_poll(&d->rpc, fds + 1);
	if (poll(fds, n, wait) < 0) {
		if (errno != EINTR)
			args_die("arpd", "poll: %s", strerror(errno));
		return;
	}
	if (fds[0].revents)
		read_messages(d);
	if (d->ifaces_changed)
		read_interfaces(d);
	flush_ops(d);
	rpc_server_step(&d->rpc, fds + 1, n - 1);
}

static volatile sig_atomic_t asked_to_stop;

static void on_term(int sig)
{
	(void)sig;
	asked_to_stop = 1;
}

int main(int argc, char **argv)
{
	struct sigaction act = { .sa_handler = on_term };

	if (argc > 1)
		args_die("arpd", "unexpected argument '%s'; usage: arpd", argv[1]);
	sigaction(SIGTERM, &act, NULL);
	start(&daemon_state);
	while (!asked_to_stop)
		turn(&daemon_state);
	arpd_stop(&daemon_state.arpd, now_ms());
	return 0;
}
