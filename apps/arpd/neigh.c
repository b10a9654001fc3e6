// SPDX-License-Identifier: MIT
/* One neighbour's life, see neigh.h. One function per event, one case per state. */
#include "apps/arpd/neigh.h"

#include <string.h>

static void enter(struct neigh *n, enum neigh_state state, u64 deadline)
{
	n->state = state;
	n->deadline = deadline;
}

static unsigned start_resolving(struct neigh *n, u64 now)
{
	n->tries = 1;
	n->asked = now;
	enter(n, NEIGH_INCOMPLETE, now + NEIGH_RETRANS_MS);
	return NEIGH_BROADCAST;
}

static unsigned on_miss(struct neigh *n, u64 now)
{
	switch (n->state) {
	case NEIGH_NONE:
		return start_resolving(n, now);
	case NEIGH_INCOMPLETE:
		return 0;
	case NEIGH_FAILED:
		if (now - n->asked >= NEIGH_RETRANS_MS)
			return start_resolving(n, now);
		return NEIGH_FAIL;
	case NEIGH_STALE: /* it is in use: confirm it soon */
		enter(n, NEIGH_DELAY, now + NEIGH_DELAY_MS);
		return NEIGH_PUBLISH;
	case NEIGH_REACHABLE:
	case NEIGH_DELAY:
	case NEIGH_PROBE: /* the engine lost what we told it */
		return NEIGH_PUBLISH;
	}
	return 0;
}

/* Takes over mac. Returns NEIGH_PUBLISH when it is news, 0 when not, NEIGH_FLAP when refused. */
static unsigned set_mac(struct neigh *n, const struct neigh_input *in)
{
	bool known = neigh_is_published(n);

	if (known && memcmp(n->mac, in->mac, 6) == 0)
		return 0;
	if (known && in->now - n->changed < NEIGH_LOCK_MS)
		return NEIGH_FLAP;
	memcpy(n->mac, in->mac, 6);
	n->changed = in->now;
	return NEIGH_PUBLISH;
}

static void enter_reachable(struct neigh *n, const struct neigh_input *in)
{
	u64 half = NEIGH_REACHABLE_MS / 2;

	n->confirmed = in->now;
	n->proven = true;
	n->tries = 0;
	enter(n, NEIGH_REACHABLE, in->now + half + in->jitter % (2 * half + 1));
}

static unsigned on_reply(struct neigh *n, const struct neigh_input *in)
{
	unsigned act = set_mac(n, in);

	if (act != NEIGH_FLAP)
		enter_reachable(n, in);
	return act;
}

static unsigned on_heard(struct neigh *n, const struct neigh_input *in)
{
	enum neigh_state was = n->state;
	unsigned act = set_mac(n, in);

	if (act == NEIGH_FLAP)
		return act;
	n->confirmed = in->now;
	if (!act)
		return 0; /* nothing new, and it proves only one direction: timers stay */
	n->tries = 0;
	if (was == NEIGH_INCOMPLETE) /* packets wait, so it is in use */
		enter(n, NEIGH_DELAY, in->now + NEIGH_DELAY_MS);
	else
		enter(n, NEIGH_STALE, in->now + NEIGH_STALE_MS);
	return act;
}

/*
 * RFC 4861 7.2.5. Without the override flag another address is only a reason to doubt; without a
 * link-layer address the one that is known stays. No lock against flapping here: the flag decides.
 */
static unsigned on_advert(struct neigh *n, const struct neigh_input *in)
{
	bool known = neigh_is_published(n);
	bool other = in->mac && !(known && memcmp(n->mac, in->mac, 6) == 0);

	if (!known && !in->mac)
		return 0;
	if (known && other && !in->override) {
		if (n->state == NEIGH_REACHABLE)
			enter(n, NEIGH_STALE, in->now + NEIGH_STALE_MS);
		return 0;
	}
	if (other) {
		memcpy(n->mac, in->mac, 6);
		n->changed = in->now;
	}
	if (in->solicited) {
		enter_reachable(n, in);
	} else if (other) {
		n->confirmed = in->now;
		n->tries = 0;
		enter(n, NEIGH_STALE, in->now + NEIGH_STALE_MS);
	}
	return other ? NEIGH_PUBLISH : 0;
}

static unsigned on_timer(struct neigh *n, u64 now)
{
	switch (n->state) {
	case NEIGH_NONE:
	case NEIGH_FAILED:
		enter(n, NEIGH_NONE, 0);
		return NEIGH_FORGET;
	case NEIGH_INCOMPLETE:
	case NEIGH_PROBE:
		if (n->tries >= NEIGH_TRIES) {
			unsigned act = n->state == NEIGH_PROBE ? NEIGH_WITHDRAW : NEIGH_FAIL;

			if (act == NEIGH_FAIL) /* misses that are under way do not ask again */
				n->asked = now;
			enter(n, NEIGH_FAILED, now + NEIGH_FAILED_MS);
			return act;
		}
		n->tries++;
		n->asked = now;
		n->deadline = now + NEIGH_RETRANS_MS;
		return n->state == NEIGH_PROBE ? NEIGH_UNICAST : NEIGH_BROADCAST;
	case NEIGH_REACHABLE:
		enter(n, NEIGH_STALE, now + NEIGH_STALE_MS);
		return 0;
	case NEIGH_STALE:
	case NEIGH_DELAY:
		n->tries = 1;
		n->asked = now;
		enter(n, NEIGH_PROBE, now + NEIGH_RETRANS_MS);
		return NEIGH_UNICAST;
	}
	return 0;
}

unsigned neigh_step(struct neigh *n, const struct neigh_input *in)
{
	switch (in->event) {
	case NEIGH_EV_MISS:
		return on_miss(n, in->now);
	case NEIGH_EV_REPLY:
		return on_reply(n, in);
	case NEIGH_EV_HEARD:
		return on_heard(n, in);
	case NEIGH_EV_ADVERT:
		return on_advert(n, in);
	case NEIGH_EV_TIMER:
		return on_timer(n, in->now);
	}
	return 0;
}

const char *neigh_state_name(enum neigh_state s)
{
	static const char *const names[] = {
		[NEIGH_NONE] = "none",           [NEIGH_INCOMPLETE] = "incomplete",
		[NEIGH_REACHABLE] = "reachable", [NEIGH_STALE] = "stale",
		[NEIGH_DELAY] = "delay",         [NEIGH_PROBE] = "probe",
		[NEIGH_FAILED] = "failed",
	};

	return names[s];
}
