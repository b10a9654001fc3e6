// SPDX-License-Identifier: MIT
/*
 * A wire that makes traffic and judges what comes back. Frames are UDP in IPv4 from 198.18.0.1 to
 * 198.18.1.1 (RFC 2544), each flow with its own source port; the payload begins with a mark, the
 * flow, a sequence number and the time. Received frames with the mark are checked per flow: lost,
 * reordered, duplicated, damaged.
 */
#include "tools/nicsim/wire.h"

#include <stdlib.h>
#include <string.h>

enum { HEADERS = 14 + 20 + 8, PAYLOAD = 24, SIZE_MIN = HEADERS + PAYLOAD, FLOWS_MAX = 65536 };
#define MARK 0x5049584e49435331ull /* "PIXNICS1" */

struct payload {
	u64 mark;
	u32 flow;
	u32 sum; /* of the other fields */
	u64 seq;
};

struct gen {
	struct nicsim_wire w;
	u64 pps, count, made, start; /* start ~0: not yet */
	u32 size, flows;
	bool held;               /* until nicsim_wire_go() */
	u64 *next_out, *next_in; /* by flow */
	u64 good, reordered, missing, bad, foreign;
	u8 frame[NICSIM_FRAME_MAX];
};

static void put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static u32 sum_of(const struct payload *p)
{
	return (u32)(p->seq ^ p->seq >> 32) * 2654435761u ^ p->flow;
}

static void frame_make(struct gen *g, u32 flow)
{
	static const u8 ip[20] = { 0x45, 0, 0,   0,  0, 0, 0x40, 0,  64, 17,
				   0,    0, 198, 18, 0, 1, 198,  18, 1,  1 };
	struct payload p = { .mark = MARK, .flow = flow, .seq = g->next_out[flow]++ };
	u32 sum = 0;
	u8 *f = g->frame;

	p.sum = sum_of(&p);
	memcpy(f, g->w.dev->mac, 6);
	memcpy(f + 6, "\x02PIX\0\1", 6);
	put16(f + 12, 0x0800);
	memcpy(f + 14, ip, 20);
	put16(f + 16, g->size - 14);
	for (u32 i = 0; i < 20; i += 2)
		sum += (u32)(f[14 + i] << 8 | f[15 + i]);
	sum = (sum & 0xffff) + (sum >> 16);
	put16(f + 24, ~(sum + (sum >> 16)) & 0xffff);
	put16(f + 34, 1024 + flow % 60000);
	put16(f + 36, 9);
	put16(f + 38, g->size - 34);
	put16(f + 40, 0);
	memcpy(f + HEADERS, &p, sizeof(p));
}

static u64 due(const struct gen *g)
{
	if (g->made == g->count || g->held)
		return ~0ull;
	return g->start == ~0ull ? 0 : g->start + (u64)((__uint128_t)g->made * 1000000000 / g->pps);
}

/* The generator starts when the NIC is ready for the first time, and then keeps its rate. */
static u32 gen_poll(struct nicsim_wire *w, u32 max)
{
	struct gen *g = (struct gen *)w;
	u64 now = nicsim_now(w->dev);
	u32 n;

	for (n = 0; n < max && due(g) <= now && w->ready(w->arg); n++) {
		if (g->start == ~0ull)
			g->start = now;
		frame_make(g, (u32)(g->made % g->flows));
		g->made++;
		w->in++;
		w->deliver(w->arg, g->frame, g->size);
	}
	return n;
}

static u64 gen_deadline(struct nicsim_wire *w)
{
	return due((struct gen *)w);
}

static void gen_send(struct nicsim_wire *w, const u8 *frame, u32 len)
{
	struct gen *g = (struct gen *)w;
	struct payload p;

	if (len < SIZE_MIN) {
		g->foreign++;
		return;
	}
	memcpy(&p, frame + HEADERS, sizeof(p));
	if (p.mark != MARK) {
		g->foreign++;
	} else if (p.flow >= g->flows || p.sum != sum_of(&p)) {
		g->bad++;
	} else if (p.seq < g->next_in[p.flow]) {
		g->reordered++;
	} else {
		g->missing += p.seq - g->next_in[p.flow];
		g->next_in[p.flow] = p.seq + 1;
		g->good++;
	}
}

static void gen_report(struct nicsim_wire *w, FILE *to)
{
	const struct gen *g = (const struct gen *)w;

	fprintf(to,
		"nicsim: %s: generator made %llu; sink: in order %llu, gaps %llu, late %llu, bad "
		"%llu, "
		"foreign %llu\n",
		w->dev->id, (unsigned long long)g->made, (unsigned long long)g->good,
		(unsigned long long)g->missing, (unsigned long long)g->reordered,
		(unsigned long long)g->bad, (unsigned long long)g->foreign);
}

static void gen_go(struct nicsim_wire *w)
{
	((struct gen *)w)->held = false;
}

static void gen_destroy(struct nicsim_wire *w)
{
	struct gen *g = (struct gen *)w;

	free(g->next_out);
	free(g->next_in);
	free(g);
}

static const struct nicsim_wire_ops ops = { .name = "gen",
					    .send = gen_send,
					    .poll = gen_poll,
					    .deadline = gen_deadline,
					    .report = gen_report,
					    .go = gen_go,
					    .destroy = gen_destroy };

/* Up to four numbers, and perhaps a word, between colons. */
static bool parse(const char *text, unsigned long long v[4], bool *held)
{
	u32 n = 0;

	for (const char *p = text;;) {
		char *end;

		*held = n && !strcmp(p, "held");
		if (*held)
			return true;
		if (n == 4)
			return false;
		v[n++] = strtoull(p, &end, 10);
		if (end == p || (*end && *end != ':'))
			return false;
		if (!*end)
			return true;
		p = end + 1;
	}
}

struct nicsim_wire *nicsim_wire_gen(const char *text, char *why, size_t whysize)
{
	unsigned long long v[4] = { 0, SIZE_MIN, ~0ull, 1 };
	bool held = false, good = parse(text, v, &held);
	struct gen *g;

	if (!good || !v[0] || v[0] > 1000000000 || v[1] < SIZE_MIN || v[1] > NICSIM_FRAME_MAX ||
	    !v[3] || v[3] > FLOWS_MAX) {
		snprintf(why, whysize,
			 "gen:%s: PPS[:SIZE[:COUNT[:FLOWS]]][:held], size %d to %d, at most %d "
			 "flows",
			 text, SIZE_MIN, NICSIM_FRAME_MAX, FLOWS_MAX);
		return NULL;
	}
	g = calloc(1, sizeof(*g));
	g->w.ops = &ops;
	g->w.light = true;
	g->pps = v[0];
	g->size = (u32)v[1];
	g->count = v[2] ? v[2] : ~0ull;
	g->flows = (u32)v[3];
	g->start = ~0ull;
	g->held = held;
	g->next_out = calloc(g->flows, sizeof(u64));
	g->next_in = calloc(g->flows, sizeof(u64));
	return &g->w;
}
