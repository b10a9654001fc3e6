// SPDX-License-Identifier: MIT
/*
 * inject: frames and IP packets from the generic partition. It is not trusted: the slot's header is
 * copied once, then checked; the data are copied into an engine buffer before anybody parses them.
 */
#include "qgm/fe/fe.h"

enum { ETH_HEADER = 14, IP_HEADER = 20 };

struct slot_head {
	u16 len, ifid;
	u8 cls;
	u32 vrf;
};

static struct slot_head read_head(const struct frame_slot *s)
{
	return (struct slot_head){
		.len = load_relaxed(&s->len),
		.ifid = load_relaxed(&s->ifid),
		.cls = load_relaxed(&s->cls),
		.vrf = load_relaxed(&s->vrf),
	};
}

static bool head_ok(const struct qgm *q, const struct tables *t, const struct slot_head *h)
{
	u32 room = pool_room(q->pc);

	if (h->len > FRAME_SLOT_DATA || h->len > room)
		return false;
	if (h->cls == INJECT_FRAME)
		return h->len >= ETH_HEADER && h->ifid && h->ifid < t->if_count &&
		       t->iface[h->ifid];
	return h->cls == INJECT_IP && h->len >= IP_HEADER && h->len + ETH_HEADER <= (int)room &&
	       h->vrf < VRF_MAX && h->ifid < IFACE_MAX;
}

/* A whole untagged frame, out of the interface: tags and ways as those of any other. */
static void send_frame(struct qgm *q, const struct tables *t, struct packet *p)
{
	const struct iface *ifc = t->iface[p->out_if];

	if (ifc->kind == IFACE_IRB) {
		fe_send(q, t, p);
		return;
	}
	if (ifc->kind == IFACE_SUB)
		fe_push_sub(p, ifc);
	qgm_output(q, t, p);
}

static void inject_one(struct qgm *q, const struct tables *t, const struct frame_slot *s)
{
	struct slot_head h = read_head(s);
	struct packet *p;

	if (!head_ok(q, t, &h)) {
		qgm_ghost_made(q, DROP_inject_bad);
		return;
	}
	p = qgm_make(q);
	if (!p) {
		qgm_ghost_made(q, DROP_no_buffer);
		return;
	}
	p->l3_off = ETH_HEADER;
	if (h.cls == INJECT_FRAME) {
		p->len = h.len;
		p->out_if = h.ifid;
		__builtin_memcpy(p->data, s->data, h.len);
		send_frame(q, t, p);
	} else {
		p->len = (u16)(ETH_HEADER + h.len);
		p->vrf = (u16)h.vrf;
		p->in_if = h.ifid;
		__builtin_memset(p->data, 0, ETH_HEADER);
		__builtin_memcpy(p->data + ETH_HEADER, s->data, h.len);
		re_host(q, t, &p, 1);
	}
}

u32 inject_poll(struct qgm *q, const struct tables *t)
{
	const struct frame_slot *s;
	u32 n = 0;

	while (n < INJECT_PER_TURN && (s = frame_end_peek(&q->inject))) {
		inject_one(q, t, s);
		framering_release(q->inject.ring);
		n++;
	}
	return n;
}
