// SPDX-License-Identifier: MIT
/*
 * The heap. Blocks of up to 32 KiB come in size classes (four per power of two) and are cut from
 * regions of 64 KiB got by mmap; a freed block goes to its class's list and is used again for that
 * class. Larger blocks are mappings of their own and go back to the kernel at once.
 *
 *   | head 16 bytes: magic, class, size asked for | payload, 16-byte aligned ... |
 *
 * The head's magic tells live, free and foreign pointers apart: a double or wild free stops the
 * program with a message instead of corrupting the lists.
 */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "libc/src/syscall.h"

enum {
	HEAP_REGION = 64 << 10,
	HEAP_SMALL_MAX = 32 << 10, /* block with head */
	HEAP_CLASSES = 41,         /* 32 bytes to HEAP_SMALL_MAX */
	CLASS_MAP = 0xfe,          /* own mapping */
	CLASS_ALIGNED = 0xff,      /* size holds the distance back to the real block */
};

#define MAGIC_LIVE 0x5a17b10cu
#define MAGIC_FREE 0xdeadb10cu

struct head {
	uint32_t magic;
	uint32_t class;
	size_t size; /* payload bytes asked for */
};

struct free_block {
	struct head head;
	struct free_block *next;
};

static struct free_block *free_lists[HEAP_CLASSES];
static char *region, *region_end;

static void heap_die(const char *text) __attribute__((noreturn));
static void heap_die(const char *text)
{
	sys_raw(SYS_write, 2, text, strlen(text));
	abort();
}

/* Bytes of a block of class c, head included: 32, 40 -> 48, 64, 80, 96, 112, 128, 160 ... 32768. */
static size_t class_bytes(unsigned c)
{
	size_t n = (size_t)(4 + (c & 3)) << (c / 4 + 3);

	return (n + 15) & ~(size_t)15;
}

/* Smallest class that holds bytes (head included, 32 <= bytes <= HEAP_SMALL_MAX). */
static unsigned class_of(size_t bytes)
{
	unsigned log = 63 - (unsigned)__builtin_clzl(bytes - 1);
	unsigned c = log <= 5 ? 0 : (log - 5) * 4;

	while (class_bytes(c) < bytes)
		c++;
	return c;
}

static void heap_put(struct free_block *b, unsigned class)
{
	b->head.magic = MAGIC_FREE;
	b->head.class = class;
	b->next = free_lists[class];
	free_lists[class] = b;
}

static void *map_pages(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Cuts a block from the region; the tail of a used-up region becomes free blocks. */
static struct head *heap_cut(unsigned class)
{
	size_t bytes = class_bytes(class);
	struct head *h;

	if ((size_t)(region_end - region) < bytes) {
		char *fresh = map_pages(HEAP_REGION);

		if (!fresh)
			return NULL;
		while (region_end - region >= 32) {
			unsigned c = class_of((size_t)(region_end - region));

			if (class_bytes(c) > (size_t)(region_end - region))
				c--;
			heap_put((struct free_block *)region, c);
			region += class_bytes(c);
		}
		region = fresh;
		region_end = fresh + HEAP_REGION;
	}
	h = (struct head *)region;
	region += bytes;
	return h;
}

static struct head *heap_get(unsigned class)
{
	struct free_block *b = free_lists[class];

	if (!b)
		return heap_cut(class);
	if (b->head.magic != MAGIC_FREE || b->head.class != class)
		heap_die("malloc: a freed block was written to\n");
	free_lists[class] = b->next;
	return &b->head;
}

static size_t map_bytes(size_t n)
{
	return (n + sizeof(struct head) + 4095) & ~(size_t)4095;
}

void *malloc(size_t n)
{
	size_t bytes = n + sizeof(struct head);
	unsigned class = CLASS_MAP;
	struct head *h;

	if (n > (size_t)1 << 46) {
		errno = ENOMEM;
		return NULL;
	}
	if (bytes <= HEAP_SMALL_MAX) {
		class = class_of(bytes < sizeof(struct free_block) + 8 ? 32 : bytes);
		h = heap_get(class);
	} else {
		h = map_pages(map_bytes(n));
	}
	if (!h) {
		errno = ENOMEM;
		return NULL;
	}
	h->magic = MAGIC_LIVE;
	h->class = class;
	h->size = n;
	return h + 1;
}

static struct head *head_of(const void *p)
{
	struct head *h = (struct head *)(uintptr_t)p - 1;

	if (((uintptr_t)p & 15) != 0)
		heap_die("free: not a pointer of malloc\n");
	if (h->magic == MAGIC_FREE)
		heap_die("free: freed twice\n");
	if (h->magic != MAGIC_LIVE)
		heap_die("free: not a pointer of malloc\n");
	return h;
}

void free(void *p)
{
	struct head *h;

	if (!p)
		return;
	h = head_of(p);
	if (h->class == CLASS_ALIGNED) {
		h->magic = MAGIC_FREE;
		h = head_of((char *)p - h->size);
	}
	if (h->class == CLASS_MAP) {
		munmap(h, map_bytes(h->size));
		return;
	}
	if (h->class >= HEAP_CLASSES)
		heap_die("free: the block's head was overwritten\n");
	heap_put((struct free_block *)h, h->class);
}

size_t malloc_usable_size(const void *p)
{
	const struct head *h;

	if (!p)
		return 0;
	h = head_of(p);
	if (h->class == CLASS_ALIGNED)
		return malloc_usable_size((const char *)p - h->size) - h->size;
	if (h->class == CLASS_MAP)
		return map_bytes(h->size) - sizeof(*h);
	return class_bytes(h->class) - sizeof(*h);
}

void *calloc(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	p = malloc(bytes);
	if (p)
		memset(p, 0, bytes);
	return p;
}

void *realloc(void *p, size_t n)
{
	size_t have;
	void *q;

	if (!p)
		return malloc(n);
	have = malloc_usable_size(p);
	if (n <= have && n >= have / 2) {
		struct head *h = head_of(p);

		if (h->class < HEAP_CLASSES)
			h->size = n;
		return p;
	}
	q = malloc(n);
	if (q) {
		memcpy(q, p, n < have ? n : have);
		free(p);
	}
	return q;
}

void *reallocarray(void *p, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

int posix_memalign(void **out, size_t align, size_t n)
{
	char *p, *q;
	struct head *h;

	if (align < sizeof(void *) || (align & (align - 1)) != 0)
		return EINVAL;
	if (n > (size_t)1 << 45 || align > (size_t)1 << 45)
		return ENOMEM;
	if (align <= 16) {
		*out = malloc(n);
		return *out ? 0 : ENOMEM;
	}
	p = malloc(n + align + sizeof(*h));
	if (!p)
		return ENOMEM;
	q = (char *)(((uintptr_t)p + sizeof(*h) + align - 1) & ~(align - 1));
	h = (struct head *)q - 1;
	h->magic = MAGIC_LIVE;
	h->class = CLASS_ALIGNED;
	h->size = (size_t)(q - p);
	*out = q;
	return 0;
}

void *aligned_alloc(size_t align, size_t n)
{
	void *p = NULL;
	int err = posix_memalign(&p, align < sizeof(void *) ? sizeof(void *) : align, n);

	if (err)
		errno = err;
	return p;
}
