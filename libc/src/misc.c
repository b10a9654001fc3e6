// SPDX-License-Identifier: MIT
/* The rest of stdlib: absolute values, division, pseudo-random numbers, sorting and searching. */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

int abs(int v)
{
	return v < 0 ? -v : v;
}

long labs(long v)
{
	return v < 0 ? -v : v;
}

long long llabs(long long v)
{
	return v < 0 ? -v : v;
}

div_t div(int a, int b)
{
	return (div_t){ a / b, a % b };
}

ldiv_t ldiv(long a, long b)
{
	return (ldiv_t){ a / b, a % b };
}

static uint64_t rand_state = 1;

void srand(unsigned seed)
{
	rand_state = seed;
}

/* 64-bit linear congruential generator (Knuth's MMIX constants), high bits returned. */
int rand(void)
{
	rand_state = rand_state * 6364136223846793005u + 1442695040888963407u;
	return (int)(rand_state >> 33);
}

static void swap_bytes(unsigned char *a, unsigned char *b, size_t n)
{
	for (; n; n--, a++, b++) {
		unsigned char t = *a;

		*a = *b;
		*b = t;
	}
}

/* Moves element i down its heap of n elements until no child is larger. */
static void sift_down(unsigned char *base, size_t i, size_t n, size_t size,
		      int (*cmp)(const void *, const void *))
{
	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= n)
			return;
		if (child + 1 < n && cmp(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + i * size, base + child * size) >= 0)
			return;
		swap_bytes(base + i * size, base + child * size, size);
		i = child;
	}
}

/* Heap sort: no recursion, no memory, no bad case. */
void qsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *))
{
	unsigned char *b = base;

	if (n < 2 || size == 0)
		return;
	for (size_t i = n / 2; i-- > 0;)
		sift_down(b, i, n, size, cmp);
	for (size_t end = n - 1; end > 0; end--) {
		swap_bytes(b, b + end * size, size);
		sift_down(b, 0, end, size, cmp);
	}
}

void *bsearch(const void *key, const void *base, size_t n, size_t size,
	      int (*cmp)(const void *, const void *))
{
	const unsigned char *b = base;

	while (n) {
		size_t mid = n / 2;
		int c = cmp(key, b + mid * size);

		if (c == 0)
			return (void *)(uintptr_t)(b + mid * size);
		if (c > 0) {
			b += (mid + 1) * size;
			n -= mid + 1;
		} else {
			n = mid;
		}
	}
	return NULL;
}
