// SPDX-License-Identifier: MIT
/*
 * Memory blocks: copy, fill, compare, search. Eight bytes at a time through an unaligned type;
 * x86-64 has no penalty for it inside a cache line. Compiled with
 * -fno-tree-loop-distribute-patterns, so that a loop does not become a call of itself.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

struct word {
	uint64_t v;
} __attribute__((packed, may_alias));

void *memcpy(void *restrict d, const void *restrict s, size_t n)
{
	unsigned char *to = d;
	const unsigned char *from = s;

	for (; n >= 8; n -= 8, to += 8, from += 8)
		((struct word *)to)->v = ((const struct word *)from)->v;
	while (n--)
		*to++ = *from++;
	return d;
}

void *memmove(void *d, const void *s, size_t n)
{
	unsigned char *to = d;
	const unsigned char *from = s;

	if ((uintptr_t)to - (uintptr_t)from >= n) { /* d before s, or no overlap: forward is safe */
		for (; n >= 8; n -= 8, to += 8, from += 8)
			((struct word *)to)->v = ((const struct word *)from)->v;
		while (n--)
			*to++ = *from++;
		return d;
	}
	for (; n >= 8; n -= 8)
		((struct word *)(to + n - 8))->v = ((const struct word *)(from + n - 8))->v;
	while (n--)
		to[n] = from[n];
	return d;
}

void *memset(void *d, int c, size_t n)
{
	unsigned char *to = d;
	uint64_t v = 0x0101010101010101u * (unsigned char)c;

	for (; n >= 8; n -= 8, to += 8)
		((struct word *)to)->v = v;
	while (n--)
		*to++ = (unsigned char)c;
	return d;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;

	for (; n >= 8; n -= 8, x += 8, y += 8) {
		if (((const struct word *)x)->v != ((const struct word *)y)->v)
			break;
	}
	for (; n; n--, x++, y++) {
		if (*x != *y)
			return *x - *y;
	}
	return 0;
}

void *memchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	for (; n; n--, p++) {
		if (*p == (unsigned char)c)
			return (void *)(uintptr_t)p;
	}
	return NULL;
}

void *memrchr(const void *s, int c, size_t n)
{
	const unsigned char *p = s;

	while (n--) {
		if (p[n] == (unsigned char)c)
			return (void *)(uintptr_t)(p + n);
	}
	return NULL;
}

void *memmem(const void *h, size_t hn, const void *needle, size_t nn)
{
	const unsigned char *p = h;

	for (; hn >= nn; hn--, p++) {
		if (memcmp(p, needle, nn) == 0)
			return (void *)(uintptr_t)p;
	}
	return NULL;
}

void explicit_bzero(void *p, size_t n)
{
	memset(p, 0, n);
	__asm__ volatile("" : : "r"(p) : "memory");
}
