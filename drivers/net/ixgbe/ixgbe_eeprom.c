// SPDX-License-Identifier: MIT
/*
 * What the 82599 shares with its firmware and the driver of its other port: the two semaphores and
 * the word of parts in use (10.5.4), and reading words of the EEPROM. There is no code here that
 * writes one. Boot CPU or owner QGM; machines, called again while they say -EAGAIN.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum {
	LOCK_MS = 1000, /* after that who holds it is taken for dead, 10.5.4 */
	SEMAPHORE_MS = 10,
	EERD_MS = 10,
};

static void release_semaphores(const struct ixgbe *e)
{
	ixgbe_wr(e, IXGBE_SWSM, ixgbe_rd(e, IXGBE_SWSM) & ~(u32)(SWSM_SMBI | SWSM_SWESMBI));
}

/* SMBI is set by the read that finds it clear; SWESMBI stays clear while firmware has it. */
static bool take_semaphores(struct ixgbe *e, bool by_force)
{
	if (ixgbe_rd(e, IXGBE_SWSM) & SWSM_SMBI && !by_force)
		return false;
	ixgbe_wr(e, IXGBE_SWSM, ixgbe_rd(e, IXGBE_SWSM) | SWSM_SWESMBI);
	if (ixgbe_rd(e, IXGBE_SWSM) & SWSM_SWESMBI)
		return true;
	release_semaphores(e);
	return false;
}

int ixgbe_lock(struct ixgbe *e, u32 part, u64 now)
{
	u32 used, busy = part | part << SYNC_FW_SHIFT;
	bool late;

	if (e->lock.part == part)
		return 0;
	if (!e->lock.deadline)
		e->lock.deadline = now + LOCK_MS * e->ms;
	late = now >= e->lock.deadline;
	if (!take_semaphores(e, now + (LOCK_MS - SEMAPHORE_MS) * e->ms >= e->lock.deadline)) {
		if (late)
			e->lock.deadline = 0;
		return late ? -ETIMEDOUT : -EAGAIN;
	}
	used = ixgbe_rd(e, IXGBE_SW_FW_SYNC);
	if (late) /* of the holder only software's bit can be taken away */
		used &= ~busy;
	if (used & busy) {
		release_semaphores(e);
		return -EAGAIN;
	}
	ixgbe_wr(e, IXGBE_SW_FW_SYNC, used | part);
	release_semaphores(e);
	e->lock = (struct ixgbe_lock){ .part = part };
	return 0;
}

void ixgbe_unlock(struct ixgbe *e)
{
	if (!e->lock.part)
		return;
	/* A few tries at once: the holder of the semaphores keeps them for microseconds. */
	for (u32 tries = 0; tries < 4; tries++) {
		if (!take_semaphores(e, tries == 3))
			continue;
		ixgbe_wr(e, IXGBE_SW_FW_SYNC, ixgbe_rd(e, IXGBE_SW_FW_SYNC) & ~e->lock.part);
		release_semaphores(e);
		break;
	}
	e->lock.part = 0;
}

int ixgbe_eeprom_read(struct ixgbe *e, u16 word, u64 now, u16 *v)
{
	u32 r;

	if (!e->eerd_deadline) {
		ixgbe_wr(e, IXGBE_EERD, (u32)word << EERD_ADDR_SHIFT | EERD_START);
		e->eerd_deadline = now + EERD_MS * e->ms;
		return -EAGAIN;
	}
	r = ixgbe_rd(e, IXGBE_EERD);
	if (!(r & EERD_DONE) || r == IXGBE_REMOVED) {
		if (now < e->eerd_deadline)
			return -EAGAIN;
		e->eerd_deadline = 0;
		return -ETIMEDOUT;
	}
	e->eerd_deadline = 0;
	*v = (u16)(r >> EERD_DATA_SHIFT);
	return 0;
}
