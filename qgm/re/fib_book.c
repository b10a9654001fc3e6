// SPDX-License-Identifier: MIT
/* fib_book: prefixes by stride (fib_book.h). Generic side, control lock held. */
#include "qgm/re/fib_book.h"

#include "qgm/env.h"
#include "qgm/re/fib_layout.h"

enum { DEPTHS = 4 };

/* --- sizes ----------------------------------------------------------------------------------- */

/* Room for n elements: steps of a quarter, so that growing is cheap and little lies idle. */
static u32 room(u32 n)
{
	u32 step = 2;

	if (!n)
		return 0;
	while (step * 8 <= n)
		step *= 2;
	return ALIGN_UP(n, step);
}

static u64 page_bytes(u32 cap)
{
	return sizeof(struct fib_page) + cap * sizeof(u16);
}

static u64 kids_bytes(u32 cap)
{
	return sizeof(struct fib_kids) + cap * sizeof(struct fib_page *);
}

/* Nodes move when memory is taken or given back. */
static void *book_alloc(struct fib_book *k, u64 bytes)
{
	void *p = env_heap_alloc(bytes);

	k->near_known = false;
	k->bytes += p ? bytes : 0;
	return p;
}

static void book_free(struct fib_book *k, void *p, u64 bytes)
{
	k->near_known = false;
	k->bytes -= p ? bytes : 0;
	env_heap_free(p, bytes);
}

/* A node with room for `cap` prefixes, no fewer than before, in the place of *slot (NULL: a new
 * one). */
static bool page_resize(struct fib_book *k, struct fib_page **slot, u32 cap)
{
	struct fib_page *old = *slot, *page = book_alloc(k, page_bytes(cap));

	if (!page)
		return false;
	if (old) {
		__builtin_memcpy(page, old, page_bytes(old->n));
		book_free(k, old, page_bytes(old->cap));
	}
	page->cap = (u16)cap;
	*slot = page;
	return true;
}

static bool kids_grow(struct fib_book *k, struct fib_page *page)
{
	struct fib_kids *old = page->kids, *kids;
	u32 cap = room(old ? old->n + 1u : 1);

	kids = book_alloc(k, kids_bytes(cap));
	if (!kids)
		return false;
	if (old) {
		__builtin_memcpy(kids, old, kids_bytes(old->n));
		book_free(k, old, kids_bytes(old->cap));
	}
	kids->cap = (u16)cap;
	page->kids = kids;
	return true;
}

/* --- ways ------------------------------------------------------------------------------------ */

static u32 stride(u32 addr, u32 depth)
{
	return addr >> (24 - 8 * depth) & 0xff;
}

/* Depth of the node in which a prefix of this length ends, and its number there. */
static u32 place(u32 prefix, u32 len, u32 *number)
{
	u32 depth = len ? (len - 1) / 8 : 0;
	u32 bits = len - 8 * depth;

	*number = 1u << bits | stride(prefix, depth) >> (8 - bits);
	return depth;
}

static u64 below(u32 i)
{
	return (1ull << (i & 63)) - 1;
}

static u32 kid_rank(const struct fib_kids *kids, u32 v)
{
	return kids->rank[v >> 6] + fib_popcount(kids->bits[v >> 6] & below(v));
}

/* Child v is there, or is not any more. */
static void kid_mark(struct fib_kids *kids, u32 v, int by)
{
	kids->bits[v >> 6] ^= 1ull << (v & 63);
	kids->n = (u16)(kids->n + by);
	for (u32 w = (v >> 6) + 1; w < 4; w++)
		kids->rank[w] = (u8)(kids->rank[w] + by);
}

static struct fib_page **kid_slot(const struct fib_page *p, u32 v)
{
	struct fib_kids *kids = p->kids;

	if (!kids || !(kids->bits[v >> 6] >> (v & 63) & 1))
		return NULL;
	return &kids->page[kid_rank(kids, v)];
}

const struct fib_page *fib_page_kid(const struct fib_page *p, u32 v)
{
	struct fib_page **slot = kid_slot(p, v);

	return slot ? *slot : NULL;
}

/* The places of the nodes from the root to `depth`; how many there are. */
static u32 walk(struct fib_book *k, u32 addr, u32 depth, struct fib_page ***way)
{
	struct fib_page **slot = &k->root;
	u32 d = 0;

	while (slot && *slot) {
		way[d] = slot;
		if (d++ == depth)
			break;
		slot = kid_slot(*slot, stride(addr, d - 1));
	}
	return d;
}

const struct fib_page *fib_book_page(struct fib_book *k, u32 addr, u32 depth)
{
	struct fib_page *p = k->root;

	/* Most of a change is about one /16. */
	if (depth == 2 && k->near_known && !((k->near_addr ^ addr) >> 16))
		return k->near;
	for (u32 d = 0; p && d < depth; d++) {
		struct fib_page **slot = kid_slot(p, stride(addr, d));

		p = slot ? *slot : NULL;
	}
	if (depth == 2) {
		k->near = p;
		k->near_addr = addr;
		k->near_known = true;
	}
	return p;
}

static u32 nh_rank(const struct fib_page *p, u32 number)
{
	return p->rank[number >> 6] + fib_popcount(p->bits[number >> 6] & below(number));
}

u32 fib_page_nh(const struct fib_page *p, u32 number)
{
	return p->nh[nh_rank(p, number)];
}

u32 fib_book_get(struct fib_book *k, u32 prefix, u32 len)
{
	u32 number, depth = place(prefix, len, &number);
	const struct fib_page *p = fib_book_page(k, prefix, depth);

	return p && fib_page_has(p, number) ? p->nh[nh_rank(p, number)] : 0;
}

u32 fib_book_cover(const struct fib_book *k, u32 addr, u32 depth)
{
	const struct fib_page *p = k->root;
	u32 best = 0;

	for (u32 d = 0; p && d < depth; d++) {
		u32 v = stride(addr, d);

		for (u32 number = 256 | v; number; number >>= 1)
			if (fib_page_has(p, number)) {
				best = p->nh[nh_rank(p, number)];
				break;
			}
		p = fib_page_kid(p, v);
	}
	return best;
}

/* --- changes --------------------------------------------------------------------------------- */

/* A child of *way for `v`, new and empty; NULL: no memory. */
static struct fib_page **kid_make(struct fib_book *k, struct fib_page *p, u32 v)
{
	struct fib_kids *kids = p->kids;
	struct fib_page *page = NULL;
	u32 at;

	if (!kids || kids->n == kids->cap) {
		if (!kids_grow(k, p))
			return NULL;
		kids = p->kids;
	}
	if (!page_resize(k, &page, 0))
		return NULL;
	at = kid_rank(kids, v);
	for (u32 i = kids->n; i > at; i--)
		kids->page[i] = kids->page[i - 1];
	kids->page[at] = page;
	kid_mark(kids, v, 1);
	return &kids->page[at];
}

bool fib_book_put(struct fib_book *k, u32 prefix, u32 len, u32 nh)
{
	u32 number, depth = place(prefix, len, &number), d, at;
	struct fib_page **way[DEPTHS], *p;

	d = walk(k, prefix, depth, way);
	if (!d) {
		if (!page_resize(k, &k->root, 0))
			return false;
		way[d++] = &k->root;
	}
	for (; d <= depth; d++) {
		way[d] = kid_make(k, *way[d - 1], stride(prefix, d - 1));
		if (!way[d])
			return false;
	}
	p = *way[depth];
	at = nh_rank(p, number);
	if (fib_page_has(p, number)) {
		p->nh[at] = (u16)nh;
		return true;
	}
	if (p->n == p->cap && !page_resize(k, way[depth], room(p->n + 1u)))
		return false;
	p = *way[depth];
	__builtin_memmove(p->nh + at + 1, p->nh + at, (p->n - at) * sizeof(u16));
	p->nh[at] = (u16)nh;
	p->n++;
	p->bits[number >> 6] |= 1ull << (number & 63);
	for (u32 w = (number >> 6) + 1; w < 8; w++)
		p->rank[w]++;
	return true;
}

void fib_book_del(struct fib_book *k, u32 prefix, u32 len)
{
	u32 number, depth = place(prefix, len, &number), at;
	struct fib_page **way[DEPTHS], *p;

	walk(k, prefix, depth, way);
	p = *way[depth];
	at = nh_rank(p, number);
	p->n--;
	__builtin_memmove(p->nh + at, p->nh + at + 1, (p->n - at) * sizeof(u16));
	p->bits[number >> 6] &= ~(1ull << (number & 63));
	for (u32 w = (number >> 6) + 1; w < 8; w++)
		p->rank[w]--;
}

void fib_book_trim(struct fib_book *k, u32 prefix, u32 len)
{
	u32 number, depth = place(prefix, len, &number);
	struct fib_page **way[DEPTHS];
	u32 n = walk(k, prefix, depth, way);

	while (n--) {
		struct fib_page *p = *way[n];
		struct fib_kids *kids = p->kids;
		u32 v;

		if (kids && !kids->n) {
			book_free(k, kids, kids_bytes(kids->cap));
			p->kids = NULL;
		}
		if (p->n || p->kids)
			break;
		book_free(k, p, page_bytes(p->cap));
		*way[n] = NULL;
		if (!n)
			break;
		kids = (*way[n - 1])->kids;
		v = stride(prefix, n - 1);
		kid_mark(kids, v, -1);
		for (u32 i = kid_rank(kids, v); i < kids->n; i++)
			kids->page[i] = kids->page[i + 1];
	}
}

/* --- painting -------------------------------------------------------------------------------- */

static void fill(u32 *slot, u32 n, u32 nh)
{
	for (u32 i = 0; i < n; i++)
		slot[i] = nh;
}

/* The prefixes numbered first..first+count-1 (count a power of two, first a multiple of it), each
 * over `span` slots. */
static void paint_range(const struct fib_page *p, u32 first, u32 count, u32 span, u32 *slot)
{
	for (u32 at = first; at < first + count;) {
		u32 here = MIN(count, 64u);
		u64 set = p->bits[at >> 6] >> (at & 63);
		const u16 *nh;

		if (here < 64)
			set &= (1ull << here) - 1;
		if (set) {
			nh = p->nh + nh_rank(p, at);
			for (; set; set &= set - 1) {
				u32 i = at - first + (u32)__builtin_ctzll(set);

				fill(slot + i * span, span, *nh++);
			}
		}
		at += here;
	}
}

void fib_page_paint(const struct fib_page *p, u32 shift, u32 sub, u32 cover, u32 *slot)
{
	fill(slot, 256u >> shift, cover);
	if (!p || !p->n)
		return;
	for (u32 l = 0; l <= shift; l++) {
		u32 number = 1u << l | sub >> (shift - l);

		if (fib_page_has(p, number))
			fill(slot, 256u >> shift, p->nh[nh_rank(p, number)]);
	}
	for (u32 l = shift + 1; l <= 8; l++)
		paint_range(p, (1u << l) + (sub << (l - shift)), 1u << (l - shift), 1u << (8 - l),
			    slot);
}
