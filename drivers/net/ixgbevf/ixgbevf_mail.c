// SPDX-License-Identifier: MIT
/*
 * Mail to the driver of the physical function (7.10.2.9.2): take the box (VFU reads back as set
 * unless the other side has it), put the words, say REQ; PFACK, then PFSTS for the answer, take
 * the box again, read, say ACK. The host may say something by itself at any time, also where an
 * answer is awaited. A machine, called again; every exchange has a deadline. Boot CPU in probe,
 * owner QGM.
 */
#include "drivers/net/ixgbevf/ixgbevf.h"

enum { MAIL_IDLE, MAIL_TAKE, MAIL_SENT, MAIL_ANSWER };
enum { MAIL_MS = 500 }; /* then the port is up without a link, and asks again */

/* Bits that reading clears are kept. */
static u32 look(struct ixgbevf *v)
{
	u32 b = ixgbevf_rd(v, IXGBEVF_VFMAILBOX);

	if (b == IXGBEVF_REMOVED)
		return 0;
	v->mail.seen |= b & MAIL_CLEARED_BY_READING;
	return b;
}

static bool take_box(struct ixgbevf *v)
{
	ixgbevf_wr(v, IXGBEVF_VFMAILBOX, MAIL_VFU);
	return look(v) & MAIL_VFU;
}

void ixgbevf_mail_open(struct ixgbevf *v)
{
	v->mail = (struct ixgbevf_mail){ 0 };
}

void ixgbevf_mail_begin(struct ixgbevf *v, u8 out, u8 in, u64 now)
{
	v->mail.state = MAIL_TAKE;
	v->mail.out = out;
	v->mail.in = in;
	v->mail.deadline = now + MAIL_MS * v->ms;
}

bool ixgbevf_mail_reset(struct ixgbevf *v)
{
	bool being = look(v) & MAIL_RSTI, was = v->mail.seen & MAIL_RSTD;

	v->mail.seen &= ~(u32)MAIL_RSTD;
	return being || was;
}

static void put(struct ixgbevf *v)
{
	struct ixgbevf_mail *m = &v->mail;

	m->seen &= ~(u32)(MAIL_PFACK | MAIL_PFSTS); /* of an earlier exchange */
	for (u32 i = 0; i < m->out; i++)
		ixgbevf_wrn(v, VFMBMEM, i, m->msg[i]);
	ixgbevf_wr(v, IXGBEVF_VFMAILBOX, MAIL_REQ);
	m->state = MAIL_SENT;
}

/* The box is ours and full. False: it is not the answer but the host's own. */
static bool get(struct ixgbevf *v, u32 *msg, u32 words)
{
	u32 first = ixgbevf_rdn(v, VFMBMEM, 0);
	bool control = (first & MSG_WHAT) == MSG_CONTROL;

	v->mail.seen &= ~(u32)MAIL_PFSTS;
	msg[0] = first;
	for (u32 i = 1; i < words && !control; i++)
		msg[i] = ixgbevf_rdn(v, VFMBMEM, i);
	ixgbevf_wr(v, IXGBEVF_VFMAILBOX, MAIL_ACK);
	if (control && !(first & MSG_CTS))
		v->mail.lost = true;
	return !control;
}

static void advance(struct ixgbevf *v)
{
	struct ixgbevf_mail *m = &v->mail;
	u32 question = m->msg[0];

	if (m->state == MAIL_TAKE && take_box(v))
		put(v);
	look(v);
	if (m->state == MAIL_SENT && m->seen & MAIL_PFACK) {
		m->seen &= ~(u32)MAIL_PFACK;
		m->state = MAIL_ANSWER;
	}
	if (m->state != MAIL_ANSWER || !(m->seen & MAIL_PFSTS) || !take_box(v))
		return;
	if (get(v, m->msg, m->in))
		m->state = MAIL_IDLE;
	else
		m->msg[0] = question;
}

int ixgbevf_mail_step(struct ixgbevf *v, u64 now)
{
	advance(v);
	if (v->mail.state == MAIL_IDLE)
		return 0;
	return now < v->mail.deadline ? -EAGAIN : -ETIMEDOUT;
}

bool ixgbevf_mail_lost(struct ixgbevf *v)
{
	u32 msg[1];
	bool lost;

	look(v);
	if (v->mail.seen & MAIL_PFSTS && take_box(v) && get(v, msg, 1) && msg[0] & MSG_NACK &&
	    !(msg[0] & MSG_CTS))
		v->mail.lost = true;
	lost = v->mail.lost;
	v->mail.lost = false;
	return lost;
}
