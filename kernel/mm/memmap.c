// SPDX-License-Identifier: MIT
/* The boot's list of free ranges; see memmap.h. */
#include "kernel/mm/memmap.h"

struct memmap memmap;

static void insert_at(struct memmap *m, unsigned i, paddr_t base, u64 len, int node)
{
	if (m->n == MEMMAP_MAX) {
		m->lost += len;
		return;
	}
	for (unsigned k = m->n++; k > i; k--)
		m->r[k] = m->r[k - 1];
	m->r[i] = (struct mem_range){ base, len, node };
}

static void delete_at(struct memmap *m, unsigned i)
{
	m->n--;
	for (; i < m->n; i++)
		m->r[i] = m->r[i + 1];
}

static paddr_t end_of(const struct mem_range *r)
{
	return r->base + r->len;
}

void memmap_add(struct memmap *m, paddr_t base, u64 len)
{
	paddr_t end = base + len < base ? ~0ull : base + len;
	unsigned i = 0;

	base = ALIGN_UP(base, (u64)PAGE_SIZE);
	end = ALIGN_DOWN(end, (u64)PAGE_SIZE);
	if (end <= base)
		return;
	memmap_remove(m, base, end - base);
	while (i < m->n && m->r[i].base < base)
		i++;
	insert_at(m, i, base, end - base, 0);
	if (i + 1 < m->n && end_of(&m->r[i]) == m->r[i + 1].base && !m->r[i + 1].node) {
		m->r[i].len += m->r[i + 1].len;
		delete_at(m, i + 1);
	}
	if (i > 0 && i < m->n && end_of(&m->r[i - 1]) == m->r[i].base && !m->r[i - 1].node) {
		m->r[i - 1].len += m->r[i].len;
		delete_at(m, i);
	}
}

void memmap_remove(struct memmap *m, paddr_t base, u64 len)
{
	paddr_t end = base + len < base ? ~0ull : base + len;

	base = ALIGN_DOWN(base, (u64)PAGE_SIZE);
	end = end > ~(u64)PAGE_SIZE ? ALIGN_DOWN(end, (u64)PAGE_SIZE)
				    : ALIGN_UP(end, (u64)PAGE_SIZE);
	for (unsigned i = 0; i < m->n;) {
		struct mem_range *r = &m->r[i], old = *r;

		if (end_of(r) <= base || r->base >= end) {
			i++;
			continue;
		}
		if (old.base < base) {
			r->len = base - old.base;
			i++;
			if (end_of(&old) > end)
				insert_at(m, i++, end, end_of(&old) - end, old.node);
		} else if (end_of(&old) > end) {
			r->base = end;
			r->len = end_of(&old) - end;
			i++;
		} else {
			delete_at(m, i);
		}
	}
}

void memmap_set_node(struct memmap *m, paddr_t base, u64 len, int node)
{
	paddr_t end = base + len;

	for (unsigned i = 0; i < m->n; i++) {
		struct mem_range *r = &m->r[i], old = *r;
		paddr_t lo = old.base > base ? old.base : base;
		paddr_t hi = end_of(&old) < end ? end_of(&old) : end;

		lo = ALIGN_UP(lo, (u64)PAGE_SIZE);
		hi = ALIGN_DOWN(hi, (u64)PAGE_SIZE);
		if (lo >= hi || old.node == node)
			continue;
		*r = (struct mem_range){ lo, hi - lo, node };
		if (end_of(&old) > hi)
			insert_at(m, i + 1, hi, end_of(&old) - hi, old.node);
		if (old.base < lo) {
			insert_at(m, i, old.base, lo - old.base, old.node);
			i++;
		}
	}
}

paddr_t memmap_take(struct memmap *m, u64 len, u64 align, paddr_t limit, int node)
{
	len = ALIGN_UP(len, (u64)PAGE_SIZE);
	if (align < PAGE_SIZE)
		align = PAGE_SIZE;
	for (unsigned i = m->n; i-- > 0;) {
		const struct mem_range *r = &m->r[i];
		paddr_t end = end_of(r) < limit ? end_of(r) : limit, base;

		if ((node >= 0 && r->node != node) || end < r->base || end - r->base < len)
			continue;
		base = ALIGN_DOWN(end - len, align);
		if (base < r->base || !base)
			continue;
		memmap_remove(m, base, len);
		return base;
	}
	return 0;
}

u64 memmap_bytes(const struct memmap *m, int node)
{
	u64 sum = 0;

	for (unsigned i = 0; i < m->n; i++)
		if (node < 0 || m->r[i].node == node)
			sum += m->r[i].len;
	return sum;
}

u64 memmap_largest(const struct memmap *m, u64 align, int node)
{
	u64 best = 0;

	for (unsigned i = 0; i < m->n; i++) {
		paddr_t lo = ALIGN_UP(m->r[i].base, align);
		paddr_t hi = ALIGN_DOWN(end_of(&m->r[i]), align);

		if ((node < 0 || m->r[i].node == node) && hi > lo && hi - lo > best)
			best = hi - lo;
	}
	return best;
}
