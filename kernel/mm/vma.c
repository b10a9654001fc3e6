// SPDX-License-Identifier: MIT
/*
 * The sorted list of areas; see kernel/mm/vma.h. A linear list is enough for apps with tens of
 * areas; VMA_MAX bounds the walk. Changes allocate first and only then touch the list.
 */
#include "kernel/mm/vma.h"

#include "kernel/errno.h"
#include "kernel/mm/heap.h"

struct vma *vma_find(const struct vma_list *list, u64 addr)
{
	for (struct vma *v = list->head; v && v->start <= addr; v = v->next)
		if (addr < v->end)
			return v;
	return NULL;
}

bool vma_free_range(const struct vma_list *list, u64 start, u64 end)
{
	for (const struct vma *v = list->head; v && v->start < end; v = v->next)
		if (start < v->end)
			return false;
	return true;
}

/* Whether b can become the tail of a. */
static bool can_merge(const struct vma *a, const struct vma *b)
{
	if (a->end != b->start || a->kind != b->kind || a->prot != b->prot)
		return false;
	if (a->kind == VMA_ANON)
		return true;
	return a->kind == VMA_FILE && a->file == b->file && a->file_end == b->file_end &&
	       a->file_off + (a->end - a->start) == b->file_off;
}

static void merge_all(struct vma_list *list)
{
	struct vma *v = list->head;

	while (v && v->next) {
		struct vma *n = v->next;
		if (!can_merge(v, n)) {
			v = n;
			continue;
		}
		v->end = n->end;
		v->next = n->next;
		list->count--;
		kfree(n);
	}
}

static void link_sorted(struct vma_list *list, struct vma *v)
{
	struct vma **p = &list->head;

	while (*p && (*p)->start < v->start)
		p = &(*p)->next;
	v->next = *p;
	*p = v;
	list->count++;
}

int vma_add(struct vma_list *list, const struct vma *v)
{
	if (!vma_free_range(list, v->start, v->end))
		return -EEXIST;
	if (list->count >= VMA_MAX)
		return -ENOMEM;
	struct vma *n = kmalloc(sizeof(*n));
	if (!n)
		return -ENOMEM;
	*n = *v;
	link_sorted(list, n);
	merge_all(list);
	return 0;
}

/* Splits v at addr with the memory of *tail, which becomes [addr, v->end). */
static void split_at(struct vma_list *list, struct vma *v, u64 addr, struct vma *tail)
{
	*tail = *v;
	tail->start = addr;
	tail->file_off += addr - v->start;
	v->end = addr;
	v->next = tail;
	list->count++;
}

/*
 * Makes start and end area borders (where they lie inside of one), so that what follows works on
 * whole areas. 0 or -ENOMEM; splitting alone changes no meaning.
 */
static int split_range(struct vma_list *list, u64 start, u64 end)
{
	u64 border[2] = { start, end };

	for (unsigned i = 0; i < 2; i++) {
		struct vma *v = vma_find(list, border[i]);
		if (!v || v->start == border[i])
			continue;
		struct vma *tail = list->count < VMA_MAX ? kmalloc(sizeof(*tail)) : NULL;
		if (!tail) {
			merge_all(list);
			return -ENOMEM;
		}
		split_at(list, v, border[i], tail);
	}
	return 0;
}

int vma_cut(struct vma_list *list, u64 start, u64 end)
{
	int err = split_range(list, start, end);
	if (err)
		return err;
	struct vma **p = &list->head;
	while (*p && (*p)->start < end) {
		struct vma *v = *p;
		if (v->start < start) {
			p = &v->next;
			continue;
		}
		*p = v->next;
		list->count--;
		kfree(v);
	}
	return 0;
}

int vma_protect(struct vma_list *list, u64 start, u64 end, u8 prot)
{
	for (u64 at = start; at < end;) {
		const struct vma *v = vma_find(list, at);
		if (!v)
			return -ENOMEM;
		at = v->end;
	}
	int err = split_range(list, start, end);
	if (err)
		return err;
	for (struct vma *v = list->head; v && v->start < end; v = v->next)
		if (v->start >= start)
			v->prot = prot;
	merge_all(list);
	return 0;
}

u64 vma_gap(const struct vma_list *list, u64 len, u64 lo, u64 hi)
{
	u64 best = 0, from = lo;

	if (len == 0 || hi < lo || len > hi - lo)
		return 0;
	for (const struct vma *v = list->head; v && v->start < hi; v = v->next) {
		if (v->end <= from)
			continue;
		if (v->start > from && v->start - from >= len)
			best = v->start - len;
		from = v->end;
	}
	if (from < hi && hi - from >= len)
		best = hi - len;
	return best;
}

int vma_clone(struct vma_list *dst, const struct vma_list *src)
{
	struct vma **p = &dst->head;

	for (const struct vma *v = src->head; v; v = v->next) {
		if (v->kind == VMA_DEVICE)
			continue;
		struct vma *n = kmalloc(sizeof(*n));
		if (!n) {
			vma_clear(dst);
			return -ENOMEM;
		}
		*n = *v;
		n->next = NULL;
		*p = n;
		p = &n->next;
		dst->count++;
	}
	return 0;
}

void vma_clear(struct vma_list *list)
{
	while (list->head) {
		struct vma *v = list->head;
		list->head = v->next;
		kfree(v);
	}
	list->count = 0;
}
