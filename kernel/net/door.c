// SPDX-License-Identifier: MIT
/*
 * The door thread and the rings behind it: see door.h. Rings are single producer, single consumer:
 * commands and injected frames are produced under a spinlock per QGM, events and punted frames are
 * consumed by the door thread alone.
 */
#include "kernel/net/door.h"

#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/net/core_env.h"
#include "kernel/net/ping.h"
#include "kernel/printk.h"
#include "kernel/sched/thread.h"
#include "kernel/smp.h"
#include "kernel/spinlock.h"
#include "qgm/control.h"
#include "qgm/env.h"

enum {
	DOOR_IDLE_NS = 100000000, /* housekeeping period */
	DOOR_BATCH = 64,          /* frames of one QGM before the next one's turn */
	EPOCH_TIMEOUT_NS = 1000000000,
};

struct mutex control_lock;

/* One per QGM: producer locks, and the newest answered command. */
struct door {
	struct spinlock lock; /* of the cmd and inject producers */
	u64 acked;            /* seq of the last answer; door thread writes */
	s64 result[16];       /* by seq modulo 16 */
	bool crash_told;
};

static struct door doors[QGM_MAX];
static u64 next_seq = 1; /* under ack_lock */
static struct spinlock seq_lock = SPINLOCK_INIT("door seq");
static struct waitq ack_wq;
static struct waitq door_wq;
static u32 kicked;

void door_kick(void)
{
	store_release(&kicked, 1); /* pairs with the door thread's test */
	waitq_wake_all(&door_wq);
}

void net_wake_irq(void)
{
	door_kick();
}

/* Producer's half of the sleep protocol: what was enqueued before is visible to a QGM that sleeps.
 */
static void wake_if_napping(u16 qgm)
{
	fence_full();
	if (load_relaxed(&ctl_block()->qgm[qgm].napping))
		env_wake(qgm);
}

void door_wake_all(void)
{
	for (u16 i = 0; i < ctl_block()->qgm_count; i++)
		wake_if_napping(i);
}

static bool qgm_up(u16 qgm)
{
	const struct ctl *c = ctl_block();

	return qgm < c->qgm_count && load_relaxed(&c->qgm[qgm].up);
}

int door_post(u16 qgm, struct ctl_cmd *cmd)
{
	if (!qgm_up(qgm))
		return -ENODEV;

	u64 flags = spin_lock_irqsave(&doors[qgm].lock);
	bool ok = msgring_put(ctl_block()->qgm[qgm].cmd, cmd);

	spin_unlock_irqrestore(&doors[qgm].lock, flags);
	if (!ok)
		return -EAGAIN;
	wake_if_napping(qgm);
	return 0;
}

int door_command(u16 qgm, struct ctl_cmd *cmd, u64 timeout_ns, s64 *result)
{
	struct door *d;
	int err;

	if (!qgm_up(qgm))
		return -ENODEV;
	d = &doors[qgm];

	/* Number and enqueue under one lock, so that answers come in the order of numbers. */
	u64 flags = spin_lock_irqsave(&d->lock);

	spin_lock(&seq_lock);
	cmd->seq = next_seq++;
	spin_unlock(&seq_lock);
	err = msgring_put(ctl_block()->qgm[qgm].cmd, cmd) ? 0 : -EAGAIN;
	spin_unlock_irqrestore(&d->lock, flags);
	if (err)
		return err;
	wake_if_napping(qgm);

	u64 end = clock_ns() + timeout_ns;

	err = wait_event_deadline(&ack_wq, load_acquire(&d->acked) >= cmd->seq, end);
	if (err)
		return err == -EINTR ? -EINTR : -ETIMEDOUT;
	if (result)
		*result = d->result[cmd->seq % ARRAY_SIZE(d->result)];
	return 0;
}

/* The QGM that takes what has no port yet: the first that is up, so that order is kept. */
static u16 host_qgm(void)
{
	u16 qgm = 0;

	while (qgm + 1u < ctl_block()->qgm_count && !qgm_up(qgm))
		qgm++;
	return qgm;
}

int door_inject(u8 kind, u16 ifid, u32 vrf, const void *frame, u32 len)
{
	const struct ctl *c = ctl_block();
	const struct port *p = kind == INJECT_FRAME ? port_get(ifid) : NULL;
	u16 qgm = p ? p->owner : host_qgm();
	struct frame_slot *s;

	if (len > FRAME_SLOT_DATA)
		return -EMSGSIZE;
	if (!qgm_up(qgm))
		return -ENODEV;

	u64 flags = spin_lock_irqsave(&doors[qgm].lock);

	s = framering_reserve(c->qgm[qgm].inject);
	if (s) {
		s->len = (u16)len;
		s->ifid = ifid;
		s->port = 0;
		s->cls = kind;
		s->vrf = vrf;
		memcpy(s->data, frame, len);
		framering_commit(c->qgm[qgm].inject);
	}
	spin_unlock_irqrestore(&doors[qgm].lock, flags);
	if (!s)
		return -ENOBUFS;
	wake_if_napping(qgm);
	return 0;
}

int door_wait_epoch(u64 epoch)
{
	u64 end = clock_ns() + EPOCH_TIMEOUT_NS;

	for (u32 i = 0; !tables_epoch_reached(epoch); i++) {
		if (clock_ns() > end)
			return -ETIMEDOUT;
		if (i < 50)
			thread_yield();
		else
			thread_sleep_ns(200000);
	}
	return 0;
}

/* --- the thread ---------------------------------------------------------------------------- */

/* Ports whose newest link state the tables do not have for want of memory; door thread only. */
static struct {
	u64 ports, up;
} link_owed;

static int link_apply(u16 port, bool up)
{
	u64 epoch, bit = 1ull << port;
	int err;

	mutex_lock(&control_lock);
	err = control_link(port, up, &epoch);
	mutex_unlock(&control_lock);
	link_owed.ports = err ? link_owed.ports | bit : link_owed.ports & ~bit;
	link_owed.up = up ? link_owed.up | bit : link_owed.up & ~bit;
	return err;
}

/* The QGM tells each change once: what was not applied is tried again at each housekeeping. */
static void links_owed(void)
{
	for (u64 bits = link_owed.ports; bits; bits &= bits - 1) {
		u16 port = (u16)__builtin_ctzll(bits);

		(void)link_apply(port, link_owed.up >> port & 1);
	}
}

static void link_changed(u16 port, bool up)
{
	const struct port *p = port_get(port);
	int err;

	if (!p)
		return;
	err = link_apply(port, up);
	if (err)
		printk("net: %s: link change not applied yet: error %d\n", p->name, -err);
	printk("net: %s: link %s\n", p->name, up ? "up" : "down");
	neigh_dev_event(PIX_EV_IF_CHANGE, port, PIX_IP_NONE, NULL, 0);
}

static void handle_event(u16 qgm, const struct pix_event *ev)
{
	struct door *d = &doors[qgm];

	switch (ev->kind) {
	case PIX_EV_NEIGH_MISS:
		neigh_dev_event(PIX_EV_NEIGH_MISS, ev->ifid, ev->addr, NULL, 0);
		break;
	case PIX_EV_LINK:
		link_changed(ev->ifid, ev->arg != 0);
		break;
	case PIX_EV_ACK:
		d->result[ev->seq % ARRAY_SIZE(d->result)] = (s64)ev->arg;
		store_release(&d->acked, ev->seq); /* pairs with door_command() */
		waitq_wake_all(&ack_wq);
		break;
	case PIX_EV_LOG:
		printk("qgm%u: %.*s\n", qgm, (int)sizeof(ev->text), (const char *)ev->text);
		break;
	default:
		printk("qgm%u: unknown event %u\n", qgm, ev->kind);
	}
}

static void handle_frame(const struct frame_slot *s)
{
	switch (s->cls) {
	case PIX_PUNT_ARP:
		neigh_dev_event(PIX_EV_ARP_FRAME, s->ifid, PIX_IP_NONE, s->data, s->len);
		break;
	case PIX_PUNT_ND:
		neigh_dev_event(PIX_EV_ND_FRAME, s->ifid, PIX_IP_NONE, s->data, s->len);
		break;
	case PIX_PUNT_ICMP:
		icmp_receive(s->data, s->len);
		break;
	case PIX_PUNT_ICMP6:
		icmp6_receive(s->data, s->len, s->ifid);
		break;
	default:
		break; /* no listener of that class in this partition */
	}
}

/* Everything that one QGM has for us, up to a bound. */
static u32 drain(u16 qgm)
{
	const struct ctl_qgm *c = &ctl_block()->qgm[qgm];
	const struct frame_slot *s;
	struct pix_event ev;
	u32 n = 0;

	while (n < DOOR_BATCH && msgring_get(c->event, &ev)) {
		handle_event(qgm, &ev);
		n++;
	}
	while (n < 2 * DOOR_BATCH && (s = framering_peek(c->punt))) {
		if (s->len <= FRAME_SLOT_DATA)
			handle_frame(s);
		framering_release(c->punt);
		n++;
	}
	return n;
}

static void report_crash(u16 qgm)
{
	const struct core_crash *c = core_crash_get(qgm);
	u64 off = 0;

	if (!c || doors[qgm].crash_told)
		return;
	doors[qgm].crash_told = true;
	if (c->rip)
		printk("qgm%u: DOWN: %s %lu error 0x%lx at %s+0x%lx, address 0x%lx\n", qgm, c->what,
		       c->vector, c->error, ksym_lookup(c->rip, &off), off, c->cr2);
	else
		printk("qgm%u: DOWN: %s:%d: %s\n", qgm, c->file, c->line, c->what);
}

static bool something_waits(void)
{
	const struct ctl *c = ctl_block();

	for (u16 i = 0; i < c->qgm_count; i++) {
		if (!framering_empty(c->qgm[i].punt) || !msgring_empty(c->qgm[i].event))
			return true;
	}
	return false;
}

static void door_thread(void *arg)
{
	struct ctl *ctl = ctl_block();
	u32 log_pos = 0;

	(void)arg;
	for (;;) {
		u32 n = 0, who;
		char line[128];

		store_relaxed(&kicked, 0);
		for (u16 i = 0; i < ctl->qgm_count; i++) {
			n += drain(i);
			report_crash(i);
		}
		while (core_log_next(&log_pos, &who, line, sizeof(line)))
			printk("qgm%u: %s\n", who, line);
		mutex_lock(&control_lock);
		tables_reclaim();
		mutex_unlock(&control_lock);
		links_owed();
		if (n) {
			thread_resched();
			continue;
		}
		/* Consumer's half of the sleep protocol; QGMs read generic_napping after a fence.
		 */
		store_relaxed(&ctl->generic_napping, 1);
		fence_full();
		if (!something_waits())
			(void)wait_event_deadline(&door_wq, load_acquire(&kicked),
						  clock_ns() + DOOR_IDLE_NS);
		store_relaxed(&ctl->generic_napping, 0);
	}
}

int door_init(void)
{
	struct thread *t;

	mutex_init(&control_lock);
	waitq_init(&ack_wq);
	waitq_init(&door_wq);
	for (u32 i = 0; i < QGM_MAX; i++)
		doors[i].lock = (struct spinlock)SPINLOCK_INIT("door");
	t = thread_create_stopped("door", door_thread, NULL);
	if (!t)
		return -ENOMEM;
	thread_set_priority(t, PRIO_HIGH);
	thread_start(t);
	return 0;
}
