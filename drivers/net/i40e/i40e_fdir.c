// SPDX-License-Identifier: MIT
/*
 * Flow Director of an XL710 (7.1.9): exact matches of a packet type's fields that name a receive
 * queue. Owner QGM.
 *
 * A filter is made by a pair of descriptors on a transmit queue: what to do, and a packet that is
 * not sent, whose fields are the filter's as the other side would send them, 8.4.2.5. What came of
 * it is reported in the receive queue of the same number, 8.3.2.2.3. Both are a pair of queues of
 * its own behind those of the QGMs, so that nothing of it is seen on the hot path.
 *
 * Of each packet type all filters compare the same fields: the first rule decides which; rules that
 * leave others open are software's until that one is gone. A rule that leaves the protocol open is
 * a filter for each type.
 *
 * Nothing waits: flow() says -EAGAIN and is called again, some milliseconds later.
 *
 *	EMPTY -> SETS -> ADDING -> SETTLE -> THERE -> REMOVING -> EMPTY
 */
#include "drivers/net/i40e/i40e.h"

enum { MASK = I40E_FDIR_RING - 1, PACKET = 512, STATUS_BUFFER = 2048 };

enum state {
	EMPTY,
	SETS,   /* the fields of its packet types are being set */
	ADDING, /* handed to the NIC */
	SETTLE, /* taken; an error may still be reported, up to the next call */
	THERE,
	REMOVING,
	WITHDRAWN, /* the same, of one that the NIC refused */
};

/* Packet types, 7.1.8.1: what comes in, its protocol (0: any other), whether it has ports. */
static const struct type {
	u8 number;
	bool six, fragment;
	u8 proto;
} types[I40E_FDIR_TYPES] = {
	{ 31, false, false, 17 }, { 33, false, false, 6 },  { 34, false, false, 132 },
	{ 35, false, false, 0 },  { 36, false, true, 0 },   { 41, true, false, 17 },
	{ 43, true, false, 6 },   { 44, true, false, 132 }, { 45, true, false, 0 },
	{ 46, true, true, 0 },
};

/* --- memory and registers -------------------------------------------------------------------- */

bool i40e_fdir_alloc(struct device *d, struct i40e *e)
{
	struct i40e_fdir *fd = &e->fdir;
	u32 bytes = I40E_FDIR_RING * sizeof(struct ring_desc);

	fd->tx = dma_alloc(d, bytes, 128, &fd->tx_iova);
	fd->rx = dma_alloc(d, bytes, 128, &fd->rx_iova);
	fd->packets = dma_alloc(d, I40E_FDIR_RING / 2 * PACKET, 4096, &fd->packets_iova);
	return dma_alloc(d, STATUS_BUFFER, 4096, &fd->scratch_iova) && fd->tx && fd->rx &&
	       fd->packets;
}

void i40e_fdir_begin(struct i40e *e)
{
	struct i40e_fdir *fd = &e->fdir;

	fd->tail = fd->clean = fd->next = 0;
	for (u32 i = 0; i < I40E_FDIR_RING; i++) {
		fd->tx[i] = (struct ring_desc){ 0 };
		fd->rx[i] = (struct ring_desc){ .addr = fd->scratch_iova };
	}
	for (u32 i = 0; i < I40E_FLOWS; i++)
		fd->slot[i] = (struct i40e_fdir_slot){ 0 };
	for (u32 i = 0; i < I40E_FDIR_TYPES; i++)
		fd->type[i] = (struct i40e_fdir_type){ 0 };
	fd->asked = I40E_FDIR_TYPES;
	fd->clearing = i40e_rd(e, I40E_PFQF_FDSTAT) != 0;
	if (fd->clearing) /* a reset of the function leaves them */
		i40e_wr(e, I40E_PFQF_CTL_1, PFQF_CTL_1_CLEARFDTABLE);
}

bool i40e_fdir_ready(struct i40e *e)
{
	return !e->fdir.clearing || !(i40e_rd(e, I40E_PFQF_CTL_1) & PFQF_CTL_1_CLEARFDTABLE);
}

void i40e_fdir_run(struct i40e *e)
{
	i40e_wrn(e, QRX_TAIL, e->queues, MASK);
}

/* --- the fields of packet types: registers that firmware has to write ------------------------ */

/* Upper half of PRTQF_FD_INSET; nothing of the lower one is used. */
static u32 fields(const struct type *t, u8 open)
{
	u32 set = 0;

	if (!(open & PORT_FLOW_OPEN_SRC))
		set |= t->six ? INSET_SRC_IP6 : INSET_SRC_IP4;
	if (!(open & PORT_FLOW_OPEN_DST))
		set |= t->six ? INSET_DST_IP6 : INSET_DST_IP4;
	if (t->proto && !(open & PORT_FLOW_OPEN_SPORT))
		set |= INSET_SPORT;
	if (t->proto && !(open & PORT_FLOW_OPEN_DPORT))
		set |= INSET_DPORT;
	return set;
}

/* The register that is written next: the lower half, then the upper one. */
static u32 inset(const struct i40e_fdir *fd, u32 i)
{
	return I40E_PRTQF_FD_INSET + I40E_STRIDE_PRTQF_FD_INSET * (2u * types[i].number) +
	       (fd->type[i].lower ? (u32)I40E_STRIDE_PRTQF_FD_INSET : 0);
}

bool i40e_fdir_ask(struct i40e *e, struct i40e_aq_desc *d)
{
	struct i40e_fdir *fd = &e->fdir;
	u32 i;

	for (i = 0; i < I40E_FDIR_TYPES; i++)
		if (fd->on && fd->type[i].want && !fd->type[i].done)
			break;
	if (i == I40E_FDIR_TYPES)
		return false;
	fd->asked = (u8)i;
	*d = (struct i40e_aq_desc){ .opcode = AQ_RX_CTL_REG_WRITE };
	d->param[1] = inset(fd, i);
	d->param[3] = fd->type[i].lower ? fd->type[i].want : 0;
	return true;
}

void i40e_fdir_answer(struct i40e *e, const struct i40e_aq_desc *d)
{
	struct i40e_fdir *fd = &e->fdir;
	struct i40e_fdir_type *t = &fd->type[MIN(fd->asked, (u8)(I40E_FDIR_TYPES - 1))];

	/* Firmware before API 1.5 does not know the command: then we may write ourselves. */
	if (d->retval)
		mmio_wr32(&e->regs, inset(fd, fd->asked), t->lower ? t->want : 0);
	t->done = t->lower;
	t->lower = true;
}

/* All types of the rule compare its fields, or no filter stands against it. */
static bool take_types(struct i40e_fdir *fd, struct i40e_fdir_slot *s)
{
	for (u32 i = 0; i < I40E_FDIR_TYPES; i++)
		if (s->types >> i & 1 && fd->type[i].users &&
		    fd->type[i].want != fields(&types[i], s->flow.open))
			return false;
	for (u32 i = 0; i < I40E_FDIR_TYPES; i++) {
		struct i40e_fdir_type *t = &fd->type[i];
		u32 want = fields(&types[i], s->flow.open);

		if (!(s->types >> i & 1))
			continue;
		t->users++;
		if (t->want != want)
			*t = (struct i40e_fdir_type){ .want = want, .users = t->users };
	}
	return true;
}

static void give_types(struct i40e_fdir *fd, const struct i40e_fdir_slot *s)
{
	for (u32 i = 0; i < I40E_FDIR_TYPES; i++)
		fd->type[i].users -= s->types >> i & 1;
}

static bool types_set(const struct i40e_fdir *fd, const struct i40e_fdir_slot *s)
{
	for (u32 i = 0; i < I40E_FDIR_TYPES; i++)
		if (s->types >> i & 1 && !fd->type[i].done)
			return false;
	return true;
}

/* --- programming ----------------------------------------------------------------------------- */

static void put16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static void put_ip(u8 *p, struct pix_ip ip, bool six)
{
	u32 v4 = six ? 0 : pix_ip_to4(ip);

	for (u32 i = 0; !six && i < 4; i++)
		p[i] = (u8)(v4 >> (24 - 8 * i));
	for (u32 i = 0; six && i < 8; i++) {
		p[i] = (u8)(ip.hi >> (56 - 8 * i));
		p[8 + i] = (u8)(ip.lo >> (56 - 8 * i));
	}
}

enum { ETHER = 14, IP4 = 20, IP6 = 40, PAYLOAD = 64, ANY_PROTOCOL = 61, NO_NEXT_HEADER = 59 };

/* A packet of the flow in the other direction. */
static void packet(u8 *p, const struct type *t, const struct port_flow *f)
{
	u8 *ip = p + ETHER, *l4 = ip + (t->six ? IP6 : IP4);
	struct pix_ip src = f->open & PORT_FLOW_OPEN_SRC ? PIX_IP_NONE : f->key.src;
	struct pix_ip dst = f->open & PORT_FLOW_OPEN_DST ? PIX_IP_NONE : f->key.dst;

	for (u32 i = 0; i < PACKET; i++)
		p[i] = 0;
	put16(p + 12, t->six ? 0x86dd : 0x0800);
	if (t->six) {
		ip[0] = 0x60;
		put16(ip + 4, PAYLOAD);
		ip[6] = t->fragment ? 44 : t->proto ? t->proto : NO_NEXT_HEADER;
		ip[7] = 255;
		put_ip(ip + 8, dst, true);
		put_ip(ip + 24, src, true);
		if (t->fragment) {
			l4[0] = NO_NEXT_HEADER;
			put16(l4 + 2, 1); /* more of it */
		}
	} else {
		ip[0] = 0x45;
		put16(ip + 2, IP4 + PAYLOAD);
		put16(ip + 6, t->fragment ? 0x2000 : 0);
		ip[8] = 64;
		ip[9] = t->proto ? t->proto : ANY_PROTOCOL;
		put_ip(ip + 12, dst, false);
		put_ip(ip + 16, src, false);
	}
	if (!t->proto)
		return;
	put16(l4, f->open & PORT_FLOW_OPEN_DPORT ? 0 : f->key.dport);
	put16(l4 + 2, f->open & PORT_FLOW_OPEN_SPORT ? 0 : f->key.sport);
	if (t->proto == 6)
		l4[12] = 5 << 4;
	else if (t->proto == 17)
		put16(l4 + 4, PAYLOAD);
}

static void post_one(struct i40e *e, u32 slot, u32 i, u64 command)
{
	struct i40e_fdir *fd = &e->fdir;
	const struct port_flow *f = &fd->slot[slot].flow;
	u32 at = fd->tail & MASK;

	packet(fd->packets + at / 2 * PACKET, &types[i], f);
	fd->tx[at].addr = (u64)f->queue | (u64)types[i].number << FLTR_PCTYPE_SHIFT |
			  (u64)e->vsi_number << FLTR_DEST_VSI_SHIFT;
	fd->tx[at].word = FLTR_DTYP | command | FLTR_DEST_QUEUE |
			  (u64)(slot * I40E_FDIR_TYPES + i) << FLTR_ID_SHIFT;
	fd->tx[at + 1].addr = fd->packets_iova + at / 2 * PACKET;
	fd->tx[at + 1].word = TXD_EOP | TXD_RS | TXD_DUMMY | (u64)PACKET << TXD_SIZE_SHIFT;
	fd->tail += 2;
}

/* The filters of a rule; false: no room now. */
static bool post(struct i40e *e, u32 slot, u64 command)
{
	struct i40e_fdir *fd = &e->fdir;
	struct i40e_fdir_slot *s = &fd->slot[slot];

	if (I40E_FDIR_RING - (fd->tail - fd->clean) < 2 * (I40E_FDIR_TYPES + 1))
		return false;
	s->refused = false;
	for (u32 i = 0; i < I40E_FDIR_TYPES; i++)
		if (s->types >> i & 1)
			post_one(e, slot, i, command);
	s->end = fd->tail;
	i40e_wrn(e, QTX_TAIL, e->queues, fd->tail & MASK);
	return true;
}

/* What the NIC is done with, and what it reported. */
static void collect(struct i40e *e)
{
	struct i40e_fdir *fd = &e->fdir;
	u32 before = fd->next;
	u64 word;

	while (fd->clean != fd->tail &&
	       (load_relaxed(&fd->tx[(fd->clean + 1) & MASK].word) & TXD_DTYP) == TXD_DTYP_DONE)
		fd->clean += 2;
	for (; (word = load_relaxed(&fd->rx[fd->next & MASK].word)) & RXD_DD; fd->next++) {
		struct ring_desc *d = &fd->rx[fd->next & MASK];
		u32 id;

		fence_acquire();
		id = (u32)(d->addr >> 32) / I40E_FDIR_TYPES;
		if ((word >> PROG_LENGTH_SHIFT) != PROG_LENGTH || (word & PROG_ID) != PROG_ID_FD ||
		    id >= I40E_FLOWS)
			counter_add(&e->port->nic.bad_descriptor, 1);
		else if (word & PROG_TABLE_FULL)
			fd->slot[id].refused = true;
		d->addr = fd->scratch_iova;
		store_relaxed(&d->word, 0);
	}
	if (fd->next != before)
		i40e_wrn(e, QRX_TAIL, e->queues, (fd->next - 1) & MASK);
}

/* --- port_ops flow --------------------------------------------------------------------------- */

/* The packet types of a rule, a bit each; 0: not all of its packets can be named. */
static u16 types_of(const struct port_flow *f)
{
	bool any_src = f->open & PORT_FLOW_OPEN_SRC, any_dst = f->open & PORT_FLOW_OPEN_DST;
	bool ports = !(f->open & PORT_FLOW_OPEN_SPORT) || !(f->open & PORT_FLOW_OPEN_DPORT);
	bool four = (any_src || pix_ip_is4(f->key.src)) && (any_dst || pix_ip_is4(f->key.dst));
	bool six = (any_src || !pix_ip_is4(f->key.src)) && (any_dst || !pix_ip_is4(f->key.dst));
	u16 set = 0;

	for (u32 i = 0; i < I40E_FDIR_TYPES; i++) {
		const struct type *t = &types[i];

		if (!(t->six ? six : four))
			continue;
		if (f->open & PORT_FLOW_OPEN_PROTO ? ports && !t->proto : t->proto != f->key.proto)
			continue;
		if (!fields(t, f->open)) /* nothing is compared */
			return 0;
		set |= (u16)(1u << i);
	}
	/* "Other" is not one protocol. */
	return f->open & PORT_FLOW_OPEN_PROTO || f->key.proto ? set : 0;
}

static bool same_match(const struct port_flow *a, const struct port_flow *b)
{
	return pix_ip_eq(a->key.src, b->key.src) && pix_ip_eq(a->key.dst, b->key.dst) &&
	       a->key.sport == b->key.sport && a->key.dport == b->key.dport &&
	       a->key.proto == b->key.proto && a->open == b->open;
}

/* The NIC has taken all that was posted of the slot. */
static bool taken(const struct i40e_fdir *fd, const struct i40e_fdir_slot *s)
{
	return fd->clean - s->end < 1u << 31;
}

static void forget(struct i40e_fdir *fd, struct i40e_fdir_slot *s)
{
	give_types(fd, s);
	*s = (struct i40e_fdir_slot){ 0 };
}

/* 0 the slot is empty, -EAGAIN, -ENOSPC it is, after the NIC had refused its rule. */
static int empty(struct i40e *e, u32 slot)
{
	struct i40e_fdir *fd = &e->fdir;
	struct i40e_fdir_slot *s = &fd->slot[slot];
	bool refused = s->state == WITHDRAWN;

	switch (s->state) {
	case EMPTY:
		return 0;
	case SETS:
		forget(fd, s);
		return 0;
	case REMOVING:
	case WITHDRAWN:
		if (!taken(fd, s))
			return -EAGAIN;
		forget(fd, s);
		return refused ? -ENOSPC : 0;
	default:
		if (taken(fd, s) && post(e, slot, FLTR_REMOVE))
			s->state = REMOVING;
		return -EAGAIN;
	}
}

/* On with a rule that is wanted. */
static int go_on(struct i40e *e, u32 slot, u8 queue)
{
	struct i40e_fdir *fd = &e->fdir;
	struct i40e_fdir_slot *s = &fd->slot[slot];

	switch (s->state) {
	case SETS:
		s->flow.queue = queue;
		if (types_set(fd, s) && post(e, slot, FLTR_ADD))
			s->state = ADDING;
		return -EAGAIN;
	case ADDING:
		if (taken(fd, s))
			s->state = SETTLE;
		return -EAGAIN;
	case SETTLE:
		if (s->refused) {
			if (post(e, slot,
				 FLTR_REMOVE)) /* those of its types that there was room for */
				s->state = WITHDRAWN;
			return -EAGAIN;
		}
		s->state = THERE;
		__attribute__((fallthrough));
	default:
		if (s->flow.queue == queue)
			return 0;
		s->state = SETS; /* added again, it changes */
		return go_on(e, slot, queue);
	}
}

int i40e_flow(struct port *p, u32 slot, const struct port_flow *f)
{
	struct i40e *e = p->priv;
	struct i40e_fdir *fd = &e->fdir;
	struct i40e_fdir_slot *s = &fd->slot[slot];
	int err;

	if (slot >= I40E_FLOWS || !fd->on)
		return -EINVAL;
	collect(e);
	if (!f)
		return empty(e, slot) == -EAGAIN ? -EAGAIN : 0;
	if (f->queue >= e->queues || !(e->on >> f->queue & 1))
		return -EINVAL;
	if (s->state == WITHDRAWN || s->state == REMOVING ||
	    (s->state != EMPTY && !same_match(&s->flow, f))) {
		err = empty(e, slot);
		if (err)
			return err;
	}
	if (s->state == EMPTY) {
		s->flow = *f;
		s->types = types_of(f);
		if (!s->types || !take_types(fd, s)) {
			*s = (struct i40e_fdir_slot){ 0 };
			return -EINVAL;
		}
		s->state = SETS;
	}
	return go_on(e, slot, f->queue);
}
