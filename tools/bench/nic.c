// SPDX-License-Identifier: MIT
/* The host's side of kernel/driver.h for benchmarks (nic.h). One device, one thread. */
#include "tools/bench/nic.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "qgm/env.h"
#include "tools/bench/memory.h"
#include "tools/bench/report.h"
#include "tools/host/host.h"
#include "tools/nicsim/wire.h"

enum {
	COMMAND = 4,
	COMMAND_ALL = 7,
	UP_TURNS = 200000,
	US = 1000,
	LINK_MS = 300,
	MEMORY = 32 << 20
};

static struct nic nic;

static u64 rd(void *m, u32 bar, u64 off, u32 bytes)
{
	(void)m;
	nic.reads += nic.timed;
	return nicsim_bar_read(nic.dev, bar, off, bytes);
}

static void wr(void *m, u32 bar, u64 off, u32 bytes, u64 v)
{
	(void)m;
	if (!nic.timed) {
		nicsim_bar_write(nic.dev, bar, off, bytes, v);
		return;
	}
	nic.log[nic.writes].bar = bar;
	nic.log[nic.writes].bytes = bytes;
	nic.log[nic.writes].off = off;
	nic.log[nic.writes].v = v;
	nic.writes = (nic.writes + 1) % NIC_LOG;
}

static const struct mmio_model access = { rd, wr };

void nic_settle(struct nic *n)
{
	n->timed = false;
	for (u32 i = 0; i < n->writes; i++)
		nicsim_bar_write(n->dev, n->log[i].bar, n->log[i].off, n->log[i].bytes,
				 n->log[i].v);
	n->writes = n->reads = 0;
	nicsim_run(n->sim, 0);
	if (n->dev->nerrors)
		report_wrong("%s: %s", nicsim_error_name(n->dev->error[0].kind),
			     n->dev->error[0].text);
}

/* --- kernel/driver.h ----------------------------------------------------------------------- */

int dev_map_bar(struct device *d, unsigned bar, u64 off, u64 len, struct mmio *out)
{
	(void)d;
	*out = (struct mmio){ &access, &nic, bar, off, len };
	return 0;
}

void *dma_alloc(struct device *d, size_t size, size_t align, iova_t *iova)
{
	void *va = env_alloc(ENV_PRIVATE, size, align, (u32)d->node);

	*iova = va ? dma_map(va) : 0;
	return va;
}

iova_t dma_map(const void *va)
{
	return (u64)(uintptr_t)va + HOST_IOVA_DELTA;
}

void *dev_alloc(struct device *d, size_t size, size_t align)
{
	return env_alloc(ENV_PRIVATE, size, align, (u32)d->node);
}

struct port *dev_port_alloc(struct device *d)
{
	struct port *p = port_alloc((u32)d->node);

	if (p)
		p->mtu = PORT_MTU_DEFAULT;
	return p;
}

u64 dev_clock_hz(void)
{
	return 1000000000;
}

void dev_delay_us(u32 us)
{
	nic.now += (u64)us * US;
	nicsim_run(nic.sim, 0);
}

int dev_reject(struct device *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->reason, sizeof(d->reason), fmt, ap);
	va_end(ap);
	return -ENODEV;
}

void dev_log(const struct device *d, const char *fmt, ...)
{
	(void)d;
	(void)fmt;
}

/* The benchmarks poll. */
int dev_irq_attach_vector(struct device *d, u16 entry, u16 qgm)
{
	(void)d;
	(void)entry;
	(void)qgm;
	return -ENODEV;
}

/* --- the world ----------------------------------------------------------------------------- */

static void *resolve(void *arg, u64 iova, u64 len)
{
	(void)arg;
	(void)len;
	return (void *)(uintptr_t)(iova - HOST_IOVA_DELTA);
}

static u64 clock_now(void *arg)
{
	(void)arg;
	return nic.now;
}

static void sent(void *arg, const u8 *frame, u32 len)
{
	(void)arg;
	(void)frame;
	(void)len;
	nic.sent++;
}

/* The first rx() posts buffers. */
static void wait_for_link(void)
{
	struct packet *p[BURST_MAX];

	for (u32 ms = 0; ms < LINK_MS; ms++) {
		u32 n = nic.port->ops->rx(nic.port, 0, nic.pc, p, BURST_MAX);

		pool_put(nic.pc, p, n);
		nic.port->ops->reclaim(nic.port, 0, nic.pc);
		if (ms % 10 == 0)
			nic.port->ops->step(nic.port, nic.now);
		nic.now += 1000 * US;
		nicsim_run(nic.sim, 0);
	}
	if (!nic.port->link)
		report_cannot("%s: no link", nic.port->name);
}

struct nic *nic_make(const char *spec, const struct net_driver *drv, u16 vendor, u16 device,
		     u32 buffers)
{
	char why[160] = "";
	int err = -EAGAIN;

	memset(&nic, 0, sizeof(nic));
	nic.sim = nicsim_create();
	nic.sim->clock = clock_now;
	nic.dev = nicsim_add(nic.sim, spec, true, why, sizeof(why));
	if (!nic.dev)
		report_cannot("%s: %s", spec, why);
	nic.dev->resolve = resolve;
	nicsim_wire_function(nic.dev, sent, NULL);
	nicsim_cfg_write(nic.dev, COMMAND, 2, COMMAND_ALL);
	memory_engine(MEMORY, PAGES_BEST, NULL);
	nic.pool = pool_create(0, POOL_CLASS_STD, buffers, 0);
	nic.pc = nic.pool ? pool_cache_create(nic.pool, POOL_CACHE_MAX, 0) : NULL;
	nic.device.vendor = vendor;
	nic.device.device = device;
	if (!nic.pc || drv->probe(&nic.device))
		report_cannot("%s: %s", drv->name, nic.device.reason);
	nic.port = port_get(1);
	nic.port->rx_queues = nic.port->tx_queues = 1;
	nic.port->pc = nic.pc;
	for (u32 i = 0; err == -EAGAIN && i < UP_TURNS; i++) {
		err = nic.port->ops->start(nic.port, nic.now);
		nic.now += 10 * US;
		nicsim_run(nic.sim, 0);
	}
	if (err)
		report_cannot("%s: the port does not start: %d", drv->name, err);
	nic.port->state = PORT_RUNNING;
	wait_for_link();
	return &nic;
}
