// SPDX-License-Identifier: MIT
/*
 * ptrcopy: copies of runs of pointers, as rings and pools make them all the time: two at a time
 * with the vector registers that every x86-64 has, no call, no string instruction (whose start
 * costs more than a burst). Any core; from and to do not overlap.
 */
#pragma once

#include "qgm/compiler.h"

typedef u64 ptr_pair __attribute__((vector_size(16), aligned(8), may_alias));

static inline void ptrcopy(void **to, void *const *from, u32 n)
{
	for (; n >= 8; n -= 8, to += 8, from += 8) {
		ptr_pair a = *(const ptr_pair *)from;
		ptr_pair b = *(const ptr_pair *)(from + 2);
		ptr_pair c = *(const ptr_pair *)(from + 4);
		ptr_pair d = *(const ptr_pair *)(from + 6);

		*(ptr_pair *)to = a;
		*(ptr_pair *)(to + 2) = b;
		*(ptr_pair *)(to + 4) = c;
		*(ptr_pair *)(to + 6) = d;
	}
	if (n & 4) {
		ptr_pair a = *(const ptr_pair *)from;
		ptr_pair b = *(const ptr_pair *)(from + 2);

		*(ptr_pair *)to = a;
		*(ptr_pair *)(to + 2) = b;
		to += 4;
		from += 4;
	}
	if (n & 2) {
		*(ptr_pair *)to = *(const ptr_pair *)from;
		to += 2;
		from += 2;
	}
	if (n & 1)
		*to = *from;
}
