// SPDX-License-Identifier: MIT
#include "tools/nicsim/guestmem.h"

#include <sys/mman.h>
#include <sys/stat.h>

enum { PAGE = 4096 };

const char *guestmem_add(struct guestmem *g, struct nicsim_dev *dev, int fd, u64 gpa, u64 size,
			 u64 offset)
{
	u64 skip = offset % PAGE;
	struct guestmem_map m = { .gpa = gpa, .size = size, .offset = offset };
	struct stat st;

	if (!size || gpa + size < gpa || offset + size < offset || size > 1ull << 46)
		return "a memory region wraps or is empty";
	if (g->n == NICSIM_REGIONS)
		return "too many memory regions";
	/* a map beyond the file's end would be a trap at the first access */
	if (fstat(fd, &st) || (u64)st.st_size < offset + size)
		return "a memory region ends beyond its file";
	m.dev = st.st_dev;
	m.ino = st.st_ino;
	m.map_len = size + skip;
	m.map = mmap(NULL, m.map_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		     (off_t)(offset - skip));
	if (m.map == MAP_FAILED)
		return "a memory region cannot be mapped";
	if (!nicsim_mem_add(dev, gpa, size, (u8 *)m.map + skip)) {
		munmap(m.map, m.map_len);
		return "memory regions overlap";
	}
	g->map[g->n++] = m;
	return NULL;
}

bool guestmem_del(struct guestmem *g, struct nicsim_dev *dev, u64 gpa, u64 size)
{
	for (u32 i = 0; i < g->n; i++)
		if (g->map[i].gpa == gpa && g->map[i].size == size) {
			nicsim_mem_del(dev, gpa, size);
			munmap(g->map[i].map, g->map[i].map_len);
			g->map[i] = g->map[--g->n];
			return true;
		}
	return false;
}

bool guestmem_same(const struct guestmem *g, u32 i, int fd, u64 gpa, u64 size, u64 offset)
{
	const struct guestmem_map *m = &g->map[i];
	struct stat st;

	return i < g->n && m->gpa == gpa && m->size == size && m->offset == offset &&
	       !fstat(fd, &st) && m->dev == st.st_dev && m->ino == st.st_ino;
}

void guestmem_clear(struct guestmem *g, struct nicsim_dev *dev)
{
	while (g->n)
		guestmem_del(g, dev, g->map[0].gpa, g->map[0].size);
}
