// SPDX-License-Identifier: MIT
/* The operator's terminal: raw and cooked mode, size, writing, paging. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Raw input (no echo, no signals), output still turns \n into \r\n. Typed-ahead bytes are kept. */
void term_raw(void);
void term_cooked(void);
/* Columns as the terminal reports them, 0: unknown. */
unsigned term_columns(void);
/* Next byte; -1 at the end. */
int term_read(void);
/* All bytes; false when the terminal is gone. */
bool term_write(const char *s, size_t n);
/* Show text page by page of `lines` lines (0: at once). Space: next page, Enter: line, q: end. */
void term_page(const char *s, size_t n, unsigned lines);
