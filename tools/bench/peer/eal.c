// SPDX-License-Identifier: MIT
/* peer: start of the EAL (peer.h). */
#include "tools/bench/peer/peer.h"

#include <stdio.h>
#include <stdlib.h>

#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_lcore.h>

static unsigned huge_free(void)
{
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	unsigned n = 0;

	if (f && fscanf(f, "%u", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

const char *peer_start(unsigned core, unsigned memory_mb, const char *const *vdevs)
{
	static char lcore[16], mem[16];
	char *argv[32];
	int argc = 0;
	bool huge = huge_free() >= memory_mb / 2 + 2;

	snprintf(lcore, sizeof(lcore), "%u", core);
	snprintf(mem, sizeof(mem), "%u", memory_mb);
	argv[argc++] = (char[]){ "bench" };
	argv[argc++] = (char[]){ "-l" };
	argv[argc++] = lcore;
	argv[argc++] = (char[]){ "-m" };
	argv[argc++] = mem;
	argv[argc++] = (char[]){ "--no-pci" };
	argv[argc++] = (char[]){ "--no-telemetry" };
	argv[argc++] = (char[]){ "--in-memory" };
	argv[argc++] = (char[]){ "--log-level=error" };
	argv[argc++] = (char[]){ "--force-max-simd-bitwidth=512" };
	if (!huge)
		argv[argc++] = (char[]){ "--no-huge" };
	for (; vdevs && *vdevs && argc < 31; vdevs++) {
		char *arg = malloc(128);

		snprintf(arg, 128, "--vdev=%s", *vdevs);
		argv[argc++] = arg;
	}
	argv[argc] = NULL;
	if (rte_eal_init(argc, argv) < 0) {
		fprintf(stderr, "bench: cannot: EAL: %s\n", rte_strerror(rte_errno));
		exit(2);
	}
	return huge ? "peer in 2 MiB pages" : "peer in 4 KiB pages (no 2 MiB pages free)";
}

void peer_thread(void)
{
	if (rte_lcore_id() == LCORE_ID_ANY)
		rte_thread_register();
}
