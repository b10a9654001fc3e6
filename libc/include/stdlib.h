// SPDX-License-Identifier: MIT
/*
 * Memory, numbers, sorting, environment, process end (ISO C17 7.22). The library has no threads
 * yet: nothing here takes a lock.
 */
#pragma once

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1
#define RAND_MAX     0x7fffffff

/* The end of the process. exit() runs atexit() functions in reverse order and flushes stdio. */
void abort(void) __attribute__((noreturn));
void exit(int code) __attribute__((noreturn));
void _Exit(int code) __attribute__((noreturn));
int atexit(void (*fn)(void)); /* at most 32; -1 beyond */

/* Memory, 16-byte aligned. free() and realloc() abort with a message on a bad or freed pointer. */
void *malloc(size_t n) __attribute__((malloc));
void *calloc(size_t n, size_t size) __attribute__((malloc));
void *realloc(void *p, size_t n);
void *reallocarray(void *p, size_t n, size_t size); /* NULL, ENOMEM when n * size wraps */
void *aligned_alloc(size_t align, size_t n);
int posix_memalign(void **out, size_t align, size_t n);
void free(void *p);
size_t malloc_usable_size(const void *p);

int atoi(const char *s);
long atol(const char *s);
long long atoll(const char *s);
double strtod(const char *s, char **end);
long strtol(const char *s, char **end, int base);
long long strtoll(const char *s, char **end, int base);
unsigned long strtoul(const char *s, char **end, int base);
unsigned long long strtoull(const char *s, char **end, int base);

int abs(int v);
long labs(long v);
long long llabs(long long v);
typedef struct {
	int quot, rem;
} div_t;
typedef struct {
	long quot, rem;
} ldiv_t;
div_t div(int a, int b);
ldiv_t ldiv(long a, long b);

/* In place, not stable, O(n log n) also in the worst case, no memory of its own. */
void qsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *));
void *bsearch(const void *key, const void *base, size_t n, size_t size,
	      int (*cmp)(const void *, const void *));

int rand(void);
void srand(unsigned seed);

char *getenv(const char *name);
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
extern char **environ;
