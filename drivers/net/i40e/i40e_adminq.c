// SPDX-License-Identifier: MIT
/*
 * The admin queue of an XL710 (7.10): a ring of commands to the firmware, of which one is under way
 * at a time, and a ring of events from it. Owner QGM; boot CPU in probe.
 */
#include "drivers/net/i40e/i40e.h"

enum { COMMAND_MS = 150, AQ_MASK = I40E_AQ_RING - 1 };

static u32 head_word(const struct i40e_aq_desc *d)
{
	return load_acquire((const u32 *)(const void *)d); /* flags, opcode */
}

/* An empty event descriptor, with its buffer. */
static void event_post(struct i40e *e, u32 i)
{
	struct i40e_aq_desc *d = &e->aq.events[i];
	iova_t at = e->aq.event_buffers_iova + (u64)i * I40E_EVENT_BUFFER;

	*d = (struct i40e_aq_desc){ .flags = AQ_FLAG_BUF, .datalen = I40E_EVENT_BUFFER };
	d->param[2] = (u32)(at >> 32);
	d->param[3] = (u32)at;
}

void i40e_aq_open(struct i40e *e)
{
	struct i40e_aq *q = &e->aq;

	for (u32 i = 0; i < I40E_AQ_RING; i++) {
		q->send[i] = (struct i40e_aq_desc){ 0 };
		event_post(e, i);
	}
	q->tail = q->next = 0;
	q->deadline = 0;
	i40e_wr(e, I40E_PF_ATQH, 0);
	i40e_wr(e, I40E_PF_ATQT, 0);
	i40e_wr(e, I40E_PF_ATQBAL, (u32)q->send_iova);
	i40e_wr(e, I40E_PF_ATQBAH, (u32)(q->send_iova >> 32));
	i40e_wr(e, I40E_PF_ATQLEN, I40E_AQ_RING | AQLEN_ENABLE);
	i40e_wr(e, I40E_PF_ARQH, 0);
	i40e_wr(e, I40E_PF_ARQT, 0);
	i40e_wr(e, I40E_PF_ARQBAL, (u32)q->events_iova);
	i40e_wr(e, I40E_PF_ARQBAH, (u32)(q->events_iova >> 32));
	i40e_wr(e, I40E_PF_ARQLEN, I40E_AQ_RING | AQLEN_ENABLE);
	i40e_wr(e, I40E_PF_ARQT, I40E_AQ_RING - 1);
	q->on = true;
}

void i40e_aq_close(struct i40e *e)
{
	static const enum i40e_reg regs[] = {
		I40E_PF_ATQLEN, I40E_PF_ARQLEN, I40E_PF_ATQT,   I40E_PF_ARQT,   I40E_PF_ATQH,
		I40E_PF_ARQH,   I40E_PF_ATQBAL, I40E_PF_ATQBAH, I40E_PF_ARQBAL, I40E_PF_ARQBAH,
	};

	for (u32 i = 0; i < ARRAY_SIZE(regs); i++)
		i40e_wr(e, regs[i], 0);
	e->aq.deadline = 0;
	e->aq.on = false;
}

void i40e_aq_send(struct i40e *e, const struct i40e_aq_desc *d, u32 len, u64 now)
{
	struct i40e_aq *q = &e->aq;
	struct i40e_aq_desc *slot = &q->send[q->tail & AQ_MASK];

	*slot = *d;
	slot->flags = (u16)(slot->flags | AQ_FLAG_SI);
	if (len) {
		slot->flags =
			(u16)(slot->flags | AQ_FLAG_BUF | (len > AQ_LARGE_BUF ? AQ_FLAG_LB : 0));
		slot->datalen = (u16)len;
		slot->param[2] = (u32)(q->buffer_iova >> 32);
		slot->param[3] = (u32)q->buffer_iova;
	}
	q->opcode = d->opcode;
	q->deadline = now + COMMAND_MS * e->ms;
	q->tail++;
	i40e_wr(e, I40E_PF_ATQT, q->tail & AQ_MASK);
}

int i40e_aq_answer(struct i40e *e, struct i40e_aq_desc *d, u64 now)
{
	struct i40e_aq *q = &e->aq;
	const struct i40e_aq_desc *slot = &q->send[(q->tail - 1) & AQ_MASK];

	if (!(head_word(slot) & AQ_FLAG_DD)) {
		if (now < q->deadline)
			return -EAGAIN;
		q->deadline = 0;
		return -ETIMEDOUT;
	}
	*d = *slot;
	q->deadline = 0;
	return d->opcode == q->opcode ? 0 : -EIO;
}

bool i40e_aq_event(struct i40e *e, struct i40e_aq_desc *d)
{
	struct i40e_aq *q = &e->aq;
	u32 i = q->next & AQ_MASK;

	if (!q->on || !(head_word(&q->events[i]) & AQ_FLAG_DD))
		return false;
	*d = q->events[i];
	event_post(e, i);
	i40e_wr(e, I40E_PF_ARQT, i);
	q->next++;
	return true;
}
