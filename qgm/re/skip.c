// SPDX-License-Identifier: MIT
/* skip: the ordered map of the table writer (skip.h). */
#include "qgm/re/skip.h"

#include "qgm/re/errno.h"

static size_t node_bytes(u32 levels)
{
	return sizeof(struct skip_node) + levels * sizeof(struct skip_node *);
}

/* link[l] = &pointer at level l to the first node with a key >= `key`. */
static void links_to(struct skip *s, u64 key, struct skip_node **link[SKIP_LEVELS])
{
	struct skip_node **row = s->next;

	for (int l = SKIP_LEVELS - 1; l >= 0; l--) {
		while (row[l] && row[l]->key < key)
			row = row[l]->next;
		link[l] = &row[l];
	}
}

struct skip_node *skip_from(const struct skip *s, u64 key)
{
	struct skip_node *const *row = s->next;

	for (int l = SKIP_LEVELS - 1; l >= 0; l--)
		while (row[l] && row[l]->key < key)
			row = row[l]->next;
	return row[0];
}

void *skip_get(const struct skip *s, u64 key)
{
	struct skip_node *node = skip_from(s, key);

	return node && node->key == key ? node->item : NULL;
}

/* One level in all, two with chance 1/4, three with 1/16... (xorshift32, G. Marsaglia 2003) */
static u32 level_pick(struct skip *s)
{
	u32 x = s->random ? s->random : 0x2545f491, levels = 1;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	s->random = x;
	for (; levels < SKIP_LEVELS && !(x & 3); x >>= 2)
		levels++;
	return levels;
}

int skip_put(struct skip *s, struct undo *u, u64 key, void *item)
{
	struct skip_node **link[SKIP_LEVELS];
	u32 levels = level_pick(s);
	struct skip_node *node = undo_alloc(u, node_bytes(levels));

	if (!node || undo_save(u, &s->count, sizeof(s->count)))
		return -ENOMEM;
	node->key = key;
	node->item = item;
	node->levels = levels;
	links_to(s, key, link);
	for (u32 l = 0; l < levels; l++) {
		if (undo_save(u, link[l], sizeof(*link[l])))
			return -ENOMEM;
		node->next[l] = *link[l];
		*link[l] = node;
	}
	s->count++;
	return 0;
}

int skip_remove(struct skip *s, struct undo *u, u64 key)
{
	struct skip_node **link[SKIP_LEVELS], *node;

	links_to(s, key, link);
	node = *link[0];
	if (!node || node->key != key)
		return -ENOENT;
	if (undo_save(u, &s->count, sizeof(s->count)) ||
	    undo_free(u, node, node_bytes(node->levels)))
		return -ENOMEM;
	for (u32 l = 0; l < node->levels; l++) {
		if (undo_save(u, link[l], sizeof(*link[l])))
			return -ENOMEM;
		*link[l] = node->next[l];
	}
	s->count--;
	return 0;
}
