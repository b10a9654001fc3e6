// SPDX-License-Identifier: MIT
/*
 * Admin commands on forwarding: MAC/VLAN filters, promiscuous modes, control-packet filters, cloud
 * filters, mirror rules (refused).
 *
 * Data sheet 332464: 7.4.9.5.9 (MAC/VLAN), 7.4.9.5.9.5 (promiscuous), 7.4.9.5.11 (control packets),
 * 7.4.9.5.12 (cloud filters).
 */
#include <string.h>

#include "tools/nicsim/xl710/adminq.h"

enum {
	SEID_VALID = 0x8000,
	ELEMENT = 16,
	ADD_PERFECT = 0x01,
	ADD_HASH = 0x02,
	ADD_IGNORE_VLAN = 0x04,
	ADD_TO_QUEUE = 0x08,
	ADD_KNOWN = 0x1f,
	DEL_PERFECT = 0x01,
	DEL_HASH = 0x02,
	DEL_IGNORE_VLAN = 0x08,
	FAILED = 0xff,
	PROMISC_KNOWN = 0x801f,
	CP_IGNORE_MAC = 1,
	CP_DROP = 2,
	CP_TO_QUEUE = 4,
	CP_TX = 8,
	CLOUD = 64,
	CLOUD_BIG = 128,
	CLOUD_RESULT = 56,
};

static struct xl710_vsi *vsi_of(struct xl710 *x, const u8 *seid)
{
	u32 v = xget16(seid);

	return (v & SEID_VALID) != 0 ? xl710_vsi_by_seid(x, v & 0x3ff) : NULL;
}

/* Number of elements, checked against the buffer. */
static int count_of(struct xl710 *x, const struct xl710_cmd *c, u32 n, u32 size)
{
	if (n != 0 && n * size <= c->len)
		return AQ_OK;
	nicsim_error(x->dev, NICSIM_E_COMMAND, "admin command %04x: %u elements in %u bytes",
		     c->opcode, n, c->len);
	return AQ_EINVAL;
}

static void macvlan_answer(struct xl710 *x, struct xl710_cmd *c)
{
	xput16(c->param, x->nfilters);
	xput16(c->param + 2, xl710_filters_free(x));
	xput16(c->param + 4, 0);
	xput16(c->param + 6, 0);
	c->reply = c->len;
}

/* One element of the command; 0, or an error of the admin queue. */
static int add_one(struct xl710 *x, u16 vsi, u8 *e)
{
	u32 flags = xget16(e + 8);
	struct xl710_filter f = { .any_vlan = (flags & ADD_IGNORE_VLAN) != 0,
				  .hash = (flags & ADD_HASH) != 0,
				  .to_queue = (flags & ADD_TO_QUEUE) != 0,
				  .vlan = xget16(e + 6) & 0xfff,
				  .queue = xget16(e + 10) & 0x7ff,
				  .vsi = vsi };
	int r;

	if ((flags & ~(u32)ADD_KNOWN) != 0 || (flags & (ADD_PERFECT | ADD_HASH)) == 0)
		nicsim_error(x->dev, NICSIM_E_COMMAND, "Add MACVLAN: flags %04x", flags);
	memcpy(f.mac, e, 6);
	r = xl710_filter_add(x, &f);
	e[12] = r == 0 ? (f.hash ? ADD_HASH : ADD_PERFECT) : FAILED;
	return r;
}

static int remove_one(struct xl710 *x, u16 vsi, u8 *e)
{
	struct xl710_filter f = { .any_vlan = (e[8] & DEL_IGNORE_VLAN) != 0,
				  .vlan = xget16(e + 6) & 0xfff,
				  .vsi = vsi };
	int r;

	if ((e[8] & (DEL_PERFECT | DEL_HASH)) == 0)
		nicsim_error(x->dev, NICSIM_E_COMMAND, "Remove MACVLAN: flags %02x", e[8]);
	memcpy(f.mac, e, 6);
	r = xl710_filter_del(x, &f);
	e[12] = r == 0 ? 0 : FAILED;
	return r;
}

/* Each element; the last error is that of the command. */
static int macvlan(struct xl710 *x, struct xl710_cmd *c,
		   int (*one)(struct xl710 *x, u16 vsi, u8 *e))
{
	struct xl710_vsi *v = vsi_of(x, c->param + 2);
	u32 n = xget16(c->param);
	int rc = AQ_OK;

	if (v == NULL)
		return AQ_EINVAL;
	if (count_of(x, c, n, ELEMENT) != AQ_OK)
		return AQ_EINVAL;
	for (u32 i = 0; i < n; i++) {
		int r = one(x, v->index, c->buf + i * ELEMENT);

		if (r != 0)
			rc = r;
	}
	macvlan_answer(x, c);
	return rc;
}

static int add_macvlan(struct xl710 *x, struct xl710_cmd *c)
{
	return macvlan(x, c, add_one);
}

static int remove_macvlan(struct xl710 *x, struct xl710_cmd *c)
{
	return macvlan(x, c, remove_one);
}

static int set_promisc(struct xl710 *x, struct xl710_cmd *c)
{
	u32 flags = xget16(c->param), valid = xget16(c->param + 2);
	struct xl710_vsi *v = xl710_vsi_by_seid(x, xget16(c->param + 4) & 0x3ff);

	if (v == NULL)
		return AQ_ENOENT;
	if (((flags | valid) & ~(u32)PROMISC_KNOWN) != 0) {
		nicsim_error(x->dev, NICSIM_E_COMMAND, "Set VSI Promiscuous: %04x, valid %04x",
			     flags, valid);
		return AQ_EINVAL;
	}
	v->promisc = (u16)((v->promisc & ~valid) | (flags & valid));
	return AQ_OK;
}

/* --- control packets ------------------------------------------------------------------------ */

static u32 control_used(const struct xl710 *x)
{
	u32 n = 0;

	for (u32 i = 0; i < 16; i++)
		n += x->etype[i].used;
	return n;
}

static void control_of(struct xl710 *x, const struct xl710_cmd *c, struct xl710_etype_filter *f)
{
	u32 flags = xget16(c->param + 8);
	const struct xl710_vsi *v = vsi_of(x, c->param + 10);

	memset(f, 0, sizeof(*f));
	f->used = true;
	f->ignore_mac = (flags & CP_IGNORE_MAC) != 0;
	f->drop = (flags & CP_DROP) != 0;
	f->to_queue = (flags & CP_TO_QUEUE) != 0;
	f->tx = (flags & CP_TX) != 0;
	memcpy(f->mac, c->param, 6);
	f->etype = xget16(c->param + 6);
	f->vsi = v != NULL ? v->index : 0;
	f->queue = xget16(c->param + 12);
}

static bool control_same(const struct xl710_etype_filter *a, const struct xl710_etype_filter *b)
{
	return a->used && a->etype == b->etype && a->tx == b->tx &&
	       a->ignore_mac == b->ignore_mac && a->vsi == b->vsi &&
	       (a->ignore_mac || memcmp(a->mac, b->mac, 6) == 0);
}

static int control_packet(struct xl710 *x, struct xl710_cmd *c)
{
	struct xl710_etype_filter f;
	u32 at = 16, empty = 16;

	if (vsi_of(x, c->param + 10) == NULL && (xget16(c->param + 8) & CP_DROP) == 0)
		return AQ_EINVAL;
	control_of(x, c, &f);
	for (u32 i = 0; i < 16; i++) {
		if (control_same(&x->etype[i], &f))
			at = i;
		else if (!x->etype[i].used && empty == 16)
			empty = i;
	}
	if (c->opcode == 0x025b) {
		if (at == 16)
			return AQ_ENOENT;
		x->etype[at].used = false;
	} else {
		if (at != 16)
			return AQ_EEXIST;
		if (empty == 16)
			return AQ_ENOSPC;
		x->etype[empty] = f;
	}
	memset(c->param, 0, 16);
	xput16(c->param, control_used(x));
	xput16(c->param + 4, 16 - control_used(x));
	return AQ_OK;
}

/* --- cloud filters: kept and answered; they steer tunnels, which are not parsed --------------- */

static u32 cloud_find(const struct xl710 *x, const u8 *e, u16 vsi)
{
	for (u32 i = 0; i < XL710_CLOUD; i++)
		if (x->cloud[i].used && x->cloud[i].vsi == vsi &&
		    memcmp(x->cloud[i].element, e, 32) == 0 &&
		    memcmp(x->cloud[i].element + 32, e + 32, 4) == 0)
			return i;
	return XL710_CLOUD;
}

static int cloud(struct xl710 *x, struct xl710_cmd *c)
{
	struct xl710_vsi *v = xl710_vsi_by_seid(x, xget16(c->param + 2) & 0x3ff);
	u32 n = c->param[0], size = (c->param[4] & 1) != 0 ? CLOUD_BIG : CLOUD;
	int rc = AQ_OK;

	if (v == NULL)
		return AQ_EINVAL;
	if (count_of(x, c, n, size) != AQ_OK)
		return AQ_EINVAL;
	for (u32 i = 0; i < n; i++) {
		u8 *e = c->buf + i * size;
		u32 at = cloud_find(x, e, v->index), k = 0;

		e[CLOUD_RESULT] = 0;
		while (k < XL710_CLOUD && x->cloud[k].used)
			k++;
		if (c->opcode == 0x025d && at < XL710_CLOUD) {
			x->cloud[at].used = false;
			x->ncloud--;
		} else if (c->opcode == 0x025c && at == XL710_CLOUD && k < XL710_CLOUD) {
			x->cloud[k].used = true;
			x->cloud[k].vsi = v->index;
			memcpy(x->cloud[k].element, e, CLOUD);
			x->ncloud++;
		} else {
			e[CLOUD_RESULT] = FAILED;
			rc = c->opcode == 0x025d ? AQ_ENOENT
			     : at < XL710_CLOUD  ? AQ_EEXIST
						 : AQ_ENOSPC;
		}
	}
	c->reply = (u16)(n * size);
	return rc;
}

const struct xl710_handler xl710_aq_filter[] = {
	{ 0x0250, AQ_RD, ELEMENT, "Add MACVLAN", add_macvlan },
	{ 0x0251, AQ_RD, ELEMENT, "Remove MACVLAN", remove_macvlan },
	{ 0x0254, 0, 0, "Set VSI Promiscuous Modes", set_promisc },
	{ 0x025a, 0, 0, "Add Control Packet Filter", control_packet },
	{ 0x025b, 0, 0, "Remove Control Packet Filter", control_packet },
	{ 0x025c, AQ_RD, CLOUD, "Add Cloud Filters", cloud },
	{ 0x025d, AQ_RD, CLOUD, "Remove Cloud Filters", cloud },
	{ .name = NULL },
};
