// SPDX-License-Identifier: MIT
/* See fake_heap.h. */
#include "tests/unit/generic/fake_heap.h"

#include <stdlib.h>

long fake_heap_held, fake_heap_fail_after = -1;

void *kmalloc(size_t n)
{
	if (fake_heap_fail_after == 0)
		return NULL;
	if (fake_heap_fail_after > 0)
		fake_heap_fail_after--;
	void *p = malloc(n);
	if (p)
		fake_heap_held++;
	return p;
}

void *kzalloc(size_t n)
{
	char *p = kmalloc(n);

	for (size_t i = 0; p && i < n; i++)
		p[i] = 0;
	return p;
}

void kfree(void *p)
{
	if (p)
		fake_heap_held--;
	free(p);
}
