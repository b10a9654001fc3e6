// SPDX-License-Identifier: MIT
/*
 * A TCG plugin that counts the guest instructions of each vCPU into a file that the benchmark maps:
 *	-plugin insn.so,out=FILE      FILE: 64 lines of 64 bytes, the first u64 of line n = vCPU n
 *	-plugin insn.so,out=F,profile=P    also, when QEMU quits, P: a line "PC INSNS RUNS" for each
 *	                                   translation block (profile.py adds them up by function)
 *
 * Debian packages QEMU with plugins but without qemu-plugin.h, so the few declarations needed are
 * here, written after the documented interface, version 1 (QEMU 4.2 to 8.x). The counter is
 * bumped when a translation block starts: a block left early by a fault counts whole.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;

struct qemu_info {
	const char *target_name;
	struct {
		int min;
		int cur;
	} version;
	bool system_emulation;
	struct {
		int smp_vcpus;
		int max_vcpus;
	} system;
};

enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS };

typedef void (*tb_trans_fn)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*vcpu_udata_fn)(unsigned vcpu, void *udata);

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, tb_trans_fn fn);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, vcpu_udata_fn fn,
						 enum qemu_plugin_cb_flags flags, void *udata);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
extern void qemu_plugin_register_atexit_cb(uint64_t id, void (*fn)(uint64_t id, void *udata),
					   void *udata);

EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv);
EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_version = 1;

#define LINES 64

struct line {
	volatile uint64_t count; /* written by one vCPU thread, read by the benchmark */
	uint64_t pad[7];
};

/* One translation block of a profile. */
struct block {
	struct block *next;
	uint64_t pc, insns;
	uint64_t runs; /* all vCPUs; not atomic, a lost count costs little */
};

static struct line *lines;
static struct block *blocks; /* under the translator's lock */
static const char *profile;

static void tb_runs(unsigned vcpu, void *udata)
{
	if (vcpu < LINES)
		lines[vcpu].count += (uintptr_t)udata;
}

static void block_runs(unsigned vcpu, void *udata)
{
	struct block *b = udata;

	b->runs++;
	tb_runs(vcpu, (void *)(uintptr_t)b->insns);
}

static void tb_translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	(void)id;
	struct block *b = profile ? calloc(1, sizeof(*b)) : NULL;

	if (b) {
		b->pc = qemu_plugin_tb_vaddr(tb);
		b->insns = qemu_plugin_tb_n_insns(tb);
		b->next = __atomic_load_n(&blocks, __ATOMIC_RELAXED);
		while (!__atomic_compare_exchange_n(&blocks, &b->next, b, true, __ATOMIC_RELEASE,
						    __ATOMIC_RELAXED))
			;
		qemu_plugin_register_vcpu_tb_exec_cb(tb, block_runs, QEMU_PLUGIN_CB_NO_REGS, b);
		return;
	}
	qemu_plugin_register_vcpu_tb_exec_cb(tb, tb_runs, QEMU_PLUGIN_CB_NO_REGS,
					     (void *)(uintptr_t)qemu_plugin_tb_n_insns(tb));
}

static void write_profile(uint64_t id, void *udata)
{
	FILE *f = fopen(profile, "w");

	(void)id;
	(void)udata;
	if (!f)
		return;
	for (struct block *b = blocks; b; b = b->next)
		fprintf(f, "%lx %lu %lu\n", b->pc, b->insns, b->runs);
	fclose(f);
}

int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	const char *path = NULL;

	(void)info;
	for (int i = 0; i < argc; i++) {
		if (strncmp(argv[i], "out=", 4) == 0)
			path = argv[i] + 4;
		else if (strncmp(argv[i], "profile=", 8) == 0)
			profile = strdup(argv[i] + 8);
	}
	if (!path) {
		fprintf(stderr, "insn: out=FILE missing\n");
		return -1;
	}
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || ftruncate(fd, LINES * sizeof(struct line)) < 0) {
		perror(path);
		return -1;
	}
	lines = mmap(NULL, LINES * sizeof(struct line), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (lines == MAP_FAILED) {
		perror("insn: mmap");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, tb_translated);
	if (profile)
		qemu_plugin_register_atexit_cb(id, write_profile, NULL);
	return 0;
}
