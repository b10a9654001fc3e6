// SPDX-License-Identifier: MIT
/* The wires that hold frames for a while: a loop-back plug, and a link with a rate, a delay and
 * random loss in front of another wire. */
#include "tools/nicsim/wire.h"

#include <stdlib.h>
#include <string.h>

enum { QUEUE = 8192, FULL = 1024, OVERHEAD = 24 /* preamble, FCS, gap (IEEE 802.3) */ };

struct held {
	u64 due;
	u32 len;
	u8 *data;
};

/* A bounded FIFO of frames with times. */
struct fifo {
	struct held frame[QUEUE];
	u32 head, tail; /* free running */
};

static bool fifo_put(struct fifo *q, u64 due, const u8 *frame, u32 len)
{
	struct held *h = &q->frame[q->head % QUEUE];

	if (q->head - q->tail == QUEUE)
		return false;
	h->due = due;
	h->len = len;
	h->data = malloc(len);
	memcpy(h->data, frame, len);
	q->head++;
	return true;
}

static struct held *fifo_first(struct fifo *q)
{
	return q->head == q->tail ? NULL : &q->frame[q->tail % QUEUE];
}

static void fifo_drop(struct fifo *q)
{
	free(q->frame[q->tail++ % QUEUE].data);
}

static u64 fifo_due(struct fifo *q)
{
	const struct held *h = fifo_first(q);

	return h ? h->due : ~0ull;
}

static void fifo_free(struct fifo *q)
{
	while (fifo_first(q))
		fifo_drop(q);
}

/* --- loop-back plug ------------------------------------------------------------------------- */

struct loop {
	struct nicsim_wire w;
	struct fifo q;
};

static void loop_send(struct nicsim_wire *w, const u8 *frame, u32 len)
{
	if (!fifo_put(&((struct loop *)w)->q, 0, frame, len))
		w->lost++;
}

static u32 loop_poll(struct nicsim_wire *w, u32 max)
{
	struct loop *l = (struct loop *)w;
	const struct held *h;
	u32 n;

	for (n = 0; n < max && (h = fifo_first(&l->q)) && w->ready(w->arg); n++) {
		w->in++;
		w->deliver(w->arg, h->data, h->len);
		fifo_drop(&l->q);
	}
	return n;
}

static u64 loop_deadline(struct nicsim_wire *w)
{
	return fifo_due(&((struct loop *)w)->q);
}

static bool loop_full(struct nicsim_wire *w)
{
	const struct loop *l = (struct loop *)w;

	return l->q.head - l->q.tail >= FULL;
}

static void loop_destroy(struct nicsim_wire *w)
{
	fifo_free(&((struct loop *)w)->q);
	free(w);
}

static const struct nicsim_wire_ops loop_ops = { .name = "loop",
						 .send = loop_send,
						 .poll = loop_poll,
						 .deadline = loop_deadline,
						 .full = loop_full,
						 .destroy = loop_destroy };

struct nicsim_wire *nicsim_wire_loop(const char *text, char *why, size_t whysize)
{
	struct loop *l;

	if (*text) {
		snprintf(why, whysize, "loop:%s: the loop-back plug has no arguments", text);
		return NULL;
	}
	l = calloc(1, sizeof(*l));
	l->w.ops = &loop_ops;
	l->w.light = true;
	return &l->w;
}

/* --- link with rate, delay and loss --------------------------------------------------------- */

struct link {
	struct nicsim_wire w;
	struct nicsim_wire *far;
	u64 mbps, delay, loss; /* megabits a second (0: none), ns, of a million */
	u64 free_out, free_in; /* when the line is free again */
	struct fifo out, in;
};

/* Put a frame on the line, due when its last bit has arrived. */
static void enter(struct link *l, struct fifo *q, u64 *line, const u8 *frame, u32 len)
{
	u64 now = nicsim_now(l->w.dev), start = MAX(now, *line);

	if (l->loss && nicsim_random(l->w.dev) % 1000000 < l->loss) {
		l->w.lost++;
		return;
	}
	if (l->mbps)
		start += (len + OVERHEAD) * 8000ull / l->mbps;
	if (fifo_put(q, start + l->delay, frame, len))
		*line = start;
	else
		l->w.lost++; /* the queue in front of the line is full */
}

static void link_send(struct nicsim_wire *w, const u8 *frame, u32 len)
{
	struct link *l = (struct link *)w;

	enter(l, &l->out, &l->free_out, frame, len);
}

static bool from_far(void *arg, const u8 *frame, u32 len)
{
	struct link *l = arg;

	enter(l, &l->in, &l->free_in, frame, len);
	return true;
}

static bool far_ready(void *arg)
{
	const struct link *l = arg;

	return l->in.head - l->in.tail < QUEUE;
}

static u32 link_poll(struct nicsim_wire *w, u32 max)
{
	struct link *l = (struct link *)w;
	u64 now = nicsim_now(w->dev);
	const struct held *h;
	u32 n = 0;

	while ((h = fifo_first(&l->out)) && h->due <= now) {
		l->far->out++;
		if (l->far->ops->send)
			l->far->ops->send(l->far, h->data, h->len);
		fifo_drop(&l->out);
	}
	if (l->far->ops->poll)
		l->far->ops->poll(l->far, max);
	for (; n < max && (h = fifo_first(&l->in)) && h->due <= now && w->ready(w->arg); n++) {
		w->in++;
		w->deliver(w->arg, h->data, h->len);
		fifo_drop(&l->in);
	}
	return n;
}

static int link_fd(struct nicsim_wire *w)
{
	struct link *l = (struct link *)w;

	return l->far->ops->fd ? l->far->ops->fd(l->far) : -1;
}

static u64 link_deadline(struct nicsim_wire *w)
{
	struct link *l = (struct link *)w;
	u64 at = l->far->ops->deadline ? l->far->ops->deadline(l->far) : ~0ull;

	return MIN(at, MIN(fifo_due(&l->out), fifo_due(&l->in)));
}

static bool link_full(struct nicsim_wire *w)
{
	const struct link *l = (struct link *)w;

	return l->out.head - l->out.tail >= FULL ||
	       (l->far->ops->full && l->far->ops->full(l->far));
}

static void link_report(struct nicsim_wire *w, FILE *to)
{
	struct link *l = (struct link *)w;

	if (l->far->ops->report)
		l->far->ops->report(l->far, to);
}

static void link_go(struct nicsim_wire *w)
{
	struct link *l = (struct link *)w;

	if (l->far->ops->go)
		l->far->ops->go(l->far);
}

static void link_destroy(struct nicsim_wire *w)
{
	struct link *l = (struct link *)w;

	fifo_free(&l->out);
	fifo_free(&l->in);
	nicsim_wire_destroy(l->far);
	free(l);
}

static const struct nicsim_wire_ops link_ops = { .name = "link",
						 .send = link_send,
						 .poll = link_poll,
						 .fd = link_fd,
						 .deadline = link_deadline,
						 .full = link_full,
						 .report = link_report,
						 .go = link_go,
						 .destroy = link_destroy };

struct nicsim_wire *nicsim_wire_link(struct nicsim_dev *dev, const char *text, char *why,
				     size_t whysize)
{
	unsigned long long mbps, us, loss;
	int at = 0;
	struct nicsim_wire *far;
	struct link *l;

	if (sscanf(text, "%llu:%llu:%llu:%n", &mbps, &us, &loss, &at) != 3 || !at ||
	    mbps > 1000000 || us > 60000000 || loss > 1000000) {
		snprintf(why, whysize, "link:%s: MBPS:DELAY_US:LOSS_PPM:WIRE", text);
		return NULL;
	}
	far = nicsim_wire_make(dev, text + at, why, whysize);
	if (!far)
		return NULL;
	l = calloc(1, sizeof(*l));
	l->w.ops = &link_ops;
	l->w.light = far->light;
	l->mbps = mbps;
	l->delay = us * 1000;
	l->loss = loss;
	l->far = far;
	far->deliver = from_far;
	far->ready = far_ready;
	far->arg = l;
	return &l->w;
}
