// SPDX-License-Identifier: MIT
/*
 * bells: how a QGM tells others that it put something into their rings. Once per turn: one full
 * fence for all, then each receiver's bit, then a wake-up for those that nap (the protocol is
 * bell.h's).
 */
#include "qgm/bell.h"
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

		if (bell_ring(&peer->inbound, &q->ctl->qgm[to].napping, own))
			env_wake(to);
	}
	if (q->generic_news) {
		q->generic_news = false;
		if (load_relaxed(&q->ctl->generic_napping))
			env_wake(ENV_GENERIC);
	}
}
