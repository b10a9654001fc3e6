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

static const char *start(unsigned core, unsigned memory_mb, const char *pci,
			 const char *const *vdevs)
{
	static char lcore[16], mem[16], device[32];
	static char program[] = "bench", cores[] = "-l", megabytes[] = "-m", no_pci[] = "--no-pci",
		    no_telemetry[] = "--no-telemetry", in_memory[] = "--in-memory",
		    errors[] = "--log-level=error", no_huge[] = "--no-huge",
		    no_files[] = "--no-shconf", va[] = "--iova-mode=va",
		    widest[] = "--force-max-simd-bitwidth=512";
	bool huge = huge_free() >= memory_mb / 2 + 2;
	char *argv[32] = { program, cores,        lcore,    megabytes, mem,
			   widest,  no_telemetry, no_files, errors };
	int argc = 9;

	snprintf(lcore, sizeof(lcore), "%u", core);
	snprintf(mem, sizeof(mem), "%u", memory_mb);
	snprintf(device, sizeof(device), "--allow=%s", pci ? pci : "");
	argv[argc++] = pci ? device : no_pci;
	if (pci)
		argv[argc++] = va;
	argv[argc++] = huge ? in_memory : no_huge; /* not both */
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

const char *peer_start(unsigned core, unsigned memory_mb, const char *const *vdevs)
{
	return start(core, memory_mb, NULL, vdevs);
}

const char *peer_start_pci(unsigned core, unsigned memory_mb, const char *address)
{
	return start(core, memory_mb, address, NULL);
}

void peer_thread(void)
{
	if (rte_lcore_id() == LCORE_ID_ANY)
		rte_thread_register();
}
