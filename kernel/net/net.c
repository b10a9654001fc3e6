// SPDX-License-Identifier: MIT
/*
 * Start-up of the data plane: control block, NIC drivers, QGMs, owners, interrupts, cores. Runs on
 * the boot CPU on the union root, before the partitions are sealed from each other.
 */
#include "kernel/arch/x86_64/core.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/cmdline.h"
#include "kernel/driver.h"
#include "kernel/errno.h"
#include "kernel/lib/string.h"
#include "kernel/mm/phys.h"
#include "kernel/mm/split.h"
#include "kernel/net/core_env.h"
#include "kernel/net/door.h"
#include "kernel/net/ping.h"
#include "kernel/net/snapshot.h"
#include "kernel/printk.h"
#include "libc/include/pix/dev.h"
#include "qgm/control.h"
#include "qgm/env.h"

enum { IRQ_INTERVAL_US = 20, IRQ_INTERVAL_MAX_US = 1000 };

static struct qgm *qgms[QGM_MAX];

u32 net_idle_policy(void)
{
	return core_idle_policy;
}

static u32 parse_idle(void)
{
	char v[16];

	if (cmdline_get("pix.idle", v, sizeof(v)) > 0) {
		if (!strcmp(v, "spin"))
			return PIX_IDLE_SPIN;
		if (!strcmp(v, "nap"))
			return PIX_IDLE_NAP;
		if (!strcmp(v, "irq"))
			return PIX_IDLE_IRQ;
		printk("net: pix.idle=%s is not spin, nap or irq; using the default\n", v);
	}
	return cpu_is_virtual() ? PIX_IDLE_NAP : PIX_IDLE_SPIN;
}

/*
 * Microseconds between two interrupts of a queue: none are held back where a QGM polls before it
 * sleeps (the nap ends by one, and the next is not asked for before it sleeps again); one that
 * lives by interrupts is to find more than a packet each time. pix.irq-us=N sets it.
 */
static u32 irq_interval(void)
{
	char v[16];
	u32 us = core_idle_policy == PIX_IDLE_IRQ ? IRQ_INTERVAL_US : 0, n = 0;

	if (cmdline_get("pix.irq-us", v, sizeof(v)) <= 0)
		return us;
	for (const char *c = v; *c; c++) {
		if (*c < '0' || *c > '9' || (n = n * 10 + (u32)(*c - '0')) > IRQ_INTERVAL_MAX_US) {
			printk("net: pix.irq-us=%s is not 0..%u; using the default\n", v,
			       IRQ_INTERVAL_MAX_US);
			return us;
		}
	}
	return n;
}

static void attach_ports(void)
{
	u32 interval = irq_interval();

	for (u16 i = 1; i < port_count(); i++) {
		struct port *p = port_get(i);

		p->irq_interval = interval;
		if (p->ops->attach)
			p->ops->attach(p, p->owner);
	}
	dev_irq_commit();
}

/* The control block says what memory is the data plane's, also to a restarted generic partition. */
static int list_regions(void)
{
	paddr_t base;
	u64 len;
	int node, err = 0;

	for (unsigned i = 0; !err && dp_region(i, &base, &len, &node); i++)
		err = ctl_add_region(base, len, (u32)node);
	return err;
}

/* pix.queues=N: at most N queues of each kind a port, whatever its NIC offers. One is what a NIC
 * needs whose registers only one core may touch at a time. */
static void limit_queues(void)
{
	char v[8];
	u16 limit;

	if (cmdline_get("pix.queues", v, sizeof(v)) <= 0)
		return;
	if (v[0] < '1' || v[0] > '9' || (v[1] && (v[1] < '0' || v[1] > '9' || v[2]))) {
		printk("net: pix.queues=%s is not 1 to 99; not limited\n", v);
		return;
	}
	limit = (u16)(v[1] ? (v[0] - '0') * 10 + v[1] - '0' : v[0] - '0');
	for (u16 i = 1; i < port_count(); i++) {
		struct port *p = port_get(i);

		p->rx_queues = MIN(p->rx_queues, limit);
		p->tx_queues = MIN(p->tx_queues, limit);
	}
}

int net_init(void)
{
	int err = core_env_init();

	if (err)
		return err;
	core_idle_policy = parse_idle();
	err = ctl_init();
	err = err ? err : list_regions();
	if (err)
		return err;
	net_drivers_probe();
	limit_queues();
	err = qgm_setup(dp_free_bytes(NODE_ANY), nqgm);
	err = err ? err : control_init();
	if (err)
		return err;
	for (u16 i = 0; i < nqgm; i++) {
		qgms[i] = qgm_create(i, (u32)cpu_of_qgm(i)->node);
		if (!qgms[i])
			return -ENOMEM;
	}
	err = qgm_assign_ports();
	if (err)
		return err;
	attach_ports();
	snapshot_init();
	return 0;
}

static void start_ports(void)
{
	for (u16 i = 1; i < port_count(); i++) {
		struct ctl_cmd cmd = { .kind = CTL_PORT_START, .a = i };
		u16 owner = port_get(i)->owner;

		/* Before the QGM's first turn: nobody else produces commands yet. */
		if (!msgring_put(ctl_block()->qgm[owner].cmd, &cmd))
			printk("net: %s: cannot start: command ring full\n", port_get(i)->name);
	}
}

int net_start(void)
{
	int err = door_init();

	if (err)
		return err;
	start_ports();
	for (u16 i = 0; i < nqgm; i++) {
		if (smp_shared_mode)
			err = shared_start(qgms[i]);
		else
			err = core_start(cpu_of_qgm(i), core_loop, qgms[i]);
		if (err)
			printk("net: QGM %u did not start: error %d\n", i, -err);
	}
	return 0;
}

void net_device_irq(u16 qgm)
{
	if (smp_shared_mode)
		shared_kick();
	else
		env_wake(qgm);
}

int net_dev_init(void)
{
	int err = stat_dev_init();

	err = err ? err : config_dev_init();
	err = err ? err : neigh_dev_init();
	err = err ? err : log_dev_init();
	err = err ? err : icmp_init();
	err = err ? err : icmp6_init();
	return err;
}
