// SPDX-License-Identifier: MIT
/*
 * One pointer argument of one system call, to be tried with every kind of bad pointer.
 */
#pragma once

#include "apps/usertests/ut.h"

enum badptr_dir {
	BP_IN,  /* the kernel reads size bytes there */
	BP_OUT, /* the kernel writes size bytes there */
	BP_STR, /* the kernel reads a string there */
};

enum badptr_flags {
	BP_NULL_OK = 1, /* NULL means "not wanted" */
	BP_PIX = 2,     /* Linux may do a part of it and say how much */
};

struct badptr {
	const char *name;
	long nr;
	long arg[6]; /* good values but for the pointer */
	int which;   /* its index */
	size_t size; /* bytes that are surely accessed */
	unsigned char dir, flags;
	/* Before each call, e.g. puts a byte into the pipe that is read. */
	void (*setup)(struct badptr *b);
	/* After each call, e.g. takes it out again. */
	void (*cleanup)(struct badptr *b);
};

/* badptr_calls.c: the table, with descriptors and good buffers filled in. Its length. */
unsigned badptr_table(struct badptr **table);
