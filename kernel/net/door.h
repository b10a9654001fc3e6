// SPDX-License-Identifier: MIT
/*
 * The door between the partitions: how generic code talks to the QGMs.
 *
 *	system calls, sockets ---> door_command(), door_inject()  ---> cmd, inject rings ---> QGM
 *	"door" thread <--- event, punt rings <--- QGM     (the thread hands on to /dev/pix/neigh,
 *	                                                   ping sockets, the table writer)
 *
 * One mutex (control lock) serialises writers of the tables. Everything here runs in threads of
 * generic cores; nothing of the engine's private memory is touched.
 */
#pragma once

#include "kernel/sched/mutex.h"
#include "kernel/types.h"
#include "libc/include/pix/dev.h"
#include "qgm/atomic.h"
#include "qgm/ctl.h"

/* Start-up: control block, QGMs, network devices, rings; then the cores. Steps of kernel/main.c. */
int net_init(void);
int net_start(void);
/* After vfs_init: the files under /dev/pix and the ping sockets. */
int net_dev_init(void);

/* The writer side of the tables (qgm/control.h): hold it around every control_*() call. */
extern struct mutex control_lock;

/* Idle policy (enum pix_idle), fixed at boot: pix.idle=spin|nap|irq. */
u32 net_idle_policy(void);

/*
 * Run one command on a QGM and wait for its answer. 0 and *result from the QGM (its own 0 or
 * -errno), -ENODEV no such QGM or down, -EAGAIN ring full, -ETIMEDOUT no answer within timeout_ns.
 */
int door_command(u16 qgm, struct ctl_cmd *cmd, u64 timeout_ns, s64 *result);

/* The same without waiting. */
int door_post(u16 qgm, struct ctl_cmd *cmd);

/*
 * Give a frame to the engine: INJECT_FRAME whole Ethernet frame out of interface ifid, INJECT_IP an
 * IP packet to be routed in vrf (ifid: the interface of a link-local or multicast destination). 0,
 * -EMSGSIZE, -ENOBUFS ring full, -ENODEV no QGM.
 */
int door_inject(u8 kind, u16 ifid, u32 vrf, const void *frame, u32 len);

/* Wake QGMs that sleep, so that they look at a new root. */
void door_wake_all(void);

/*
 * Wait until every live QGM has acknowledged the epoch: 0, or -ETIMEDOUT after one second (a QGM
 * that hangs; the tables are published all the same).
 */
int door_wait_epoch(u64 epoch);

/* --- consumers of what the QGMs hand over; called by the door thread ----------------------- */

/* /dev/pix/neigh (neigh_dev.c). */
void neigh_dev_event(u16 kind, u16 ifid, struct pix_ip addr, const void *frame, u32 len);

int stat_dev_init(void);
int config_dev_init(void);
int neigh_dev_init(void);
int log_dev_init(void);

/* The transaction ioctl, shared by /dev/pix/config and /dev/pix/neigh. `allowed`: bit map of enum
 * pix_op_kind. utxn is a user pointer. */
int txn_ioctl(unsigned long utxn, u32 allowed);

/* PIX_IOC_SNAPSHOT: one numbered snapshot of all QGMs into snap; -ETIMEDOUT never: missing ones are
 * counted. Serialised inside. */
int door_snapshot(struct pix_snapshot *snap);

int door_init(void);

/* QGM cores (core_loop.c): the thread or core function that runs QGM q for ever. */
void core_loop(void *qgm);
extern u32 core_idle_policy;

/* shared.c: one CPU, the QGM is a kernel thread. */
int shared_start(struct qgm *q);
/* Device interrupt or wake-up for a QGM that is a thread. */
void shared_kick(void);

/* Wake the door thread; generic cores, any context. */
void door_kick(void);
