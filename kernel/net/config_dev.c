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

static bool ops_allowed(struct pix_op *ops, u32 n, u32 allowed, u32 *failed)
{
	for (u32 i = 0; i < n; i++) {
		if (ops[i].kind >= 32 || !(allowed & 1u << ops[i].kind)) {
			ops[i].error = -EACCES;
			*failed = i;
			return false;
		}
	}
	return true;
}

/* Tell the QGMs about neighbours that did not answer; what waits for them is dropped by name. */
static void post_failures(const struct pix_op *ops, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		if (ops[i].kind != PIX_OP_NEIGH_FAIL)
			continue;
		for (u16 q = 0; q < ctl_block()->qgm_count; q++) {
			struct ctl_cmd cmd = { .kind = CTL_NEIGH_FAILED,
					       .a = ops[i].neigh.ifid,
					       .arg = { ops[i].neigh.addr.hi,
							ops[i].neigh.addr.lo } };

			(void)door_post(q, &cmd);
		}
	}
}

static void announce(const struct pix_op *ops, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		if (ops[i].kind == PIX_OP_IF_SET)
			neigh_dev_event(PIX_EV_IF_CHANGE, ops[i].iface.id, PIX_IP_NONE, NULL, 0);
	}
}

/* All bridges' ports listen to every station; routed ports to their own address and groups. */
static void set_promiscuous(const struct pix_op *ops, u32 n)
{
	for (u32 i = 0; i < n; i++) {
		const struct port *p;
		struct ctl_cmd cmd;

		if (ops[i].kind != PIX_OP_IF_SET)
			continue;
		p = port_get(ops[i].iface.id);
		if (!p)
			continue;
		cmd = (struct ctl_cmd){ .kind = CTL_PORT_PROMISC,
					.a = ops[i].iface.id,
					.b = ops[i].iface.mode == PIX_IF_L2 };
		(void)door_post(p->owner, &cmd);
	}
}

static int run(struct pix_txn *t, struct pix_op *ops, u32 allowed)
{
	int err;

	if (!ops_allowed(ops, t->count, allowed, &t->failed))
		return -EACCES;
	mutex_lock(&control_lock);
	err = control_txn(ops, t->count, t->flags, &t->epoch, &t->failed);
	strlcpy(t->why, err ? control_why() : "", sizeof(t->why));
	mutex_unlock(&control_lock);
	if (err || (t->flags & PIX_TXN_CHECK))
		return err;
	post_failures(ops, t->count);
	set_promiscuous(ops, t->count);
	door_wake_all(); /* packets may wait for this very epoch */
	err = door_wait_epoch(t->epoch);
	announce(ops, t->count);
	return err;
}

int txn_ioctl(unsigned long utxn, u32 allowed)
{
	struct pix_txn t;
	struct pix_op *ops;
	int err;

	if (copy_from_user(&t, (void *)utxn, sizeof(t)))
		return -EFAULT;
	if (t.op_size != sizeof(struct pix_op) || t.count > PIX_TXN_MAX || t.count == 0 ||
	    (t.flags & ~PIX_TXN_CHECK))
		return -EINVAL;
	ops = kmalloc(t.count * sizeof(*ops));
	if (!ops)
		return -ENOMEM;
	err = copy_from_user(ops, (void *)t.ops, t.count * sizeof(*ops));
	if (!err) {
		t.failed = 0;
		err = run(&t, ops, allowed);
		if (copy_to_user((void *)t.ops, ops, t.count * sizeof(*ops)) ||
		    copy_to_user((void *)utxn, &t, sizeof(t)))
			err = -EFAULT;
	}
	kfree(ops);
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
					      1u << PIX_OP_ROUTE_DEL | 1u << PIX_OP_BRIDGE_SET);
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
