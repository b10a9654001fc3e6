// SPDX-License-Identifier: MIT
/*
 * Receive-side coalescing (data sheet 7.11): TCP segments of one IPv4 flow that follow each other
 * are put together in up to RSCCTL.MAXDESC buffers of a ring with RSCEN. The header is the first
 * segment's with length, acknowledgement, window and PSH of the last; checksums stand as they came.
 *
 *	segment --fits an open flow--> appended      --PSH, full, time over--> written back
 *	        --starts one---------> flow opened
 *	        --neither------------> flow closed, the frame goes by itself
 *
 * The chip writes buffers as segments come; the model when the coalesced frame is complete, which a
 * driver cannot tell: DD is what it sees.
 */
#include "tools/nicsim/82599/hooks.h"

#include <stdlib.h>
#include <string.h>

enum {
	FLOWS = 32,
	LONGEST = 65535,
	RSCEN = 1,
	RFCTL_RSC_DIS = 1 << 5,
	RDRXCTL_RSCACKC = 1 << 25,
	TCP_FIN_SYN_RST_URG_ECE_CWR = 0xe7 & ~0x08, /* all flags but ACK and PSH */
	TCP_PSH = 0x08,
	TCP_ACK = 0x10,
	DEFAULT_NS = 50000,
};

struct flow {
	bool open;
	u8 key[12];
	u32 queue, next, len, header, limit;
	u64 deadline;
	struct n599_rxinfo info;
	u32 starts[64], nstarts; /* where in the frame each segment's data begin */
	u8 *frame;
};

struct n599_rsc {
	struct flow flow[FLOWS];
	u32 open;
};

N599_WR(rscctl)
{
	if (!(raw & RSCEN)) {
		n599_rsc_flush(n, (int)i);
		return;
	}
	if (n->rxq[i].r.on && !(old & RSCEN))
		nicsim_error(n->dev, NICSIM_E_STATE, "RSCCTL[%u].RSCEN while enabled", i);
	if (!(n599_get(n, N599_RDRXCTL) & RDRXCTL_RSCACKC))
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "RSCCTL[%u].RSCEN, but RDRXCTL.RSCACKC is clear", i);
	if (!n->rsc)
		n->rsc = calloc(1, sizeof(*n->rsc));
	if (!n->rsc)
		abort();
}

/* Moderation of the ring's vector bounds how long a frame may stay open (7.11.6). */
static u64 patience(const struct n599 *n, u32 q)
{
	u32 e = n599_get(n, N599_IVAR + 4 * (q >> 1)) >> 16 * (q & 1), v = e & 63;
	u32 eitr = n599_get(n, v < 24 ? N599_EITR + 4 * v : 0x12300 + 4 * (v - 24));
	u64 ns = (eitr >> 3 & 0x1ff) * 2048ull;

	return (e & 0x80) && ns ? ns : DEFAULT_NS;
}

static void close_flow(struct n599 *n, struct flow *f)
{
	f->open = false;
	n->rsc->open--;
	f->frame[16] = (u8)((f->len - 14) >> 8);
	f->frame[17] = (u8)(f->len - 14);
	f->info.starts = f->nstarts > 1 ? f->starts : NULL;
	f->info.nstarts = f->nstarts;
	if (n599_rxq_room(n, f->queue, f->len) <= 0) {
		n599_stats_queue_drop(n, f->queue);
		return;
	}
	if (n599_rxq_put(n, f->frame, f->len, &f->info)) {
		n599_stats_queue_rx(n, f->queue, f->len + 4);
		n599_irq_queue(n, f->queue, false);
	}
}

/* Close the flows of a ring (-1: of all); -2: free everything. */
void n599_rsc_flush(struct n599 *n, int queue)
{
	if (!n->rsc)
		return;
	for (u32 i = 0; i < FLOWS; i++) {
		struct flow *f = &n->rsc->flow[i];

		if (queue == -2) {
			free(f->frame);
			f->frame = NULL;
			f->open = false;
		} else if (f->open && (queue < 0 || f->queue == (u32)queue)) {
			close_flow(n, f);
		}
	}
	if (queue == -2) {
		free(n->rsc);
		n->rsc = NULL;
	}
}

void n599_rsc_timer(struct n599 *n, u64 now)
{
	if (!n->rsc || !n->rsc->open)
		return;
	for (u32 i = 0; i < FLOWS; i++) {
		struct flow *f = &n->rsc->flow[i];

		if (!f->open)
			continue;
		if (now >= f->deadline)
			close_flow(n, f);
		else
			nicsim_timer_at(n->dev, f->deadline);
	}
}

/* 7.11.2: what may be coalesced. */
static bool fits(const struct n599 *n, const struct n599_pkt *p, const struct n599_rxinfo *info,
		 u32 *header)
{
	const u8 *t = p->data + p->l4;
	u32 q = info->queue;

	if (!(n599_get(n, n599_rxo(N599_RSCCTL, q)) & RSCEN) ||
	    (n599_get(n, N599_RFCTL) & RFCTL_RSC_DIS) || n->rxq[q].type != 1)
		return false;
	if (!p->ip4 || !p->tcp || p->options || p->fragment || p->tagged || p->snap ||
	    p->ip_error || p->l4_error || info->error || info->immediate)
		return false;
	*header = p->l4 + (t[12] >> 4) * 4u;
	return !(t[13] & TCP_FIN_SYN_RST_URG_ECE_CWR) && (t[13] & TCP_ACK) && (t[12] >> 4) == 5 &&
	       p->l3_end > *header;
}

static struct flow *find(struct n599_rsc *r, u32 queue, const u8 *key)
{
	for (u32 i = 0; i < FLOWS; i++)
		if (r->flow[i].open && r->flow[i].queue == queue &&
		    !memcmp(r->flow[i].key, key, sizeof(r->flow[i].key)))
			return &r->flow[i];
	return NULL;
}

static bool start(struct n599 *n, const struct n599_pkt *p, const struct n599_rxinfo *info,
		  const u8 *key, u32 header)
{
	static const u8 buffers[4] = { 1, 4, 8, 16 };
	u32 q = info->queue, max = buffers[n599_get(n, n599_rxo(N599_RSCCTL, q)) >> 2 & 3];
	const u8 *t = p->data + p->l4;
	struct flow *f = NULL;

	for (u32 i = 0; i < FLOWS && !f; i++)
		if (!n->rsc->flow[i].open)
			f = &n->rsc->flow[i];
	if (!f || (t[13] & TCP_PSH) || p->l3_end > max * n->rxq[q].buffer)
		return false;
	if (!f->frame)
		f->frame = malloc(LONGEST + 1);
	if (!f->frame)
		abort();
	memcpy(f->key, key, sizeof(f->key));
	memcpy(f->frame, p->data, p->l3_end);
	f->open = true;
	f->queue = q;
	f->len = p->l3_end;
	f->header = header;
	f->limit = MIN(max * n->rxq[q].buffer, (u32)LONGEST);
	f->next = nicsim_get32(t + 4) + (p->l3_end - header);
	f->info = *info;
	f->starts[0] = 0;
	f->nstarts = 1;
	f->deadline = nicsim_now(n->dev) + patience(n, q);
	n->rsc->open++;
	nicsim_timer_at(n->dev, f->deadline);
	return true;
}

static void append(struct n599 *n, struct flow *f, const struct n599_pkt *p, u32 header)
{
	const u8 *t = p->data + p->l4;
	u8 *mine = f->frame + p->l4;
	u32 part = p->l3_end - header;

	memcpy(f->frame + f->len, p->data + header, part);
	f->starts[f->nstarts++] = f->len;
	f->len += part;
	f->next += part;
	memcpy(mine + 8, t + 8, 4);   /* acknowledgement */
	memcpy(mine + 14, t + 14, 2); /* window */
	mine[13] |= t[13] & TCP_PSH;
	if ((t[13] & TCP_PSH) || f->nstarts == ARRAY_SIZE(f->starts))
		close_flow(n, f);
}

/* True: the frame is in a flow. False: it goes by itself, after what was open of its flow. */
bool n599_rsc_put(struct n599 *n, const struct n599_pkt *p, const struct n599_rxinfo *info)
{
	struct flow *f = NULL;
	u32 header = 0, part;
	u8 key[12];
	bool can = fits(n, p, info, &header);

	if (!p->ip4 || !p->l4)
		return false;
	memcpy(key, p->data + p->l3 + 12, 8);
	memcpy(key + 8, p->data + p->l4, 4);
	if (n->rsc->open)
		f = find(n->rsc, info->queue, key);
	if (!f)
		return can && start(n, p, info, key, header);
	part = can ? p->l3_end - header : 0;
	if (!can || nicsim_get32(p->data + p->l4 + 4) != f->next || header != f->header ||
	    f->len + part > f->limit || n599_rxq_room(n, f->queue, f->len + part) <= 0) {
		close_flow(n, f);
		return can && start(n, p, info, key, header);
	}
	append(n, f, p, header);
	return true;
}
