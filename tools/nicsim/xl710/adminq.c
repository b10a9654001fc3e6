// SPDX-License-Identifier: MIT
/*
 * The admin queue: the transmit ring (ATQ) with commands of the driver, the receive ring (ARQ)
 * with events of the firmware; both of 32-byte descriptors in host memory. Checks of the framing
 * are here, the commands in aq_*.c.
 *
 * Data sheet 332464: 7.10.1 to 7.10.5.
 */
#include "tools/nicsim/xl710/adminq.h"

#include <string.h>

enum {
	PF_ATQBAL = 0x080000,
	PF_ATQBAH = 0x080100,
	PF_ATQLEN = 0x080200,
	PF_ATQH = 0x080300,
	PF_ATQT = 0x080400,
	PF_ARQBAL = 0x080080,
	PF_ARQBAH = 0x080180,
	PF_ARQLEN = 0x080280,
	PF_ARQH = 0x080380,
	PF_ARQT = 0x080480,
	DESC = 32,
	LARGE = 512, /* buffers beyond it need LB */
	/* descriptor flags */
	F_DD = 1 << 0,
	F_CMP = 1 << 1,
	F_ERR = 1 << 2,
	F_LB = 1 << 9,
	F_RD = 1 << 10,
	F_BUF = 1 << 12,
	F_SI = 1 << 13,
	F_EI = 1 << 14,
	F_FE = 1 << 15,
	F_ANSWER = F_DD | F_CMP | F_ERR,
	F_KNOWN = F_LB | F_RD | F_BUF | F_SI | F_EI | F_FE,
	OP_GET_VERSION = 0x0001,
	OP_QUEUE_SHUTDOWN = 0x0003,
};
#define QENABLE    (1u << 31)
#define QOVFL      (1u << 29)
#define QCRIT      (1u << 30)
#define QLEN(x, r) (XR(x, r) & 0x3ff)

static const struct xl710_handler *const tables[] = {
	xl710_aq_generic, xl710_aq_switch, xl710_aq_filter, xl710_aq_sched,
	xl710_aq_link,    xl710_aq_nvm,    xl710_aq_lldp,   xl710_aq_rss,
};

static const struct xl710_handler *handler_find(u16 opcode)
{
	for (u32 t = 0; t < sizeof(tables) / sizeof(*tables); t++)
		for (const struct xl710_handler *h = tables[t]; h->name != NULL; h++)
			if (h->opcode == opcode)
				return h;
	return NULL;
}

void xl710_aq_reset(struct xl710 *x)
{
	static const u32 regs[] = { PF_ATQLEN, PF_ATQH, PF_ATQT, PF_ARQLEN, PF_ARQH, PF_ARQT };

	for (u32 i = 0; i < sizeof(regs) / sizeof(*regs); i++)
		XR(x, regs[i]) = 0;
	x->aq.stalled = x->aq.first_seen = false;
	x->aq.late = 0;
	x->aq.ev_head = x->aq.ev_tail = 0;
}

/* --- registers ------------------------------------------------------------------------------ */

static void len_write(struct xl710 *x, const char *name, u32 len, u32 head, u32 tail, u32 v)
{
	if ((v & QENABLE) == 0)
		return;
	if (QLEN(x, len) == 0)
		nicsim_error(x->dev, NICSIM_E_STATE, "%s enabled with length 0", name);
	if (XR(x, head) != 0 || XR(x, tail) != 0)
		nicsim_error(x->dev, NICSIM_E_STATE, "%s enabled with head %u, tail %u", name,
			     XR(x, head), XR(x, tail));
}

void xl710_atqlen_write(struct xl710 *x, u32 off, u32 v)
{
	(void)off;
	len_write(x, "ATQ", PF_ATQLEN, PF_ATQH, PF_ATQT, v);
	x->aq.stalled = x->aq.first_seen = false;
	x->aq.late = 0;
}

void xl710_arqlen_write(struct xl710 *x, u32 off, u32 v)
{
	(void)off;
	len_write(x, "ARQ", PF_ARQLEN, PF_ARQH, PF_ARQT, v);
}

static void tail_write(struct xl710 *x, const char *name, u32 len, u32 off, u32 v)
{
	if ((XR(x, len) & QENABLE) == 0) {
		if (v != 0)
			nicsim_error(x->dev, NICSIM_E_STATE, "%s tail %u while disabled", name, v);
	} else if (v >= QLEN(x, len)) {
		nicsim_error(x->dev, NICSIM_E_TAIL, "%s tail %u of %u", name, v, QLEN(x, len));
		XR(x, off) = XR(x, off) % QLEN(x, len);
	}
}

void xl710_atqt_write(struct xl710 *x, u32 off, u32 v)
{
	tail_write(x, "ATQ", PF_ATQLEN, off, v);
}

void xl710_arqt_write(struct xl710 *x, u32 off, u32 v)
{
	tail_write(x, "ARQ", PF_ARQLEN, off, v);
}

/* --- events --------------------------------------------------------------------------------- */

static u64 ring(struct xl710 *x, u32 bal, u32 bah)
{
	return (u64)XR(x, bah) << 32 | XR(x, bal);
}

/* One event into the descriptor at ARQH; false: no buffer there. */
static bool event_deliver(struct xl710 *x, const struct xl710_event *e)
{
	u64 at = ring(x, PF_ARQBAL, PF_ARQBAH) + (u64)XR(x, PF_ARQH) * DESC;
	u8 d[DESC];
	u16 flags, room;

	if ((XR(x, PF_ARQLEN) & QENABLE) == 0 || XR(x, PF_ARQH) == XR(x, PF_ARQT))
		return false;
	if (!nicsim_dma_read(x->dev, at, d, sizeof(d))) {
		XR(x, PF_ARQLEN) |= QCRIT;
		return false;
	}
	flags = xget16(d);
	room = xget16(d + 4);
	if ((flags & F_BUF) == 0 || room == 0 || (flags & F_ANSWER) != 0)
		nicsim_error(x->dev, NICSIM_E_DESC, "ARQ descriptor %u: flags %04x, length %u",
			     XR(x, PF_ARQH), flags, room);
	if (((flags & F_LB) != 0) != (room > LARGE))
		nicsim_error(x->dev, NICSIM_E_DESC, "ARQ descriptor %u: LB with length %u",
			     XR(x, PF_ARQH), room);
	if (e->len > 0) {
		u64 buf = (u64)xget32(d + 24) << 32 | xget32(d + 28);

		if (!nicsim_dma_write(x->dev, buf, e->data, e->len < room ? e->len : room))
			return false;
	}
	xput16(d, F_DD | F_CMP | (e->len > 0 ? F_BUF | (e->len > LARGE ? F_LB : 0) : 0));
	xput16(d + 2, e->opcode);
	xput16(d + 4, e->len);
	xput16(d + 6, 0);
	memset(d + 8, 0, 8);
	if (e->len > 0)
		memcpy(d + 16, e->param, 8); /* the address stays */
	else
		memcpy(d + 16, e->param, 16);
	nicsim_dma_write(x->dev, at + 4, d + 4, DESC - 4);
	nicsim_dma_write_back(x->dev, at, d, 4);
	XR(x, PF_ARQH) = (XR(x, PF_ARQH) + 1) % QLEN(x, PF_ARQLEN);
	xl710_cause(x, XL710_ICR0_ADMINQ);
	return true;
}

static void events_deliver(struct xl710 *x)
{
	while (x->aq.ev_head != x->aq.ev_tail &&
	       event_deliver(x, &x->aq.event[x->aq.ev_tail % XL710_EVENTS]))
		x->aq.ev_tail++;
}

void xl710_event(struct xl710 *x, u16 opcode, const u8 param[16], const u8 *data, u32 len)
{
	struct xl710_event *e = &x->aq.event[x->aq.ev_head % XL710_EVENTS];

	if (x->aq.ev_head - x->aq.ev_tail == XL710_EVENTS) {
		XR(x, PF_ARQLEN) |= QOVFL;
		return;
	}
	e->opcode = opcode;
	memcpy(e->param, param, 16);
	e->len = (u16)(len < sizeof(e->data) ? len : sizeof(e->data));
	if (e->len != 0)
		memcpy(e->data, data, e->len);
	x->aq.ev_head++;
	events_deliver(x);
	nicsim_kick(x->dev);
}

/* --- commands ------------------------------------------------------------------------------- */

static void wrong(struct xl710 *x, const struct xl710_cmd *c, const char *what)
{
	nicsim_error(x->dev, NICSIM_E_COMMAND, "admin command %04x: %s (flags %04x, length %u)",
		     c->opcode, what, c->flags, c->len);
}

/* The framing against what the command needs. */
static int check(struct xl710 *x, const struct xl710_handler *h, const struct xl710_cmd *c)
{
	bool buf = (c->flags & F_BUF) != 0;

	if (!x->aq.first_seen && c->opcode != OP_GET_VERSION)
		wrong(x, c, "comes before Get Version");
	if ((c->flags & ~F_KNOWN) != 0)
		wrong(x, c, "reserved or answer flags are set");
	if (buf && ((c->flags & F_LB) != 0) != (c->len > LARGE))
		wrong(x, c, "LB does not fit the length");
	if (!buf && c->len != 0)
		wrong(x, c, "a length without BUF");
	if (buf && (c->len == 0 || c->len > AQ_BUF_MAX)) {
		wrong(x, c, "buffer of a wrong size");
		return AQ_EINVAL;
	}
	if (h == NULL || (h->need & AQ_MAYBE) != 0)
		return AQ_OK;
	if (buf != ((h->need & (AQ_BUF | AQ_RD)) != 0)) {
		wrong(x, c, buf ? "has a buffer" : "has no buffer");
		return AQ_EINVAL;
	}
	if ((h->need & AQ_RD) != 0 && (c->flags & F_RD) == 0) {
		wrong(x, c, "has no RD");
		return AQ_EINVAL;
	}
	if (buf && c->len < h->min) {
		wrong(x, c, "buffer too small");
		return AQ_EINVAL;
	}
	return AQ_OK;
}

static int run(struct xl710 *x, struct xl710_cmd *c, u64 buf)
{
	const struct xl710_handler *h = handler_find(c->opcode);
	int rc = check(x, h, c);
	u64 arg;

	x->aq.first_seen = true;
	if (rc != AQ_OK)
		return rc;
	if (nicsim_fault(x->dev, "aq-error", &arg))
		return arg != 0 ? (int)arg : AQ_EIO;
	if (h == NULL)
		return AQ_ENOSYS;
	if ((c->flags & F_BUF) != 0 && (c->flags & F_RD) != 0) {
		if (!nicsim_dma_read(x->dev, buf, c->buf, c->len))
			return AQ_BAD_ADDR;
	} else if ((c->flags & F_BUF) != 0) {
		memset(c->buf, 0, c->len);
	}
	rc = h->run(x, c);
	if (nicsim_fault(x->dev, "aq-short", NULL))
		c->reply /= 2;
	if (c->reply > c->len)
		c->reply = c->len;
	if (c->reply != 0 && !nicsim_dma_write(x->dev, buf, c->buf, c->reply))
		return AQ_BAD_ADDR;
	return rc;
}

/* The command at ATQH. False: not now. */
static bool step(struct xl710 *x)
{
	static struct xl710_cmd c;
	u64 at = ring(x, PF_ATQBAL, PF_ATQBAH) + (u64)XR(x, PF_ATQH) * DESC;
	u64 arg, buf;
	u8 d[DESC];
	int rc;

	if (nicsim_fault(x->dev, "aq-timeout", NULL)) {
		x->aq.stalled = true;
		return false;
	}
	if (x->aq.late == 0 && nicsim_fault(x->dev, "aq-late", &arg)) {
		x->aq.late = xl710_now(x) + (arg != 0 ? arg : 1000) * 1000;
		xl710_wake_at(x, x->aq.late);
	}
	if (x->aq.late != 0 && xl710_now(x) < x->aq.late)
		return false;
	x->aq.late = 0;
	if (!nicsim_dma_read(x->dev, at, d, sizeof(d))) {
		XR(x, PF_ATQLEN) |= QCRIT;
		x->aq.stalled = true;
		return false;
	}
	c.flags = xget16(d);
	c.opcode = xget16(d + 2);
	c.len = xget16(d + 4);
	c.reply = c.want = 0;
	memcpy(c.param, d + 16, 16);
	buf = (u64)xget32(d + 24) << 32 | xget32(d + 28);
	rc = run(x, &c, buf);
	x->aq.commands++;
	x->aq.failed += rc != AQ_OK;
	nicsim_trace(x->dev, "admin command %04x: %d", c.opcode, rc);
	xput16(d, (c.flags & F_KNOWN) | F_DD | F_CMP | (rc != AQ_OK ? F_ERR : 0));
	xput16(d + 4, c.want != 0                             ? c.want
		      : (c.flags & F_RD) != 0 && c.reply == 0 ? c.len
							      : c.reply);
	xput16(d + 6, (u32)rc);
	memcpy(d + 16, c.param, 16);
	if ((c.flags & F_BUF) != 0) { /* the address comes back as it was given */
		xput32(d + 24, (u32)(buf >> 32));
		xput32(d + 28, (u32)buf);
	}
	if (x->rst.level != 0)
		return false; /* the command was a reset */
	nicsim_dma_write(x->dev, at + 4, d + 4, DESC - 4);
	nicsim_dma_write_back(x->dev, at, d, 4);
	XR(x, PF_ATQH) = (XR(x, PF_ATQH) + 1) % QLEN(x, PF_ATQLEN);
	xl710_cause(x, XL710_ICR0_ADMINQ);
	if (c.opcode == OP_QUEUE_SHUTDOWN) { /* the last one that is answered (7.10.5.3) */
		XR(x, PF_ATQLEN) &= ~QENABLE;
		XR(x, PF_ARQLEN) &= ~QENABLE;
	}
	return true;
}

bool xl710_aq_work(struct xl710 *x)
{
	events_deliver(x);
	for (u32 n = 0; n < 32; n++) {
		if ((XR(x, PF_ATQLEN) & QENABLE) == 0 || XR(x, PF_ATQH) == XR(x, PF_ATQT) ||
		    x->aq.stalled || QLEN(x, PF_ATQLEN) == 0)
			return false;
		if (!step(x))
			return false;
	}
	return true;
}
