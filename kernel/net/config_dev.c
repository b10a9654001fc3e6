// SPDX-License-Identifier: MIT
/*
 * /dev/pix/config: the transaction ioctl for the configuration daemon, and the configuration text
 * that came with the boot.
 */
#include "kernel/bootinfo.h"
#include "kernel/clock.h"
#include "kernel/errno.h"
#include "kernel/fs/dev.h"
#include "kernel/lib/string.h"
#include "kernel/mm/aspace.h"
#include "kernel/mm/heap.h"
#include "kernel/net/door.h"
#include "kernel/net/ready.h"
#include "libc/include/pix/dev.h"
#include "qgm/control.h"

static u32 opened;

/* The operations of one call, in pieces (a piece is as large as the heap's slabs). */
struct ops {
	u32 n;
	struct pix_op *piece[PIX_TXN_MAX / CONTROL_PIECE];
};

static struct pix_op *op_at(const struct ops *o, u32 i)
{
	return &o->piece[i / CONTROL_PIECE][i % CONTROL_PIECE];
}

static void ops_free(struct ops *o)
{
	for (u32 i = 0; i < ARRAY_SIZE(o->piece); i++)
		kfree(o->piece[i]);
	kfree(o);
}

/* *out is to be freed whatever the result. */
static int ops_read(struct ops **out, u64 user, u32 n)
{
	struct ops *o = *out = kzalloc(sizeof(*o));

	if (!o)
		return -ENOMEM;
	o->n = n;
	for (u32 i = 0; i < n; i += CONTROL_PIECE) {
		u32 count = MIN(n - i, (u32)CONTROL_PIECE);
		struct pix_op *p = kmalloc(count * sizeof(*p));

		o->piece[i / CONTROL_PIECE] = p;
		if (!p)
			return -ENOMEM;
		if (copy_from_user(p, (struct pix_op *)user + i, count * sizeof(*p)))
			return -EFAULT;
	}
	return 0;
}

/* What each operation came to; nothing else of it has changed. */
static int errors_write(const struct ops *o, u64 user)
{
	for (u32 i = 0; i < o->n; i++) {
		const s32 *error = &op_at(o, i)->error;

		if (copy_to_user(&((struct pix_op *)user)[i].error, error, sizeof(*error)))
			return -EFAULT;
	}
	return 0;
}

static bool ops_allowed(const struct ops *o, u32 allowed, u32 *failed)
{
	for (u32 i = 0; i < o->n; i++) {
		struct pix_op *op = op_at(o, i);

		if (op->kind >= 32 || !(allowed & 1u << op->kind)) {
			op->error = -EACCES;
			*failed = i;
			return false;
		}
	}
	return true;
}

/* Tell the QGMs about neighbours that did not answer; what waits for them is dropped by name. */
static void post_failures(const struct ops *o)
{
	for (u32 i = 0; i < o->n; i++) {
		const struct pix_op *op = op_at(o, i);

		if (op->kind != PIX_OP_NEIGH_FAIL)
			continue;
		for (u16 q = 0; q < ctl_block()->qgm_count; q++) {
			struct ctl_cmd cmd = { .kind = CTL_NEIGH_FAILED,
					       .a = op->neigh.ifid,
					       .arg = { op->neigh.addr.hi, op->neigh.addr.lo } };

			(void)door_post(q, &cmd);
		}
	}
}

static void announce(const struct ops *o)
{
	for (u32 i = 0; i < o->n; i++) {
		const struct pix_op *op = op_at(o, i);

		if (op->kind == PIX_OP_IF_SET)
			neigh_dev_event(PIX_EV_IF_CHANGE, op->iface.id, PIX_IP_NONE, NULL, 0);
	}
}

/* Ports of bridges listen to every station; others to their own address and groups. */
static void set_promiscuous(u64 want)
{
	static u64 now; /* under control_lock */

	for (u64 bits = want ^ now; bits; bits &= bits - 1) {
		u16 id = (u16)__builtin_ctzll(bits);
		const struct port *p = port_get(id);
		struct ctl_cmd cmd = { .kind = CTL_PORT_PROMISC, .a = id, .b = want >> id & 1 };

		if (p && !door_post(p->owner, &cmd))
			now ^= 1ull << id; /* else once more with the next transaction */
	}
}

/* Ports of interfaces with large MTUs have large buffers; they restart when that changes. */
static void set_mtus(void)
{
	static u64 now; /* ports that were told so; under control_lock */

	for (u16 id = 1; id < port_count(); id++) {
		u32 mtu = control_port_mtu(id);
		struct ctl_cmd cmd = { .kind = CTL_PORT_MTU, .a = id, .b = mtu };

		if ((mtu > PORT_MTU_DEFAULT) != (now >> id & 1) &&
		    !door_post(port_get(id)->owner, &cmd))
			now ^= 1ull << id; /* else once more with the next transaction */
	}
}

/* Ports whose tags somebody else filters; all words of one message, when one of them changed. */
static void set_vlans(u16 id)
{
	static u64 now[PORT_MAX][PORT_VLAN_WORDS]; /* under control_lock */
	u64 want[PORT_VLAN_WORDS + CTL_ARGS];
	struct port *p = port_get(id);

	memset(want, 0, sizeof(want));
	control_port_vlans(id, want);
	for (u32 i = 0; i < PORT_VLAN_WORDS; i += CTL_ARGS) {
		u32 n = MIN((u32)CTL_ARGS, PORT_VLAN_WORDS - i);
		struct ctl_cmd cmd = { .kind = CTL_PORT_VLANS, .a = id, .b = i };

		if (!memcmp(&want[i], &now[id][i], n * sizeof(u64)))
			continue;
		memcpy(cmd.arg, &want[i], sizeof(cmd.arg));
		if (!door_post(p->owner, &cmd))
			memcpy(&now[id][i], &want[i], n * sizeof(u64));
	}
}

static int run(struct pix_txn *t, const struct ops *o, u32 allowed)
{
	int err;

	if (!ops_allowed(o, allowed, &t->failed))
		return -EACCES;
	mutex_lock(&control_lock);
	err = control_txn_pieces(o->piece, o->n, t->flags, &t->epoch, &t->failed);
	strlcpy(t->why, err ? control_why() : "", sizeof(t->why));
	if (!err && !(t->flags & PIX_TXN_CHECK)) {
		set_promiscuous(control_promiscuous());
		set_mtus();
		for (u16 id = 1; id < port_count(); id++)
			if (port_get(id)->asks_for_vlans)
				set_vlans(id);
	}
	mutex_unlock(&control_lock);
	if (err || (t->flags & PIX_TXN_CHECK))
		return err;
	post_failures(o);
	door_wake_all(); /* packets may wait for this very epoch */
	err = door_wait_epoch(t->epoch);
	announce(o);
	return err;
}

int txn_ioctl(unsigned long utxn, u32 allowed)
{
	struct pix_txn t;
	struct ops *o;
	int err;

	if (copy_from_user(&t, (void *)utxn, sizeof(t)))
		return -EFAULT;
	if (t.op_size != sizeof(struct pix_op) || t.count > PIX_TXN_MAX || t.count == 0 ||
	    (t.flags & ~PIX_TXN_CHECK))
		return -EINVAL;
	err = ops_read(&o, t.ops, t.count);
	if (!err) {
		t.failed = 0;
		err = run(&t, o, allowed);
		if (errors_write(o, t.ops) || copy_to_user((void *)utxn, &t, sizeof(t)))
			err = -EFAULT;
	}
	if (o)
		ops_free(o);
	return err;
}

static int boot_config_ioctl(unsigned long utext)
{
	struct pix_text t;
	size_t len = 0;
	const char *text = boot_config(&len);
	u64 room;

	if (copy_from_user(&t, (void *)utext, sizeof(t)))
		return -EFAULT;
	room = t.len;
	if (text && copy_to_user((void *)t.buf, text, MIN(room, (u64)len)))
		return -EFAULT;
	t.len = text ? len : 0;
	memset(t.source, 0, sizeof(t.source));
	strlcpy(t.source, text ? "boot" : "none", sizeof(t.source));
	return copy_to_user((void *)utext, &t, sizeof(t));
}

static int config_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	(void)f;
	switch (cmd) {
	case PIX_IOC_TXN:
		return txn_ioctl(arg, 1u << PIX_OP_IF_SET | 1u << PIX_OP_ROUTE_ADD |
					      1u << PIX_OP_ROUTE_DEL | 1u << PIX_OP_BRIDGE_SET |
					      1u << PIX_OP_STEER_SET | 1u << PIX_OP_FLOW_SET |
					      1u << PIX_OP_FLOW_DEL);
	case PIX_IOC_BOOT_CONFIG:
		return boot_config_ioctl(arg);
	case PIX_IOC_READY:
		net_ready();
		return 0;
	default:
		return -ENOTTY;
	}
}

static void config_release(struct file *f)
{
	(void)f;
	store_release(&opened, 0);
}

static const struct file_ops config_ops = { .ioctl = config_ioctl, .release = config_release };

static int config_open(struct file *f, unsigned flags, void *arg)
{
	u32 none = 0;

	(void)arg;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return -EACCES;
	if (!cas_acq_rel(&opened, &none, 1))
		return -EBUSY;
	f->ops = &config_ops;
	return 0;
}

int config_dev_init(void)
{
	return dev_register("/dev/pix/config", config_open, NULL);
}
