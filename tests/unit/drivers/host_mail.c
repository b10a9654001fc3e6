// SPDX-License-Identifier: MIT
#include "tests/unit/drivers/host_mail.h"
#include "tests/unit/unit.h"

/* By the data sheet, not by the driver's header. */
enum { BOX = 0x2fc, WORDS = 0x200, WORDS_END = WORDS + 4 * HOST_WORDS };
enum { REQ = 1, ACK = 2, VFU = 4, PFSTS = 0x10, PFACK = 0x20, RSTI = 0x40, RSTD = 0x80 };
enum { RESET = 1, API = 8, GET_QUEUES = 9, XCAST = 12 };
#define YES   0x80000000u
#define NO    0x40000000u
#define READY 0x20000000u

struct host host;

static struct {
	u64 (*rd)(void *m, u32 bar, u64 off, u32 bytes);
	void (*wr)(void *m, u32 bar, u64 off, u32 bytes, u64 v);
	u32 words[HOST_WORDS];
	u32 what; /* of the message that the model has or had */
	/* An answer or a message of our own is in the box. */
	bool own;
	u32 own_bits;
	u32 own_words[HOST_WORDS];
} mid;

static void answer_self(u32 bits, u32 first)
{
	mid.own = true;
	mid.own_bits = bits;
	memset(mid.own_words, 0, sizeof(mid.own_words));
	mid.own_words[0] = first;
}

static bool is_no(u32 what)
{
	return host.refuse >> what & 1 || (what == API && mid.words[1] > host.api) ||
	       (what == XCAST && mid.words[1] > host.xcast) || (what == RESET && host.no_address);
}

static void request(void *m, u32 bar, u64 off)
{
	u32 what = mid.words[0] & 0xffff;

	assert_true(what < HOST_OPCODES);
	host.asked[what]++;
	memcpy(host.last[what], mid.words, sizeof(mid.words));
	mid.what = what;
	if (host.silent || (is_no(what) && what != RESET)) {
		mid.wr(m, bar, off, 4, 0); /* the box is let go */
		if (!host.silent)
			answer_self(PFACK | PFSTS, mid.words[0] | NO | READY);
		return;
	}
	mid.wr(m, bar, off, 4, REQ);
}

static void wr(void *m, u32 bar, u64 off, u32 bytes, u64 v)
{
	if (bar == 0 && off >= WORDS && off < WORDS_END)
		mid.words[(off - WORDS) / 4] = (u32)v;
	if (bar != 0 || off != BOX) {
		mid.wr(m, bar, off, bytes, v);
	} else if (v & REQ) {
		mid.own = false;
		request(m, bar, off);
	} else if (mid.own && v & ACK) {
		mid.own = false;
		mid.wr(m, bar, off, bytes, 0);
	} else {
		mid.wr(m, bar, off, bytes, v);
	}
}

static u64 box(void *m, u64 v)
{
	(void)m;
	if (host.says && !mid.own) {
		answer_self(PFSTS, host.says);
		host.says = 0;
	}
	if (mid.own) {
		v |= mid.own_bits;
		mid.own_bits = 0;
	}
	if (host.resetting)
		v |= RSTI;
	if (host.was_reset)
		v |= RSTD;
	host.was_reset = false;
	return v;
}

/* A word of the model's answer, as this host would have it. */
static u64 word(u32 i, u64 v)
{
	if (mid.what == GET_QUEUES && (i == 1 || i == 2) && host.queues[i - 1])
		return host.queues[i - 1];
	if (mid.what == RESET && i == 0 && host.no_address)
		return (v & ~(u64)YES) | NO;
	if (mid.what == RESET && (i == 1 || i == 2) && host.no_address)
		return 0;
	if (mid.what == XCAST && i == 1)
		return MIN((u32)v, host.trust);
	return v;
}

static u64 rd(void *m, u32 bar, u64 off, u32 bytes)
{
	u64 v = mid.rd(m, bar, off, bytes);

	if (bar != 0 || ((struct model *)m)->removed)
		return v;
	if (off == BOX)
		return box(m, v);
	if (off < WORDS || off >= WORDS_END)
		return v;
	return mid.own ? mid.own_words[(off - WORDS) / 4] : word((u32)(off - WORDS) / 4, v);
}

struct model *host_between(struct model *m)
{
	memset(&mid, 0, sizeof(mid));
	memset(&host, 0, sizeof(host));
	host.api = host.xcast = host.trust = ~0u;
	mid.rd = m->rd;
	mid.wr = m->wr;
	m->rd = rd;
	m->wr = wr;
	return m;
}
