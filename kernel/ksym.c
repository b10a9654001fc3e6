// SPDX-License-Identifier: MIT
/*
 * Names for addresses. boot/ksyms.py writes the table from the first link's symbols into .ksyms,
 * the last of the read-only sections, so that the second link moves no function:
 *
 *   u32 count; u32 offset[count] from text_start, ascending; u32 name[count] into the text below;
 *   then the names, each ended by NUL.
 */
#include "kernel/arch/x86_64/image.h"
#include "kernel/printk.h"

extern const u32 ksym_table[] __weak;

static bool in_text(u64 addr)
{
	return addr >= (u64)text_start && addr < (u64)text_end;
}

const char *ksym_lookup(u64 addr, u64 *off)
{
	*off = 0;
	if (!ksym_table || !ksym_table[0] || !in_text(addr))
		return "?";

	u32 count = ksym_table[0], lo = 0, hi = count, want = addr - (u64)text_start;
	const u32 *offset = ksym_table + 1, *name = offset + count;
	const char *text = (const char *)(name + count);

	/* The last entry at or below: lo stays at or below, hi above. */
	while (hi - lo > 1) {
		u32 mid = (lo + hi) / 2;

		if (offset[mid] <= want)
			lo = mid;
		else
			hi = mid;
	}
	*off = want - offset[lo];
	return text + name[lo];
}

/* Stacks and direct map only: a wild frame pointer must not fault again. */
static bool plausible_frame(u64 rbp, u64 last)
{
	return rbp > last && !(rbp & 7) && kernel_readable(rbp, 16);
}

void backtrace_print(u64 rip, u64 rbp)
{
	u64 off, last = 0;

	for (int i = 0; i < 32; i++) {
		const char *name = ksym_lookup(rip, &off);

		printk("  #%d %016lx %s+0x%lx\n", i, rip, name, off);
		if (!plausible_frame(rbp, last))
			return;
		last = rbp;
		/* A return address points past its call: look up the call itself. */
		rip = ((const u64 *)rbp)[1] - 1;
		rbp = ((const u64 *)rbp)[0];
		if (!in_text(rip))
			return;
	}
}
