// SPDX-License-Identifier: MIT
#include "kernel/net/ready.h"

#include "kernel/clock.h"
#include "kernel/printk.h"
#include "qgm/atomic.h"

static u64 ready_ns;

void net_ready(void)
{
	u64 none = 0, now = clock_ns();

	if (cas_acq_rel(&ready_ns, &none, now))
		printk("boot: ready in %lu ms\n", now / 1000000);
}

u64 net_ready_ns(void)
{
	return load_relaxed(&ready_ns);
}
