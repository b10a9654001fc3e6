// SPDX-License-Identifier: MIT
/* txn: begin, commit and abort of one change of the tables (txn.h). */
#include "qgm/re/txn.h"

#include "qgm/re/errno.h"

int txn_begin(struct txn *t)
{
	*t = (struct txn){ 0 };
	undo_begin(&t->undo);
	tables_reclaim(); /* memory that has passed its grace period may be needed now */
	if (garbage_begin(&t->garbage))
		return -ENOMEM;
	t->draft = tables_begin();
	if (!t->draft)
		goto err_garbage;
	if (nh_open(&t->nh_room, t->draft->nh, &t->garbage))
		goto err_tables;
	t->nh = &t->nh_room;
	return 0;

err_tables:
	tables_abort(t->draft);
err_garbage:
	garbage_abort(&t->garbage);
	return -ENOMEM;
}

struct fib_batch *txn_fib(struct txn *t, u16 vrf)
{
	if (!t->fib[vrf]) {
		t->fib[vrf] = fib_begin(t->draft->fib[vrf], vrf, &t->garbage);
		t->fibs += t->fib[vrf] != NULL;
		t->fib_vrf = vrf;
	}
	return t->fib[vrf];
}

struct fib6_batch *txn_fib6(struct txn *t, u16 vrf)
{
	if (!t->fib6[vrf]) {
		t->fib6[vrf] = fib6_begin(t->draft->fib6[vrf], vrf, &t->garbage);
		t->fibs6 += t->fib6[vrf] != NULL;
		t->fib6_vrf = vrf;
	}
	return t->fib6[vrf];
}

/* Is nothing changed but routes of one VRF and family? */
static bool one_fib(const struct txn *t)
{
	return t->fibs + t->fibs6 == 1 && !t->nh->draft && garbage_none(&t->garbage) &&
	       tables_untouched();
}

/* One prefix changed and nothing else: what leads to it is stored where it is
 * (docs/decisions/0025, 0029). */
static bool in_place(struct txn *t)
{
	if (!one_fib(t))
		return false;
	return t->fibs ? fib_in_place(t->fib[t->fib_vrf]) : fib6_in_place(t->fib6[t->fib6_vrf]);
}

int txn_build(struct txn *t)
{
	int err = 0;

	if (t->fibs6 && one_fib(t) && fib6_in_place(t->fib6[t->fib6_vrf]))
		return 0;
	for (u32 vrf = 0; t->fibs6 && vrf < VRF_MAX && !err; vrf++)
		if (t->fib6[vrf])
			err = fib6_build(t->fib6[vrf]);
	return err;
}

u64 txn_commit(struct txn *t)
{
	bool early = tables_plant_no_grace();
	u64 epoch;

	if (likely(!early) && in_place(t)) {
		if (t->fibs)
			fib_commit_in_place(t->fib[t->fib_vrf], t->draft->epoch);
		else
			fib6_commit_in_place(t->fib6[t->fib6_vrf], t->draft->epoch);
		nh_abort(t->nh);
		epoch = tables_commit_in_place(t->draft);
		undo_commit(&t->undo);
		return epoch;
	}
	for (u32 vrf = 0; vrf < VRF_MAX; vrf++) {
		if (t->fib[vrf])
			t->draft->fib[vrf] = fib_commit(t->fib[vrf]);
		if (t->fib6[vrf])
			t->draft->fib6[vrf] = fib6_commit(t->fib6[vrf]);
	}
	t->draft->nh = nh_commit(t->nh);
	if (unlikely(early))
		garbage_commit(&t->garbage, t->draft->epoch);
	epoch = tables_commit(t->draft);
	if (likely(!early))
		garbage_commit(&t->garbage, epoch);
	undo_commit(&t->undo);
	return epoch;
}

void txn_abort(struct txn *t)
{
	for (u32 vrf = 0; vrf < VRF_MAX; vrf++) {
		if (t->fib[vrf])
			fib_abort(t->fib[vrf]);
		if (t->fib6[vrf])
			fib6_abort(t->fib6[vrf]);
	}
	nh_abort(t->nh);
	tables_abort(t->draft);
	garbage_abort(&t->garbage);
	undo_rollback(&t->undo);
}
