// SPDX-License-Identifier: MIT
/*
 * Flow Director (data sheet 7.1.2.7): perfect filters (fields compared under masks) and hash
 * filters (a signature), chained in 8192 buckets by the bucket hash, programmed through FDIR*
 * registers with FDIRCMD.
 *
 * A filter is kept with the fields that the driver gave; the chip finds it again by the hash of the
 * packet's masked fields, so a driver that computes the bucket wrongly has a filter that never
 * matches: the model behaves the same.
 */
#include "tools/nicsim/82599/hooks.h"

#include <stdlib.h>
#include <string.h>

enum {
	BUCKETS = 8192,
	CTRL_PBALLOC = 3,
	CTRL_INIT_DONE = 1 << 3,
	CTRL_PERFECT = 1 << 4,
	CTRL_REPORT = 1 << 5,
	CTRL_REPORT_ALWAYS = 1 << 7,
	CMD_MASK = 3,
	CMD_ADD = 1,
	CMD_REMOVE = 2,
	CMD_QUERY = 3,
	CMD_VALID = 1 << 2,
	CMD_UPDATE = 1 << 3,
	CMD_IPV6 = 1 << 7,
	CMD_CLEARHT = 1 << 8,
	CMD_DROP = 1 << 9,
	CMD_LAST = 1 << 11,
	CMD_QUEUE_EN = 1 << 15,
	M_VLANID = 1,
	M_VLANP = 2,
	M_POOL = 4,
	M_L4P = 8,
	M_FLEX = 16,
	INIT_NS = 60000,
	CMD_NS = 500,
	S_FLM = 1 << 2,
	FLOW = 41, /* byte of the stream */
};

struct n599_filter {
	struct n599_filter *next;
	u8 stream[42];       /* perfect: what a packet must give */
	u16 signature, soft; /* hash filters: signature; perfect: software index */
	u8 queue;
	bool drop, queue_en;
	u8 flow; /* FDIRCMD.L4TYPE and IPV6 */
};

struct n599_fdir {
	struct n599_filter *bucket[BUCKETS];
	u32 filters, max;
	u32 adds, removes, failed_adds, failed_removes;
};

/*
 * 7.1.2.7.5: Hash[15:0] = XOR over n = 0..350 of S[n] where K[n], with K the 32-bit key repeated
 * (K[350:0] = (11 times key)[351:1]) and S[n] = bits n+15..n of the stream that is 336 bits long
 * and has its own last 15 bits before and its first 15 bits behind it.
 */
u32 n599_fdir_hash(const u8 stream[42], u32 key)
{
	u8 ext[48] = { 0 }; /* bit i of the extended stream: ext[i / 8] >> (i % 8) */
	u32 hash = 0;

	/* ext[365:0] = stream[14:0] | stream[335:0] | stream[335:321] */
	for (u32 i = 0; i < 366; i++) {
		u32 b = i < 15 ? 321 + i : i < 351 ? i - 15 : i - 351;
		u32 bit = stream[41 - b / 8] >> (b & 7) & 1;

		ext[i / 8] |= (u8)(bit << (i & 7));
	}
	for (u32 i = 0; i < 351; i++) {
		u32 w;

		if (!(key >> ((i + 1) & 31) & 1))
			continue;
		w = ext[i / 8] | (u32)ext[i / 8 + 1] << 8 | (u32)ext[i / 8 + 2] << 16;
		hash ^= w >> (i & 7) & 0xffff;
	}
	return hash;
}

void n599_fdir_reset(struct n599 *n)
{
	struct n599_fdir *d = n->fdir;

	if (!d)
		return;
	for (u32 b = 0; b < BUCKETS; b++)
		for (struct n599_filter *f = d->bucket[b]; f;) {
			struct n599_filter *next = f->next;

			free(f);
			f = next;
		}
	free(d);
	n->fdir = NULL;
}

static void free_count(struct n599 *n)
{
	n599_set(n, N599_FDIRFREE,
		 (n599_get(n, N599_FDIRFREE) & 0xffff0000u) | (n->fdir->max - n->fdir->filters));
}

/* Initialisation starts with the write that sets PBALLOC; INIT_DONE some 60 us later. */
N599_WR(fdirctrl)
{
	u32 alloc = raw & CTRL_PBALLOC;

	n599_fdir_reset(n);
	n599_set(n, N599_FDIRCTRL, n599_get(n, N599_FDIRCTRL) & ~(u32)CTRL_INIT_DONE);
	if (!alloc)
		return;
	if ((n599_get(n, N599_RXPBSIZE) >> 10) + (32u << alloc) > 512)
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "FDIRCTRL.PBALLOC %u: RXPBSIZE[0] leaves no room of %u KiB", alloc,
			     32u << alloc);
	n->fdir = calloc(1, sizeof(*n->fdir));
	if (!n->fdir)
		abort();
	/* 8.2.3.21.1: 64, 128, 256 KiB: 2K, 4K, 8K perfect or four times as many hash filters,
	 * less 2 */
	n->fdir->max = (1024u << alloc) * (raw & CTRL_PERFECT ? 1 : 4) - 2;
	n->fdir_done = nicsim_now(n->dev) + INIT_NS;
	free_count(n);
}

N599_RD(fdirctrl)
{
	if (!n->fdir || nicsim_fault(n->dev, "fdir-stuck", NULL) || (v & CTRL_INIT_DONE))
		return v;
	if (n599_reached(n, &n->fdir_done))
		n599_set(n, N599_FDIRCTRL, v |= CTRL_INIT_DONE);
	return v;
}

/* --- the input stream
 * ------------------------------------------------------------------------------ */

static u32 swap_bits(u32 v)
{
	u32 r = 0;

	for (u32 i = 0; i < 16; i++)
		r |= (v >> i & 1) << (15 - i);
	return r;
}

/* Addresses, their masks and the flexible bytes are big endian in their registers: the low byte is
 * the first one on the wire (8.2.3.21). Ports and VLAN are numbers. */
static u32 as_on_wire(const struct n599 *n, u32 off)
{
	return __builtin_bswap32(n599_get(n, off));
}

/* Masked fields of a packet in the order of 7.1.2.7.5, the highest first: VLAN, destination,
 * source, ports, flexible bytes, pool and flow type. False: no IP packet. */
static bool stream_of(struct n599 *n, const struct n599_pkt *p, u8 s[42], u8 *flow)
{
	u32 m = n599_get(n, N599_FDIRM), ports, vlan = 0;
	u32 pm = n599_get(n, p->udp ? N599_FDIRUDPM : N599_FDIRTCPM);
	const u8 *h = p->data + p->l3;

	if (!p->l3)
		return false;
	memset(s, 0, 42);
	*flow = (u8)((p->udp ? 1 : p->tcp ? 2 : p->sctp ? 3 : 0) | (p->ip6 ? 4 : 0));
	s[FLOW] = m & M_L4P ? (u8)(*flow & 4) : *flow;
	if (p->tagged)
		vlan = p->tci & ~0x1000u;
	vlan &= (m & M_VLANID ? 0 : 0xfff) | (m & M_VLANP ? 0 : 0xe000);
	s[0] = (u8)(vlan >> 8);
	s[1] = (u8)vlan;
	if (p->ip4) {
		nicsim_put32(s + 2, nicsim_get32(h + 16) & ~as_on_wire(n, N599_FDIRDIP4M));
		nicsim_put32(s + 18, nicsim_get32(h + 12) & ~as_on_wire(n, N599_FDIRSIP4M));
	} else {
		memcpy(s + 2, h + 24, 16);
		memcpy(s + 18, h + 8, 16);
	}
	if (p->l4 && !(m & M_L4P && !p->sctp)) {
		ports = nicsim_get32(p->data + p->l4);
		if (!p->sctp) /* mask registers have their bits in reverse: 8.2.3.21.11 */
			ports &= ~(swap_bits(pm & 0xffff) << 16 | swap_bits(pm >> 16));
		nicsim_put32(s + 34, ports);
	}
	if (!(m & M_FLEX)) {
		u32 off = (n599_get(n, N599_FDIRCTRL) >> 16 & 31) * 2;

		if (off + 2 <= p->len)
			memcpy(s + 38, p->data + off, 2);
	}
	return true;
}

/* The same from the programming registers. */
static void stream_of_filter(struct n599 *n, u32 cmd, u8 s[42])
{
	u32 m = n599_get(n, N599_FDIRM), v = n599_get(n, N599_FDIRVLAN);
	u32 port = n599_get(n, N599_FDIRPORT);
	u32 pm = n599_get(n, (cmd >> 5 & 3) == 1 ? N599_FDIRUDPM : N599_FDIRTCPM);
	u32 vlan = v & ((m & M_VLANID ? 0 : 0xfff) | (m & M_VLANP ? 0 : 0xe000));

	memset(s, 0, 42);
	s[FLOW] = (u8)(m & M_L4P ? cmd >> 5 & 4 : cmd >> 5 & 7);
	s[0] = (u8)(vlan >> 8);
	s[1] = (u8)vlan;
	nicsim_put32(s + 2, as_on_wire(n, N599_FDIRIPDA) & ~as_on_wire(n, N599_FDIRDIP4M));
	nicsim_put32(s + 18, as_on_wire(n, N599_FDIRIPSA) & ~as_on_wire(n, N599_FDIRSIP4M));
	if (!(m & M_L4P)) {
		nicsim_put32(s + 34, port << 16 | port >> 16);
		if ((cmd >> 5 & 3) != 3)
			nicsim_put32(s + 34, nicsim_get32(s + 34) & ~(swap_bits(pm & 0xffff) << 16 |
								      swap_bits(pm >> 16)));
	}
	if (!(m & M_FLEX)) {
		s[38] = (u8)(v >> 16);
		s[39] = (u8)(v >> 24);
	}
}

/* --- commands
 * ------------------------------------------------------------------------------------------ */

static bool perfect(const struct n599 *n)
{
	return n599_get(n, N599_FDIRCTRL) & CTRL_PERFECT;
}

static struct n599_filter **find(struct n599 *n, u32 hash)
{
	struct n599_filter **f = &n->fdir->bucket[hash & (BUCKETS - 1)];
	u16 id = (u16)(hash >> 16);

	while (*f && (perfect(n) ? (*f)->soft : (*f)->signature) != id)
		f = &(*f)->next;
	return f;
}

static void bump(struct n599 *n, u32 off, u32 shift, u32 limit)
{
	u32 v = n599_get(n, off) >> shift & limit;

	if (v < limit)
		n599_set(n, off, n599_get(n, off) + (1u << shift));
}

static void add(struct n599 *n, u32 cmd, u32 hash)
{
	struct n599_filter **at = find(n, hash), *f = *at;

	if (f && !(cmd & CMD_UPDATE)) {
		bump(n, N599_FDIRFSTAT, 0, 0xff);
		return;
	}
	if (!f) {
		if (n->fdir->filters >= n->fdir->max || !(f = calloc(1, sizeof(*f)))) {
			bump(n, N599_FDIRFSTAT, 0, 0xff);
			n599_irq_misc(n, N599_EICR_FDIR);
			/* Hash filters that do not fit are everyday life; a perfect one is a rule
			 * that somebody set and that nothing else says is missing. */
			if (perfect(n))
				nicsim_error(n->dev, NICSIM_E_STATE,
					     "perfect filter %u, %u fit into FDIRCTRL.PBALLOC %u",
					     n->fdir->filters + 1, n->fdir->max,
					     n599_get(n, N599_FDIRCTRL) & CTRL_PBALLOC);
			return;
		}
		*at = f;
		n->fdir->filters++;
		bump(n, N599_FDIRUSTAT, 0, 0xffff);
	}
	f->soft = f->signature = (u16)(hash >> 16);
	f->queue = cmd >> 16 & 127;
	f->drop = cmd & CMD_DROP;
	f->queue_en = cmd & CMD_QUEUE_EN;
	f->flow = cmd >> 5 & 7;
	if (perfect(n))
		stream_of_filter(n, cmd, f->stream);
	free_count(n);
}

static void remove_filter(struct n599 *n, u32 hash)
{
	struct n599_filter **at = find(n, hash), *f = *at;

	if (!f) {
		bump(n, N599_FDIRFSTAT, 8, 0xff);
		return;
	}
	*at = f->next;
	free(f);
	n->fdir->filters--;
	bump(n, N599_FDIRUSTAT, 16, 0xffff);
	free_count(n);
}

N599_WR(fdircmd)
{
	u32 hash = n599_get(n, N599_FDIRHASH), v = raw & ~(u32)(CMD_MASK | CMD_VALID);

	if (old & CMD_MASK)
		nicsim_error(n->dev, NICSIM_E_STATE, "FDIRCMD written while a command runs");
	if (raw & CMD_CLEARHT) {
		n599_set(n, N599_FDIRCMD, raw & ~(u32)CMD_MASK);
		return;
	}
	if (!(raw & CMD_MASK))
		return;
	if (!n->fdir ||
	    !(n599_rd_fdirctrl(n, NULL, 0, n599_get(n, N599_FDIRCTRL)) & CTRL_INIT_DONE)) {
		nicsim_error(n->dev, NICSIM_E_STATE, "FDIRCMD before FDIRCTRL.INIT_DONE");
		n599_set(n, N599_FDIRCMD, v);
		return;
	}
	if ((raw & CMD_MASK) == CMD_ADD && !(raw & CMD_LAST))
		nicsim_error(n->dev, NICSIM_E_RESERVED, "FDIRCMD %08x: Last is clear", raw);
	if ((raw & CMD_MASK) == CMD_ADD)
		add(n, raw, hash);
	else if ((raw & CMD_MASK) == CMD_REMOVE)
		remove_filter(n, hash);
	else if (*find(n, hash))
		v |= CMD_VALID;
	n599_set(n, N599_FDIRCMD, v | (raw & CMD_MASK));
	n->fdir_done = nicsim_now(n->dev) + CMD_NS;
}

/* The command field reads back as 0 when the command is done. */
N599_RD(fdircmd)
{
	if (!(v & CMD_MASK) || nicsim_fault(n->dev, "fdir-stuck", NULL))
		return v;
	if (n599_reached(n, &n->fdir_done))
		n599_set(n, N599_FDIRCMD, v &= ~(u32)CMD_MASK);
	return v;
}

/* --- matching
 * ------------------------------------------------------------------------------------------- */

int n599_fdir_match(struct n599 *n, const struct n599_pkt *p, struct n599_rxinfo *info)
{
	u32 ctrl = n599_get(n, N599_FDIRCTRL), bucket, sig = 0;
	struct n599_filter *f;
	u8 s[42], flow;

	if (!(ctrl & CTRL_INIT_DONE) || p->fragment || !stream_of(n, p, s, &flow))
		return -1;
	bucket = n599_fdir_hash(s, n599_get(n, N599_FDIRHKEY)) & 0x7fff;
	if (!perfect(n))
		sig = n599_fdir_hash(s, n599_get(n, N599_FDIRSKEY)) & 0x7fff;
	for (f = n->fdir->bucket[bucket & (BUCKETS - 1)]; f; f = f->next)
		if (perfect(n) ? !memcmp(f->stream, s, sizeof(s)) : f->signature == sig)
			break;
	if (!f) {
		n599_count(n, N599_FDIRMISS, 1);
		if (ctrl & CTRL_REPORT_ALWAYS) {
			info->hash = (bucket & 0x1fff) | sig << 16;
			info->fdir = true;
		}
		return -1;
	}
	n599_count(n, N599_FDIRMATCH, 1);
	info->status |= S_FLM;
	if (ctrl & (CTRL_REPORT | CTRL_REPORT_ALWAYS)) {
		info->hash = (bucket & 0x1fff) | (u32)(perfect(n) ? f->soft : f->signature) << 16;
		info->rss = 15;
		info->fdir = true;
	}
	if (f->drop)
		return (int)(ctrl >> 8 & 127);
	return f->queue_en ? f->queue : -1;
}
