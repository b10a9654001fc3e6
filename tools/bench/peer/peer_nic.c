// SPDX-License-Identifier: MIT
/*
 * peer: DPDK's poll-mode driver of a real NIC on a device that is none (peer.h). The PCI bus of
 * DPDK finds the device in a directory made like Linux's /sys/bus/pci/devices; its registers are
 * wherever the caller says: rte_pci_map_device() and the accesses to the configuration space are
 * defined here, in the program, which the dynamic linker prefers to those of librte_bus_pci.
 */
#include "tools/bench/peer/peer.h"

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_bus_pci.h>
#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>
#include <rte_memory.h>

enum { MBUFS = 4096, CACHE = 256, BURST = 256, FRAME = 60, LINK_MS = 5000, SEGMENT = 2 << 20 };

#define ADDRESS      "0000:01:00.0"
#define BUS_BASE     0x00495058a0000000ull /* marks BAR 0 in DPDK's books */
#define RESOURCE_MEM 0x200

static const struct peer_nic *nic;
static struct rte_mempool *mbufs;

/* MOVDIRI, with which DPDK writes tails where the CPU has it, goes past the caches: what is cheap
 * towards a device is dear towards the memory that stands for it here. A plain store, then. */
int rte_cpu_get_flag_enabled(enum rte_cpu_flag_t flag)
{
	static int (*real)(enum rte_cpu_flag_t flag);

	if (!real)
		real = (int (*)(enum rte_cpu_flag_t))dlsym(RTLD_NEXT, "rte_cpu_get_flag_enabled");
	return flag == RTE_CPUFLAG_MOVDIRI ? 0 : real(flag);
}

/* --- the bus -------------------------------------------------------------------------------- */

static int tell_region(const struct rte_memseg_list *list, const struct rte_memseg *ms, size_t len,
		       void *arg)
{
	(void)list;
	(void)arg;
	nic->memory(nic->arg, ms->iova, ms->addr, len);
	return 0;
}

/* struct rte_pci_device is not public, the list of its resources is: found by its contents. */
int rte_pci_map_device(struct rte_pci_device *dev)
{
	uint64_t *words = (uint64_t *)dev;

	for (unsigned i = 0; i < 64; i++) {
		struct rte_mem_resource *r = (struct rte_mem_resource *)&words[i];

		if (r->phys_addr == BUS_BASE && r->len == nic->bar_size) {
			r->addr = nic->bar;
			/* Behind what drivers get, which goes from the top down: a segment of host
			 * memory (XL710) has 2 MiB, of which net_i40e allocates what it needs. */
			if (!rte_malloc(NULL, SEGMENT, 0))
				return -1;
			return rte_memseg_contig_walk(tell_region, NULL);
		}
	}
	return -1;
}

void rte_pci_unmap_device(struct rte_pci_device *dev)
{
	(void)dev;
}

int rte_pci_read_config(const struct rte_pci_device *dev, void *buf, size_t len, off_t off)
{
	(void)dev;
	for (size_t i = 0; i < len; i++)
		((uint8_t *)buf)[i] = nic->cfg_read(nic->arg, (uint32_t)off + (uint32_t)i);
	return (int)len;
}

int rte_pci_write_config(const struct rte_pci_device *dev, const void *buf, size_t len, off_t off)
{
	(void)dev;
	for (size_t i = 0; i < len; i++)
		nic->cfg_write(nic->arg, (uint32_t)off + (uint32_t)i, ((const uint8_t *)buf)[i]);
	return (int)len;
}

static void file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/" ADDRESS "/%s", dir, name);
	f = fopen(path, "w");
	if (!f || fputs(text, f) < 0 || fclose(f)) {
		fprintf(stderr, "bench: cannot: %s\n", path);
		exit(2);
	}
}

static void number(const char *dir, const char *name, unsigned v)
{
	char text[32];

	snprintf(text, sizeof(text), "0x%04x\n", v);
	file(dir, name, text);
}

static const char *const files[] = { "vendor", "device",   "subsystem_vendor", "subsystem_device",
				     "class",  "resource", "numa_node",        "driver" };

static void sysfs_make(char *dir)
{
	char path[256], text[512];
	int at;

	if (!mkdtemp(dir)) {
		perror("bench: cannot: directory of devices");
		exit(2);
	}
	snprintf(path, sizeof(path), "%s/" ADDRESS, dir);
	mkdir(path, 0700);
	number(dir, "vendor", nic->vendor);
	number(dir, "device", nic->device);
	number(dir, "subsystem_vendor", nic->vendor);
	number(dir, "subsystem_device", 0);
	file(dir, "class", "0x020000\n");
	file(dir, "numa_node", "0\n");
	at = snprintf(text, sizeof(text), "0x%016llx 0x%016llx 0x%016x\n", BUS_BASE,
		      BUS_BASE + nic->bar_size - 1, RESOURCE_MEM);
	for (unsigned i = 1; i < 7; i++)
		at += snprintf(text + at, sizeof(text) - (size_t)at, "0x0 0x0 0x0\n");
	file(dir, "resource", text);
	/* Devices without a driver of Linux are not looked at, and with UIO not by virtual
	 * addresses. */
	snprintf(path, sizeof(path), "%s/" ADDRESS "/driver", dir);
	if (symlink("../drivers/vfio-pci", path))
		perror("bench: driver of the device");
	setenv("SYSFS_PCI_DEVICES", dir, 1);
}

static void sysfs_remove(const char *dir)
{
	char path[256];

	for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		snprintf(path, sizeof(path), "%s/" ADDRESS "/%s", dir, files[i]);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/" ADDRESS, dir);
	rmdir(path);
	rmdir(dir);
}

/* DPDK waits for interrupts of a device without a description of them on descriptor 0: a pipe to
 * which nobody writes. */
static void no_interrupts(void)
{
	int ends[2];

	if (pipe(ends) || dup2(ends[0], 0))
		perror("bench: interrupts");
}

/* --- the port ------------------------------------------------------------------------------- */

bool peer_nic_start(const struct peer_nic *n, unsigned core, unsigned ring)
{
	char dir[] = "/tmp/pix-bench-XXXXXX";
	struct rte_eth_conf conf = { 0 };
	struct rte_eth_dev_info info;
	struct rte_eth_txconf tx;
	struct rte_eth_link link = { 0 };

	nic = n;
	no_interrupts();
	sysfs_make(dir);
	peer_start_pci(core, 128, ADDRESS);
	sysfs_remove(dir);
	if (rte_eth_dev_count_avail() != 1 || rte_eth_dev_info_get(0, &info))
		return false;
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	tx = info.default_txconf;
	tx.offloads = conf.txmode.offloads;
	mbufs = rte_pktmbuf_pool_create("nic", MBUFS, CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
					SOCKET_ID_ANY);
	if (!mbufs || rte_eth_dev_configure(0, 1, 1, &conf) ||
	    rte_eth_rx_queue_setup(0, 0, (uint16_t)ring, 0, NULL, mbufs) ||
	    rte_eth_tx_queue_setup(0, 0, (uint16_t)ring, 0, &tx) || rte_eth_dev_start(0) ||
	    rte_eth_promiscuous_enable(0))
		return false;
	for (unsigned ms = 0; ms < LINK_MS && !link.link_status; ms += 10) {
		rte_delay_us_sleep(10000);
		rte_eth_link_get(0, &link);
	}
	return link.link_status;
}

const char *peer_nic_name(void)
{
	static char name[96];
	struct rte_eth_dev_info info = { 0 };
	struct rte_eth_burst_mode rx = { 0 }, tx = { 0 };

	rte_eth_dev_info_get(0, &info);
	rte_eth_rx_burst_mode_get(0, 0, &rx);
	rte_eth_tx_burst_mode_get(0, 0, &tx);
	snprintf(name, sizeof(name), "DPDK %.16s", info.driver_name);
	if (rx.info[0]) /* not every driver says */
		snprintf(name + strlen(name), sizeof(name) - strlen(name), ", rx %.24s, tx %.24s",
			 rx.info, tx.info);
	return name;
}

unsigned peer_nic_forward(unsigned burst, unsigned frames)
{
	struct rte_mbuf *m[BURST];
	unsigned done = 0, n, sent;

	while (done < frames) {
		n = rte_eth_rx_burst(0, 0, m, (uint16_t)burst);
		sent = rte_eth_tx_burst(0, 0, m, (uint16_t)n);
		if (!n || sent != n)
			break;
		done += n;
	}
	return done;
}

unsigned peer_nic_send(unsigned bulk, unsigned frames)
{
	struct rte_mbuf *m[BURST];
	unsigned done = 0;

	for (; done + bulk <= frames; done += bulk) {
		if (rte_pktmbuf_alloc_bulk(mbufs, m, bulk))
			break;
		for (unsigned i = 0; i < bulk; i++)
			m[i]->data_len = (uint16_t)(m[i]->pkt_len = FRAME);
		if (rte_eth_tx_burst(0, 0, m, (uint16_t)bulk) != bulk)
			break;
	}
	return done;
}
