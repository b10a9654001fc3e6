// SPDX-License-Identifier: MIT
/* flows: numbered traffic (flows.h). */
#include "tests/unit/qgm/flows.h"

#include <string.h>

struct payload {
	u32 magic, flow;
	u64 seq, pattern, sum;
} __packed;

enum { HEADERS = 14 + 20 + 8, MAGIC = 0x50495821 };

_Static_assert(HEADERS + sizeof(struct payload) == FLOW_FRAME_MIN, "smallest frame");

void flows_init(struct flows *f, u64 seed, u32 n)
{
	*f = (struct flows){ .seed = seed, .n = n };
}

u64 flows_random(struct flows *f)
{
	f->seed ^= f->seed << 13;
	f->seed ^= f->seed >> 7;
	f->seed ^= f->seed << 17;
	return f->seed;
}

static u64 sum_of(const struct payload *p, const u8 *rest, u32 n)
{
	u64 h = 0xcbf29ce484222325ull ^ p->flow;

	h = (h ^ p->seq) * 0x100000001b3ull;
	h = (h ^ p->pattern) * 0x100000001b3ull;
	for (u32 i = 0; i < n; i++)
		h = (h ^ rest[i]) * 0x100000001b3ull;
	return h;
}

u32 flows_make(struct flows *f, u32 flow, u32 src, u32 dst, u8 *data, u32 max)
{
	u64 r = flows_random(f);
	/* Mostly short frames, some long: the shape of real traffic, and cheap to make. */
	u32 len = r % 16 ? FLOW_FRAME_MIN + (u32)(r >> 8) % 32
			 : FLOW_FRAME_MIN + (u32)(r >> 8) % (max - FLOW_FRAME_MIN + 1);
	struct payload p = { .magic = MAGIC, .flow = flow, .seq = f->sent[flow]++, .pattern = r };
	u16 iplen;

	if (len > max)
		len = max;
	iplen = (u16)(len - 14);
	memset(data, 0, HEADERS);
	memcpy(data,
	       (const u8[]){ 2, 0, 0, 0, (u8)(dst >> 8), (u8)dst, 2, 0, 0, 0, (u8)(src >> 8),
			     (u8)src, 8, 0 },
	       14);
	memcpy(data + 14, (const u8[]){ 0x45, 0, (u8)(iplen >> 8), (u8)iplen, 0, 0, 0, 0, 64, 17 },
	       10);
	memcpy(data + 26,
	       (const u8[]){ 10, 0, (u8)(src >> 8), (u8)src, 10, 0, (u8)(dst >> 8), (u8)dst }, 8);
	data[34] = (u8)(flow >> 8);
	data[35] = (u8)flow;
	for (u32 i = FLOW_FRAME_MIN; i < len; i++)
		data[i] = (u8)(r + i);
	p.sum = sum_of(&p, data + FLOW_FRAME_MIN, len - FLOW_FRAME_MIN);
	memcpy(data + HEADERS, &p, sizeof(p));
	return len;
}

void flows_take(struct flows *f, const u8 *data, u32 len)
{
	struct payload p;

	f->total++;
	if (len < FLOW_FRAME_MIN) {
		f->unknown++;
		return;
	}
	memcpy(&p, data + HEADERS, sizeof(p));
	if (p.magic != MAGIC || p.flow >= f->n) {
		f->unknown++;
		return;
	}
	if (p.sum != sum_of(&p, data + FLOW_FRAME_MIN, len - FLOW_FRAME_MIN)) {
		f->damaged++;
		return;
	}
	f->received[p.flow]++;
	if (p.seq < f->expected[p.flow]) {
		f->disorder++; /* late, or a second copy */
		return;
	}
	f->gaps += p.seq - f->expected[p.flow];
	f->expected[p.flow] = p.seq + 1;
}
