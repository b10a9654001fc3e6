// SPDX-License-Identifier: MIT
/* Aligned tables: cells are collected, then printed with columns as wide as they need to be. */
#pragma once

#include "apps/lib/json.h"
#include "apps/lib/text.h"

#define TABLE_COLUMNS 16
#define FORMAT_BYTES  32

struct table {
	unsigned columns, rows, column; /* column: the next cell's */
	unsigned width[TABLE_COLUMNS];
	bool right[TABLE_COLUMNS];
	struct text cells; /* each with its NUL */
};

/* "name", ">rx": one header per column, > aligns to the right; NULL ends. */
void table_begin(struct table *t, const char *const *headers);
void table_str(struct table *t, const char *s);
void table_u64(struct table *t, unsigned long long v);
void table_printf(struct table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Cells from an object's keys: numbers as they are, texts, true and false as yes and no; NULL ends.
 */
void table_keys(struct table *t, const struct json *object, const char *const *keys);
/* Print and free. `empty` stands for a table without rows. */
void table_end(struct table *t, struct text *out, const char *empty);

/* 1234 -> "1.2 us", at most 9 characters; buf is returned. */
char *format_ns(char buf[FORMAT_BYTES], unsigned long long ns);
/* 1536 -> "1.5 KiB" */
char *format_bytes(char buf[FORMAT_BYTES], unsigned long long bytes);
