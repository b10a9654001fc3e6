// SPDX-License-Identifier: MIT
/* wire: links and capture files behind ports of the hosted data plane (wire.h). */
#include "tools/bench/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "qgm/atomic.h"
#include "qgm/env.h"

enum {
	SLOTS = 512,
	FRAME_MAX = POOL_CLASS_STD - PACKET_HEADROOM,
	PCAP_MAGIC = 0xa1b2c3d4, /* libpcap file format, microseconds */
	PCAP_ETHERNET = 1,
};

/* One direction: a ring of frames, single producer and consumer. */
struct lane {
	u32 head __cacheline;
	u32 tail __cacheline;
	struct {
		u16 len;
		u8 data[FRAME_MAX];
	} slot[SLOTS];
};

struct frame {
	u16 len;
	u8 *data;
};

struct wire {
	struct port *port;
	struct lane *in, *out; /* of a link */
	struct frame *play;
	u32 nplay, next;
	u64 left;
	FILE *record;
	u64 received, sent, lost;
	struct packet *tx[SLOTS]; /* sent, not reclaimed */
	u32 ntx;
};

static struct wire *of(const struct port *p)
{
	return p->priv;
}

static int wire_start(struct port *p, u64 now)
{
	(void)now;
	p->link = true;
	p->full_duplex = true;
	return 0;
}

static u32 wire_reclaim(struct port *p, u32 queue, struct pool_cache *pc)
{
	struct wire *w = of(p);
	u32 n = w->ntx;

	(void)queue;
	for (u32 i = 0; i < n; i += BURST_MAX)
		pool_put(pc, w->tx + i, MIN(n - i, (u32)BURST_MAX));
	w->ntx = 0;
	return n;
}

static int wire_stop(struct port *p, u64 now)
{
	(void)now;
	if (p->pc)
		wire_reclaim(p, 0, p->pc);
	return 0;
}

/* The oldest frame that waits, NULL: none. */
static const u8 *peek(const struct wire *w, u16 *len)
{
	if (w->in && load_acquire(&w->in->head) != w->in->tail) {
		*len = w->in->slot[w->in->tail % SLOTS].len;
		return w->in->slot[w->in->tail % SLOTS].data;
	}
	if (w->left) {
		*len = w->play[w->next].len;
		return w->play[w->next].data;
	}
	return NULL;
}

static void taken(struct wire *w)
{
	if (w->in && load_acquire(&w->in->head) != w->in->tail) {
		store_release(&w->in->tail, w->in->tail + 1);
		return;
	}
	w->left--;
	w->next = w->next + 1 == w->nplay ? 0 : w->next + 1;
}

static u32 wire_rx(struct port *p, u32 queue, struct pool_cache *pc, struct packet **pkts, u32 max)
{
	struct wire *w = of(p);
	const u8 *data;
	u32 n = 0;
	u16 len;

	(void)queue;
	while (n < max && (data = peek(w, &len)) != NULL) {
		if (!pool_get(pc, &pkts[n], 1)) {
			p->nic.rx_nobuf++;
			break;
		}
		memcpy(pkts[n]->data, data, len);
		pkts[n++]->len = len;
		taken(w);
	}
	w->received += n;
	return n;
}

static void put32(FILE *f, u32 v)
{
	fwrite(&v, sizeof(v), 1, f);
}

static void send(struct wire *w, const struct packet *p)
{
	if (w->record) {
		for (u32 i = 0; i < 2; i++)
			put32(w->record, 0); /* no clock: the same input gives the same file */
		put32(w->record, p->len);
		put32(w->record, p->len);
		fwrite(p->data, p->len, 1, w->record);
	}
	if (w->out) {
		u32 head = w->out->head;

		if (head - load_acquire(&w->out->tail) == SLOTS || p->len > FRAME_MAX) {
			w->lost++;
			return;
		}
		w->out->slot[head % SLOTS].len = p->len;
		memcpy(w->out->slot[head % SLOTS].data, p->data, p->len);
		store_release(&w->out->head, head + 1);
	}
}

static u32 wire_tx(struct port *p, u32 queue, struct packet *const *pkts, u32 n)
{
	struct wire *w = of(p);

	(void)queue;
	n = MIN(n, SLOTS - w->ntx);
	for (u32 i = 0; i < n; i++) {
		send(w, pkts[i]);
		w->tx[w->ntx++] = pkts[i];
	}
	w->sent += n;
	return n;
}

static u32 wire_buffers(const struct port *p, u32 queue)
{
	(void)queue;
	return of(p)->ntx;
}

static const struct port_ops wire_ops = {
	.name = "wire",
	.start = wire_start,
	.stop = wire_stop,
	.rx = wire_rx,
	.tx = wire_tx,
	.reclaim = wire_reclaim,
	.buffers = wire_buffers,
};

struct wire *wire_create(void)
{
	struct wire *w = env_alloc(ENV_PRIVATE, sizeof(*w), CACHE_LINE, 0);
	struct port *p = port_alloc(0);

	if (!w || !p)
		return NULL;
	w->port = p;
	p->ops = &wire_ops;
	p->priv = w;
	return port_register(p) ? NULL : w;
}

struct port *wire_port(struct wire *w)
{
	return w->port;
}

void wire_link(struct wire *a, struct wire *b)
{
	a->out = b->in = env_alloc(ENV_PRIVATE, sizeof(struct lane), CACHE_LINE, 0);
	b->out = a->in = env_alloc(ENV_PRIVATE, sizeof(struct lane), CACHE_LINE, 0);
}

static bool read_frame(struct wire *w, FILE *f, bool swapped)
{
	u32 head[4], len;
	struct frame *fr;

	if (fread(head, sizeof(head), 1, f) != 1)
		return false;
	len = swapped ? __builtin_bswap32(head[2]) : head[2];
	if (len > FRAME_MAX)
		return false;
	fr = realloc(w->play, (w->nplay + 1) * sizeof(*fr));
	if (!fr)
		return false;
	w->play = fr;
	fr += w->nplay;
	fr->len = (u16)len;
	fr->data = malloc(len ? len : 1);
	if (!fr->data || fread(fr->data, 1, len, f) != len)
		return false;
	w->nplay++;
	return true;
}

int wire_play(struct wire *w, const char *path, unsigned times)
{
	FILE *f = fopen(path, "rb");
	u32 head[6];
	bool swapped, ok;

	if (!f)
		return -1;
	ok = fread(head, sizeof(head), 1, f) == 1;
	swapped = ok && head[0] == __builtin_bswap32(PCAP_MAGIC);
	ok = ok && (swapped || head[0] == PCAP_MAGIC) &&
	     (swapped ? __builtin_bswap32(head[5]) : head[5]) == PCAP_ETHERNET;
	while (ok && read_frame(w, f, swapped))
		;
	ok = ok && feof(f) && w->nplay;
	fclose(f);
	w->left = ok ? (u64)w->nplay * times : 0;
	return ok ? 0 : -1;
}

int wire_record(struct wire *w, const char *path)
{
	const u32 head[6] = { PCAP_MAGIC, 4u << 16 | 2, 0, 0, 65535, PCAP_ETHERNET };

	w->record = fopen(path, "wb");
	if (!w->record)
		return -1;
	return fwrite(head, sizeof(head), 1, w->record) == 1 ? 0 : -1;
}

int wire_close(struct wire *w)
{
	int bad = !w->record || ferror(w->record) | fclose(w->record);

	w->record = NULL;
	return bad ? -1 : 0;
}

u64 wire_received(const struct wire *w)
{
	return w->received;
}

u64 wire_sent(const struct wire *w)
{
	return w->sent;
}

u64 wire_lost(const struct wire *w)
{
	return w->lost;
}
