// SPDX-License-Identifier: MIT
/*
 * bells: how a QGM tells others that it put something into their rings. Once per turn: one full
 * fence for all, then each receiver's bit, then a wake-up for those that nap.
 *
 *	producer                          consumer (inbound_poll, qgm_sleep_begin)
 *	enqueue                           exchange(inbound, 0)           (I2)
 *	fence_full                        fence_full
 *	bit clear? set it       (I1)      look into the rings
 *	napping? wake           (I3)
 *
 * Either the producer sees the cleared bit, or the consumer's look comes after the enqueue. The
 * same holds of `napping`, which the consumer sets before its fence and last look.
 */
#include "qgm/core.h"
#include "qgm/env.h"

bool qgm_send(struct qgm *q, u16 to, const struct qgm_msg *m)
{
	if (to >= QGM_MAX || !q->msg_out[to] || !msgring_put(q->msg_out[to], m))
		return false;
	q->out_touched |= 1ull << to;
	return true;
}

void qgm_ring_bells(struct qgm *q)
{
	u64 bits = q->out_touched, own = 1ull << q->id;

	if (likely(!bits && !q->generic_news))
		return;
	q->out_touched = 0;
	fence_full();
	for (; bits; bits &= bits - 1) {
		u32 to = (u32)__builtin_ctzll(bits);
		struct qgm *peer = q->peer[to];

		if (!(load_relaxed(&peer->inbound) & own))
			fetch_or_acq_rel(&peer->inbound, own); /* I1 */
		if (load_relaxed(&q->ctl->qgm[to].napping))    /* I3 */
			env_wake(to);
	}
	if (q->generic_news) {
		q->generic_news = false;
		if (load_relaxed(&q->ctl->generic_napping))
			env_wake(ENV_GENERIC);
	}
}
