// SPDX-License-Identifier: MIT
/*
 * Counts of shared frames; see kernel/mm/frame.h. A table of pointers by 2 MiB of physical address,
 * each to 512 counts of holders beyond the first. Tables are not given back: they are 1 KiB per 2
 * MiB of memory at most.
 */
#include "kernel/mm/frame.h"

#include "kernel/bootinfo.h"
#include "kernel/errno.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/phys.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"

enum { CHUNK_SHIFT = 21, CHUNK_FRAMES = 512 };

static struct spinlock frame_lock = SPINLOCK_INIT("frame");
static u16 **chunks; /* under frame_lock, as all below */
static u64 nchunks;

static u64 highest_ram(void)
{
	u64 top = 0;

	for (unsigned i = 0; i < boot_info.nmem; i++) {
		const struct boot_mem *m = &boot_info.mem[i];
		if (m->type == BOOT_MEM_RAM && m->base + m->len > top)
			top = m->base + m->len;
	}
	return top;
}

/* The count of pa, or NULL when its table is not there (and, with make, cannot be made). */
static u16 *count_of(paddr_t pa, bool make)
{
	if (!chunks && make) {
		nchunks = (highest_ram() >> CHUNK_SHIFT) + 1;
		chunks = kzalloc(nchunks * sizeof(*chunks));
	}
	if (!chunks)
		return NULL;
	ASSERT(pa >> CHUNK_SHIFT < nchunks);
	u16 **chunk = &chunks[pa >> CHUNK_SHIFT];
	if (!*chunk && make)
		*chunk = kzalloc(CHUNK_FRAMES * sizeof(**chunk));
	return *chunk ? *chunk + (pa >> PAGE_SHIFT) % CHUNK_FRAMES : NULL;
}

int frame_ref(paddr_t pa)
{
	u64 flags = spin_lock_irqsave(&frame_lock);
	u16 *more = count_of(pa, true);
	int err = more && *more < UINT16_MAX ? 0 : -ENOMEM;

	if (!err)
		(*more)++;
	spin_unlock_irqrestore(&frame_lock, flags);
	return err;
}

void frame_unref(paddr_t pa)
{
	u64 flags = spin_lock_irqsave(&frame_lock);
	u16 *more = count_of(pa, false);
	bool last = !more || *more == 0;

	if (!last)
		(*more)--;
	spin_unlock_irqrestore(&frame_lock, flags);
	if (last)
		phys_free(pa, 0);
}

bool frame_shared(paddr_t pa)
{
	u64 flags = spin_lock_irqsave(&frame_lock);
	const u16 *more = count_of(pa, false);
	bool shared = more && *more;

	spin_unlock_irqrestore(&frame_lock, flags);
	return shared;
}
