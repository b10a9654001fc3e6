// SPDX-License-Identifier: MIT
/* fib6_books: a buddy allocator of lines (fib6_books.h). Generic side, control lock held. */
#include "qgm/re/fib6_books.h"

void f6_books_none(struct f6_books *b)
{
	*b = (struct f6_books){ 0 };
	for (u32 i = 0; i < F6_ORDERS; i++)
		b->free[i] = F6_NONE;
}

static void list_add(struct f6_books *b, u32 line, u32 order)
{
	struct f6_note *n = &b->note[line];

	*n = (struct f6_note){ b->free[order], F6_NONE, F6_FREE, (u8)order, { 0 } };
	if (n->next != F6_NONE)
		b->note[n->next].prev = line;
	b->free[order] = line;
}

static void list_del(struct f6_books *b, u32 line)
{
	struct f6_note *n = &b->note[line];

	if (n->next != F6_NONE)
		b->note[n->next].prev = n->prev;
	if (n->prev != F6_NONE)
		b->note[n->prev].next = n->next;
	else
		b->free[n->order] = n->next;
	n->state = 0;
}

/* Merge it with its buddies. */
void f6_books_put(struct f6_books *b, u32 line, u32 order)
{
	b->note[line].state = 0;
	while (order + 1 < F6_ORDERS) {
		u32 buddy = line ^ 1u << order;

		if (buddy >= b->lines || b->note[buddy].state != F6_FREE ||
		    b->note[buddy].order != order)
			break;
		list_del(b, buddy);
		line &= ~(1u << order);
		order++;
	}
	list_add(b, line, order);
}

/* Into the lists by the largest pieces that fit. */
void f6_books_put_range(struct f6_books *b, u32 from)
{
	while (from < b->lines) {
		u32 order = 0;

		while (order + 1 < F6_ORDERS && !(from & ((2u << order) - 1)) &&
		       from + (2u << order) <= b->lines)
			order++;
		f6_books_put(b, from, order);
		from += 1u << order;
	}
}

u32 f6_books_take(struct f6_books *b, u32 order)
{
	u32 have = order, line;

	while (have < F6_ORDERS && b->free[have] == F6_NONE)
		have++;
	if (have == F6_ORDERS)
		return F6_NONE;
	line = b->free[have];
	list_del(b, line);
	while (have > order) {
		have--;
		list_add(b, line + (1u << have), have);
	}
	return line;
}
