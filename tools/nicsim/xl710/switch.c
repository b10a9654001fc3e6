// SPDX-License-Identifier: MIT
/*
 * The internal switch: which VSIs want a received frame, by MAC/VLAN filters, promiscuous modes and
 * the default port; control-packet filters by EtherType; VSIs and their queues. One port, one PF;
 * VSIs hang below the port or below a VEB.
 *
 * Data sheet 332464: 7.4 (internal switch), 7.4.8 (forwarding), 7.4.9.5.5 (VSIs).
 */
#include "tools/nicsim/xl710/xl710.h"

#include <string.h>

enum {
	PROMISC_UNICAST = 0x01,
	PROMISC_MULTICAST = 0x02,
	PROMISC_BROADCAST = 0x04,
	VSI_DEFAULT = 0x08,
	PROMISC_VLAN = 0x10,
	TYPE_PF = 2,
	CONN_NORMAL = 1,
	/* VSI properties */
	I_MAPPING_FLAGS = 28,
	I_QUEUE_MAPPING = 30,
	I_QS_HANDLE = 96,
	I_STAT_IDX = 112,
	VSILAN_QBASE = 0x20c800,
};

/* --- VSIs ----------------------------------------------------------------------------------- */

struct xl710_vsi *xl710_vsi_by_seid(struct xl710 *x, u32 seid)
{
	u32 i = seid - XL710_SEID_VSI;

	if (seid < XL710_SEID_VSI || i >= XL710_VSIS || !x->vsi[i].used)
		return NULL;
	return &x->vsi[i];
}

struct xl710_vsi *xl710_vsi_new(struct xl710 *x, u16 uplink, u8 conn, u8 type)
{
	u32 i = 0;
	struct xl710_vsi *v;

	while (i < XL710_VSIS && x->vsi[i].used)
		i++;
	if (i == XL710_VSIS)
		return NULL;
	v = &x->vsi[i];
	memset(v, 0, sizeof(*v));
	v->used = true;
	v->index = (u16)i;
	v->seid = (u16)(XL710_SEID_VSI + i);
	v->uplink = uplink;
	v->conn = conn;
	v->type = type;
	v->tcs = 1;
	v->info[12] = 0x1b; /* VLANs: tagged and untagged, nothing stripped */
	xl710_vsi_mapped(x, v);
	return v;
}

u32 xl710_vsi_queue(const struct xl710 *x, const struct xl710_vsi *v, u32 n)
{
	u32 q;

	if ((xget16(v->info + I_MAPPING_FLAGS) & 1) == 0) {
		q = (xget16(v->info + I_QUEUE_MAPPING) & 0x7ff) + n;
	} else {
		if (n >= 16)
			return ~0u;
		q = xget16(v->info + I_QUEUE_MAPPING + n * 2) & 0x7ff;
	}
	q += x->firstq;
	return q <= x->lastq ? q : ~0u;
}

/* What firmware answers about a VSI, and the registers that show its queues. */
void xl710_vsi_mapped(struct xl710 *x, struct xl710_vsi *v)
{
	for (u32 tc = 0; tc < 8; tc++)
		xput16(v->info + I_QS_HANDLE + tc * 2,
		       (v->tcs >> tc & 1) != 0 ? XL710_QS_BASE + v->index * 8u + tc : 0xffff);
	xput16(v->info + I_STAT_IDX, xl710_vsi_no(v->index));
	XR(x, VSILAN_QBASE + xl710_vsi_no(v->index) * 4) =
		xget16(v->info + I_QUEUE_MAPPING) & 0x7ff;
}

/* --- MAC/VLAN filters ----------------------------------------------------------------------- */

static u32 bucket(const u8 *mac)
{
	return (mac[3] ^ mac[4] * 3u ^ mac[5] * 7u) & 255;
}

static bool same(const struct xl710_filter *a, const struct xl710_filter *b)
{
	return a->vsi == b->vsi && memcmp(a->mac, b->mac, 6) == 0 && a->any_vlan == b->any_vlan &&
	       (a->any_vlan || a->vlan == b->vlan);
}

struct xl710_filter *xl710_filter_find(struct xl710 *x, const struct xl710_filter *f)
{
	for (u32 i = x->filter_bucket[bucket(f->mac)]; i != 0; i = x->filter[i - 1].next)
		if (same(&x->filter[i - 1], f))
			return &x->filter[i - 1];
	return NULL;
}

u32 xl710_filters_free(const struct xl710 *x)
{
	return XL710_FILTERS - x->nfilters;
}

int xl710_filter_add(struct xl710 *x, const struct xl710_filter *f)
{
	u16 *head = &x->filter_bucket[bucket(f->mac)];
	u32 i = 0;

	if (xl710_filter_find(x, f) != NULL)
		return 13; /* EEXIST */
	if (x->nfilters == XL710_FILTERS)
		return 16; /* ENOSPC */
	while (x->filter[i].used)
		i++;
	x->filter[i] = *f;
	x->filter[i].used = true;
	x->filter[i].next = *head;
	*head = (u16)(i + 1);
	x->nfilters++;
	return 0;
}

int xl710_filter_del(struct xl710 *x, const struct xl710_filter *f)
{
	u16 *link = &x->filter_bucket[bucket(f->mac)];

	while (*link != 0 && !same(&x->filter[*link - 1], f))
		link = &x->filter[*link - 1].next;
	if (*link == 0)
		return 2; /* ENOENT */
	x->filter[*link - 1].used = false;
	*link = x->filter[*link - 1].next;
	x->nfilters--;
	return 0;
}

void xl710_filters_of_vsi_drop(struct xl710 *x, u16 vsi)
{
	for (u32 i = 0; i < XL710_FILTERS; i++) {
		struct xl710_filter f = x->filter[i];

		if (f.used && f.vsi == vsi)
			xl710_filter_del(x, &f);
	}
}

/* --- forwarding ----------------------------------------------------------------------------- */

static bool promisc(const struct xl710_vsi *v, const u8 *da)
{
	return (v->promisc &
		nicsim_by_cast(da, PROMISC_UNICAST, PROMISC_MULTICAST, PROMISC_BROADCAST)) != 0;
}

/* The filter of `v` that takes the frame. Priority tags (VID 0) count as untagged. */
static const struct xl710_filter *match(const struct xl710 *x, const struct xl710_pkt *p, u16 vsi,
					bool all_vlans)
{
	u16 vid = p->tagged ? p->tci & 0xfff : 0;

	for (u32 i = x->filter_bucket[bucket(p->data)]; i != 0; i = x->filter[i - 1].next) {
		const struct xl710_filter *f = &x->filter[i - 1];

		if (f->vsi == vsi && memcmp(f->mac, p->data, 6) == 0 &&
		    (f->any_vlan || all_vlans || f->vlan == vid))
			return f;
	}
	return NULL;
}

static const struct xl710_etype_filter *etype_match(const struct xl710 *x, const u8 *da, u32 etype,
						    bool tx, u16 vsi)
{
	for (u32 i = 0; i < 16; i++) {
		const struct xl710_etype_filter *e = &x->etype[i];

		if (e->used && e->tx == tx && e->etype == etype && (!tx || e->vsi == vsi) &&
		    (e->ignore_mac || memcmp(e->mac, da, 6) == 0))
			return e;
	}
	return NULL;
}

bool xl710_switch_tx_drop(struct xl710 *x, u16 vsi, const u8 *frame, u32 len)
{
	const struct xl710_etype_filter *e;

	if (len < 14)
		return true;
	e = etype_match(x, frame, xbe16(frame + 12), true, vsi);
	return e != NULL && e->drop;
}

u32 xl710_switch_rx(struct xl710 *x, const struct xl710_pkt *p, u16 *vsi, u32 max, u32 *queue)
{
	const struct xl710_etype_filter *e = etype_match(x, p->data, p->ethertype, false, 0);
	u32 n = 0;

	*queue = ~0u;
	if (e != NULL) {
		if (e->drop || !x->vsi[e->vsi].used)
			return 0;
		vsi[0] = e->vsi;
		if (e->to_queue)
			*queue = e->queue;
		return 1;
	}
	for (u32 i = 0; i < XL710_VSIS && n < max; i++) {
		const struct xl710_vsi *v = &x->vsi[i];
		const struct xl710_filter *f;

		if (!v->used)
			continue;
		f = match(x, p, (u16)i, (v->promisc & PROMISC_VLAN) != 0);
		if (f == NULL && !promisc(v, p->data))
			continue;
		if (f != NULL && f->to_queue && n == 0)
			*queue = f->queue;
		vsi[n++] = (u16)i;
	}
	for (u32 i = 0; i < XL710_VSIS && n == 0; i++)
		if (x->vsi[i].used && (x->vsi[i].promisc & VSI_DEFAULT) != 0)
			vsi[n++] = (u16)i;
	return n;
}

/* After a reset: one VSI for the PF, which gets frames to the function's address. */
void xl710_switch_reset(struct xl710 *x)
{
	struct xl710_filter f = { .any_vlan = true };

	memset(x->vsi, 0, sizeof(x->vsi));
	memset(x->veb, 0, sizeof(x->veb));
	memset(x->filter, 0, sizeof(x->filter));
	memset(x->filter_bucket, 0, sizeof(x->filter_bucket));
	memset(x->etype, 0, sizeof(x->etype));
	memset(x->cloud, 0, sizeof(x->cloud));
	x->ncloud = 0;
	x->nfilters = 0;
	xl710_vsi_new(x, XL710_SEID_MAC, CONN_NORMAL, TYPE_PF);
	memcpy(f.mac, x->laa, 6);
	xl710_filter_add(x, &f);
}
