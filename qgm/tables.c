// SPDX-License-Identifier: MIT
/*
 * tables: roots, epochs, grace periods (tables.h). The writer half runs on the generic side under
 * the control lock; its state lies in the arena. The reader half is tables_current() and the
 * epoch word that each QGM publishes in its counters.
 *
 * Why it is right. A reader's word says: "I hold no pointer into anything older than this epoch":
 *	~0  offline (asleep, or not started): holds nothing
 *	 0  just came online: may load any root from now on
 *	 e  at its last quiescent point it had seen root e, and has dropped all pointers since
 * The writer stores the root with release (T1; T2 is the acquire of the readers), then makes a
 * full fence, then reads the words. A reader that comes online stores 0, makes a full fence, then
 * loads the root. So of writer and reader at least one sees the other's store: either the writer
 * sees 0 and waits, or the reader loads the new root. A reader's word e is stored with release
 * after its last use (T3; T4 is the writer's acquire), so that what is freed is not being read.
 *
 * In place (tables_commit_in_place): the writer stores its words, then the new epoch e into the
 * root that is current (T5, release). A reader that has loaded e from there (T6, acquire) at the
 * begin of a turn sees these words in it, and says e at its end: what the words led to before is
 * not read any more, as above. Until a QGM has passed the epoch by which that root came, it may
 * hold another one, whose next hops do not know what the words name: tables_settled().
 */
#include "qgm/arena.h"
#include "qgm/ctl.h"
#include "qgm/env.h"

enum { TAG_LIVE, TAG_FRESH, TAG_FRESH_DOOMED, TAG_DOOMED, TAG_RETIRED };

struct tables_writer {
	struct tables *draft;
	void *fresh;                  /* made for the draft */
	void *doomed;                 /* replaced by the draft */
	void *retired, *retired_last; /* oldest first */
	struct tables *ready;         /* equal to the root, after a publication in place */
	u64 epoch;
	u64 root_epoch; /* by which the root came */
	u32 pending;
	bool settled;  /* tables_settled(), once found */
	bool no_grace; /* planted: free at once, under the readers of the root that still holds it
			*/
};

static struct tables_writer *writer(void)
{
	return ctl_block()->writer;
}

int tables_init(void)
{
	struct tables_writer *w = arena_alloc(sizeof(*w), CACHE_LINE);
	struct tables *t = arena_alloc(sizeof(*t), CACHE_LINE);

	if (!w || !t)
		return -12; /* ENOMEM */
	ctl_block()->writer = w;
	w->no_grace = env_planted("no-grace");
	w->epoch = w->root_epoch = t->epoch = 1;
	t->if_count = 1;
	store_release(&ctl_block()->root, t); /* T1 */
	ctl_block()->epoch = 1;
	return 0;
}

const struct tables *tables_current(void)
{
	return load_acquire(&ctl_block()->root); /* T2 */
}

struct tables *tables_begin(void)
{
	struct tables_writer *w = writer();
	struct tables *t;

	ASSERT_ENGINE(!w->draft);
	t = w->ready;
	w->ready = NULL;
	if (!t) {
		t = arena_alloc(sizeof(*t), CACHE_LINE);
		if (!t)
			return NULL;
		*t = *ctl_block()->root;
	}
	t->epoch = w->epoch + 1;
	w->draft = t;
	return t;
}

static void free_by(void *p, void (*free_fn)(void *))
{
	arena_tag_of(p)->state = TAG_LIVE;
	if (free_fn)
		free_fn(p);
	else
		arena_free(p);
}

/* Append to the list of what waits; its epochs do not fall, so that reclaim stops at the first. */
static void retire(struct tables_writer *w, void *p, u64 epoch)
{
	struct arena_tag *tag = arena_tag_of(p);

	tag->state = TAG_RETIRED;
	tag->epoch = epoch;
	tag->next = NULL;
	if (unlikely(w->no_grace)) {
		free_by(p, tag->free_fn);
		return;
	}
	if (w->retired)
		arena_tag_of(w->retired_last)->next = p;
	else
		w->retired = p;
	w->retired_last = p;
	w->pending++;
}

void tables_fresh(void *p, void (*free_fn)(void *))
{
	struct tables_writer *w = writer();
	struct arena_tag *tag = arena_tag_of(p);

	ASSERT_ENGINE(w->draft && tag->state == TAG_LIVE);
	tag->state = TAG_FRESH;
	tag->free_fn = free_fn;
	tag->next = w->fresh;
	w->fresh = p;
}

void tables_retire(void *p, u64 epoch, void (*free_fn)(void *))
{
	struct tables_writer *w = writer();
	struct arena_tag *tag = arena_tag_of(p);

	if (tag->state == TAG_FRESH) {
		tag->state = TAG_FRESH_DOOMED;
		return;
	}
	ASSERT_ENGINE(tag->state == TAG_LIVE); /* retired twice */
	tag->free_fn = free_fn;
	if (w->draft && epoch == w->draft->epoch && likely(!w->no_grace)) {
		tag->state = TAG_DOOMED;
		tag->next = w->doomed;
		w->doomed = p;
	} else {
		retire(w, p, epoch);
	}
}

static void *list_pop(void **list)
{
	void *p = *list;

	if (p)
		*list = arena_tag_of(p)->next;
	return p;
}

/* Planted "no-grace": what the draft replaces is free already; give readers time to notice. */
static void dawdle(void)
{
	u64 until = env_clock() + env_clock_hz() / 50;

	for (u32 i = 0; i < 1000000 && env_clock() < until; i++) /* a virtual clock may stand */
		cpu_pause();
}

bool tables_plant_no_grace(void)
{
	return writer()->no_grace;
}

/* A QGM that sleeps over packets waiting for this change must look at it. */
static void wake_waiting(const struct ctl *ctl)
{
	for (u32 i = 0; i < ctl->qgm_count; i++) {
		const struct ctl_qgm *c = &ctl->qgm[i];

		if (load_relaxed(&c->napping) && load_relaxed(&c->counters->held))
			env_wake(i);
	}
}

bool tables_untouched(void)
{
	return !writer()->fresh && !writer()->doomed;
}

bool tables_settled(void)
{
	struct tables_writer *w = writer();

	if (unlikely(!w->settled))
		w->settled = tables_epoch_reached(w->root_epoch);
	return w->settled;
}

u64 tables_commit_in_place(struct tables *draft)
{
	struct tables_writer *w = writer();
	struct ctl *ctl = ctl_block();
	struct tables *root;

	ASSERT_ENGINE(draft && draft == w->draft && tables_untouched());
	__builtin_memcpy(&root, &ctl->root, sizeof(root)); /* ours to write: drop the const */
	w->draft = NULL;
	w->ready = draft;
	w->epoch = draft->epoch;
	store_release(&root->epoch, draft->epoch); /* T5 */
	store_relaxed(&ctl->epoch, draft->epoch);
	fence_full();
	wake_waiting(ctl);
	return w->epoch;
}

u64 tables_commit(struct tables *draft)
{
	struct tables_writer *w = writer();
	struct ctl *ctl = ctl_block();
	struct tables *old;
	void *p, *dead = NULL;

	ASSERT_ENGINE(draft && draft == w->draft);
	__builtin_memcpy(&old, &ctl->root, sizeof(old)); /* ours to free: drop the const */
	w->draft = NULL;
	w->epoch = w->root_epoch = draft->epoch;
	w->settled = false;
	while ((p = list_pop(&w->fresh))) {
		bool doomed = arena_tag_of(p)->state == TAG_FRESH_DOOMED;

		arena_tag_of(p)->state = TAG_LIVE;
		if (doomed) {
			arena_tag_of(p)->next = dead;
			dead = p;
		}
	}
	if (unlikely(w->no_grace))
		dawdle();
	store_release(&ctl->root, draft); /* T1 */
	store_relaxed(&ctl->epoch, draft->epoch);
	fence_full();
	while ((p = list_pop(&dead)))
		free_by(p, arena_tag_of(p)->free_fn);
	while ((p = list_pop(&w->doomed)))
		retire(w, p, draft->epoch);
	retire(w, old, draft->epoch);
	wake_waiting(ctl);
	tables_reclaim();
	return w->epoch;
}

void tables_abort(struct tables *draft)
{
	struct tables_writer *w = writer();
	void *p;

	ASSERT_ENGINE(draft && draft == w->draft);
	w->draft = NULL;
	while ((p = list_pop(&w->doomed)))
		arena_tag_of(p)->state = TAG_LIVE;
	while ((p = list_pop(&w->fresh)))
		free_by(p, arena_tag_of(p)->free_fn);
	arena_free(draft);
}

bool tables_epoch_reached(u64 epoch)
{
	const struct ctl *ctl = ctl_block();

	fence_full(); /* the root before the words: see above */
	for (u32 i = 0; i < ctl->qgm_count; i++) {
		const struct ctl_qgm *c = &ctl->qgm[i];

		if (!c->counters || !load_acquire(&c->up))
			continue;
		if (load_acquire(&c->counters->epoch) < epoch) /* T4 */
			return false;
	}
	return true;
}

u32 tables_reclaim(void)
{
	struct tables_writer *w = writer();
	u64 passed = 0;
	u32 n = 0;

	while (w->retired) {
		void *p = w->retired;
		struct arena_tag *tag = arena_tag_of(p);

		if (tag->epoch > passed) {
			if (!tables_epoch_reached(tag->epoch))
				break;
			passed = tag->epoch;
		}
		w->retired = tag->next;
		w->pending--;
		n++;
		free_by(p, tag->free_fn);
	}
	return n;
}

u32 tables_pending(void)
{
	return writer()->pending;
}
