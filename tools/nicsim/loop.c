// SPDX-License-Identifier: MIT
#define _GNU_SOURCE /* ppoll */
#include "tools/nicsim/loop.h"

#include <poll.h>
#include <time.h>

#include "tools/nicsim/control.h"
#include "tools/nicsim/wire.h"

enum { SECOND = 1000000000 };

u64 loop_clock(void *arg)
{
	static u64 start;
	struct timespec t;
	u64 now;

	(void)arg;
	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (u64)t.tv_sec * SECOND + (u64)t.tv_nsec;
	if (!start)
		start = now;
	return now - start;
}

/* All that can wake us. Attachments first, at their own index. */
static u32 watch(struct loop *l, struct pollfd *p)
{
	u32 n = 0;

	for (; n < l->nattach; n++)
		p[n] = (struct pollfd){ l->attach[n]->fd, POLLIN, 0 };
	for (u32 i = 0; i < l->sim->ndevs; i++)
		p[n++] = (struct pollfd){ nicsim_wire_fd(l->sim->dev[i]), POLLIN, 0 };
	p[n++] = (struct pollfd){ l->control ? control_fd(l->control) : -1, POLLIN, 0 };
	return n;
}

static void serve(struct loop *l, const struct pollfd *p)
{
	for (u32 i = 0; i < l->nattach; i++) {
		struct nicsim_attach *a = l->attach[i];

		if (!p[i].revents || a->fd < 0 || a->ops->serve(a))
			continue;
		/* hung up: the device stays for the report, but does no more DMA */
		nicsim_reset(a->dev);
		a->fd = -1;
	}
	if (l->control && p[l->nattach + l->sim->ndevs].revents)
		control_serve(l->control, l->sim);
}

static bool alive(const struct loop *l)
{
	for (u32 i = 0; i < l->nattach; i++)
		if (l->attach[i]->fd >= 0)
			return true;
	return false;
}

void loop_run(struct loop *l)
{
	struct pollfd p[2 * NICSIM_DEVS + 1];

	while (!l->stop && alive(l)) {
		bool more = nicsim_run(l->sim, 1);
		u64 now = loop_clock(NULL), next = MIN(nicsim_deadline(l->sim), l->end);
		struct timespec wait = { 0, 0 };
		u32 n = watch(l, p);

		if (now >= l->end)
			break;
		if (!more && next > now) {
			u64 ns = MIN(next - now, 10ull * SECOND);

			wait.tv_sec = (time_t)(ns / SECOND);
			wait.tv_nsec = (long)(ns % SECOND);
		}
		if (ppoll(p, n, &wait, NULL) > 0)
			serve(l, p);
	}
}
