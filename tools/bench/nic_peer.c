// SPDX-License-Identifier: MIT
/* DPDK's driver on a model (nic_peer.h). The clock of its model is the real one: it waits so. */
#include "tools/bench/nic_peer.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "tools/bench/measure.h"
#include "tools/bench/peer/peer.h"
#include "tools/bench/report.h"
#include "tools/nicsim/wire.h"

enum { COMMAND = 4, COMMAND_ALL = 7 };

static struct nic_peer peer;
static pthread_t measured;

static u64 clock_now(void *arg)
{
	struct timespec ts;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (u64)ts.tv_sec * 1000000000u + (u64)ts.tv_nsec;
}

/* DPDK's net_i40e leaves the firmware's LLDP agent alone, which sends a frame of its own every 30
 * seconds (IEEE 802.1AB: Ethertype 88cc): none of those that were to be forwarded. */
static void sent(void *arg, const u8 *frame, u32 len)
{
	(void)arg;
	peer.sent += !(len >= 14 && frame[12] == 0x88 && frame[13] == 0xcc);
}

/* Once the port is up, threads of DPDK that look at registers now and then see nothing: the model
 * is used by one thread only. */
static bool strange(void)
{
	return peer.up && !pthread_equal(pthread_self(), measured);
}

static u32 rd(void *arg, u64 off)
{
	(void)arg;
	if (strange())
		return 0;
	peer.reads += peer.up;
	nicsim_run(peer.sim, 0);
	return (u32)nicsim_bar_read(peer.dev, 0, off, 4);
}

static void note(u32 off, u32 v)
{
	u32 i;

	for (i = 0; i < peer.nhot && peer.hot[i].off != off; i++)
		;
	if (i == NIC_PEER_HOT)
		report_wrong("%s writes more than %d registers on its hot path", peer.name, i);
	peer.nhot = MAX(peer.nhot, i + 1);
	peer.hot[i].off = off;
	peer.hot[i].v = v;
	peer.writes++;
}

static void wr(void *arg, u64 off, u32 v)
{
	(void)arg;
	if (strange())
		return;
	if (peer.up)
		note((u32)off, v);
	nicsim_run(peer.sim, 0);
	nicsim_bar_write(peer.dev, 0, off, 4, v);
}

static u8 cfg_read(void *arg, u32 off)
{
	(void)arg;
	return (u8)nicsim_cfg_read(peer.dev, off, 1);
}

static void cfg_write(void *arg, u32 off, u8 v)
{
	(void)arg;
	nicsim_cfg_write(peer.dev, off, 1, v);
}

static void memory(void *arg, u64 iova, void *va, u64 len)
{
	(void)arg;
	if (!nicsim_mem_add(peer.dev, iova, len, va))
		report_cannot("the model does not take DPDK's memory");
}

void nic_peer_count(struct nic_peer *n, bool on)
{
	if (on) {
		trap_close(&n->registers);
		n->reads = n->writes = 0;
		return;
	}
	trap_open(&n->registers);
	for (u32 i = 0; i < n->nhot; i++)
		memcpy(n->registers.base + n->hot[i].off, &n->hot[i].v, 4);
}

static void no_errors(const struct nic_peer *n)
{
	if (n->dev->nerrors)
		report_wrong("%s: %s: %s", n->name, nicsim_error_name(n->dev->error[0].kind),
			     n->dev->error[0].text);
}

void nic_peer_settle(struct nic_peer *n)
{
	for (u32 i = 0; i < n->nhot; i++) {
		u32 v;

		memcpy(&v, n->registers.base + n->hot[i].off, 4);
		if (v != n->hot[i].v)
			nicsim_bar_write(n->dev, 0, n->hot[i].off, 4, v);
		n->hot[i].v = v;
	}
	nicsim_run(n->sim, 0);
	no_errors(n);
}

struct nic_peer *nic_peer_make(const char *spec, u16 vendor, u16 device, u32 ring)
{
	static struct peer_nic driver;
	char why[160] = "";

	peer.sim = nicsim_create();
	peer.sim->clock = clock_now;
	peer.dev = nicsim_add(peer.sim, spec, true, why, sizeof(why));
	if (!peer.dev)
		report_cannot("%s: %s", spec, why);
	nicsim_wire_function(peer.dev, sent, NULL);
	nicsim_cfg_write(peer.dev, COMMAND, 2, COMMAND_ALL);
	peer.registers = (struct trap){ rd, wr, NULL, NULL, peer.dev->bar[0].size };
	trap_make(&peer.registers);
	measured = pthread_self();
	driver = (struct peer_nic){
		.vendor = vendor,
		.device = device,
		.bar = peer.registers.base,
		.bar_size = peer.registers.size,
		.cfg_read = cfg_read,
		.cfg_write = cfg_write,
		.memory = memory,
	};
	peer.name = "DPDK";
	if (!peer_nic_start(&driver, options.core, ring))
		report_cannot("DPDK's driver does not bring %s up", spec);
	peer.name = peer_nic_name();
	peer.up = true;
	trap_open(&peer.registers);
	return &peer;
}
