// SPDX-License-Identifier: MIT
/*
 * Admin commands on the internal switch: its configuration, VSIs, VEBs.
 *
 * Data sheet 332464: 7.4.9.5 (switch commands), 7.4.9.5.5 (VSIs).
 */
#include <string.h>

#include "tools/nicsim/xl710/adminq.h"

enum {
	ELEM_VEB = 17,
	ELEM_VSI = 19,
	PROP_SWITCH = 0x001,
	PROP_SECURITY = 0x002,
	PROP_VLAN = 0x004,
	PROP_CAS_PV = 0x008,
	PROP_INGRESS = 0x010,
	PROP_EGRESS = 0x020,
	PROP_QUEUE_MAP = 0x040,
	PROP_QUEUE_OPT = 0x080,
	PROP_OUTER_UP = 0x100,
	PROP_SCHED = 0x200,
	PROP_ALL = 0x3ff,
	PROPERTIES = 128,
	I_MAPPING_FLAGS = 28,
	I_QUEUE_MAPPING = 30,
	I_TC_MAPPING = 62,
	I_UP_ENABLE = 82,
};

static struct xl710_veb *veb_by_seid(struct xl710 *x, u32 seid)
{
	u32 i = seid - XL710_SEID_VEB;

	return seid >= XL710_SEID_VEB && i < XL710_VEBS && x->veb[i].used ? &x->veb[i] : NULL;
}

static bool uplink_known(struct xl710 *x, u32 seid)
{
	return seid == 0 || seid == XL710_SEID_MAC || seid == XL710_SEID_PF ||
	       veb_by_seid(x, seid) != NULL || xl710_vsi_by_seid(x, seid) != NULL;
}

static void element(u8 *e, u8 type, u32 seid, u32 up, u32 down, u8 conn, u32 info)
{
	memset(e, 0, 16);
	e[0] = type;
	e[1] = 1; /* revision */
	xput16(e + 2, seid);
	xput16(e + 4, up);
	xput16(e + 6, down);
	e[11] = conn;
	xput16(e + 14, info);
}

/* A header with the counts, then 16 bytes an element. Paged by the start SEID (7.4.9.5.3.1). */
static int get_config(struct xl710 *x, struct xl710_cmd *c)
{
	u32 n = 0, total = 0, skip = xget16(c->param), room = c->len / 16 - 1, seen = 0;

	memset(c->buf, 0, 16);
	for (u32 i = 0; i < XL710_VEBS + XL710_VSIS; i++) {
		bool veb = i < XL710_VEBS;
		const struct xl710_veb *b = &x->veb[veb ? i : 0];
		const struct xl710_vsi *v = &x->vsi[veb ? 0 : i - XL710_VEBS];

		if (!(veb ? b->used : v->used))
			continue;
		total++;
		if (seen++ < skip || n == room)
			continue;
		if (veb)
			element(c->buf + 16 + n * 16, ELEM_VEB, b->seid, b->uplink, 0, 1, 0);
		else
			element(c->buf + 16 + n * 16, ELEM_VSI, v->seid, v->uplink, XL710_SEID_PF,
				v->conn, xl710_vsi_no(v->index));
		n++;
	}
	xput16(c->buf, n);
	xput16(c->buf + 2, total);
	xput16(c->param, skip + n < total ? skip + n : 0);
	c->reply = (u16)(16 + n * 16);
	return AQ_OK;
}

static int set_port(struct xl710 *x, struct xl710_cmd *c)
{
	x->port_flags = xget16(c->param);
	if ((x->port_flags & 2) == 0)
		nicsim_error(x->dev, NICSIM_E_COMMAND,
			     "Set Port Parameters without padding of short frames");
	return AQ_OK;
}

struct resource {
	u8 type;
	u16 total;
};

static int get_resources(struct xl710 *x, struct xl710_cmd *c)
{
	static const struct resource r[] = {
		{ 0x0, XL710_VEBS }, { 0x1, XL710_VSIS }, { 0x2, XL710_FILTERS }, { 0x7, 512 },
		{ 0xa, 128 },        { 0xb, 64 },         { 0xc, 1024 },
	};
	u32 n = sizeof(r) / sizeof(*r);

	if (c->len < n * 16)
		return AQ_ENOMEM;
	for (u32 i = 0; i < n; i++) {
		u8 *e = c->buf + i * 16;
		u32 used = r[i].type == 2 ? x->nfilters : 0;

		for (u32 k = 0; r[i].type == 1 && k < XL710_VSIS; k++)
			used += x->vsi[k].used;
		e[0] = r[i].type;
		xput16(e + 2, r[i].total);
		xput16(e + 4, r[i].total);
		xput16(e + 6, used);
		xput16(e + 8, r[i].total - used);
	}
	c->param[0] = (u8)n;
	c->reply = (u16)(n * 16);
	return AQ_OK;
}

static int set_config(struct xl710 *x, struct xl710_cmd *c)
{
	u16 flags = xget16(c->param), valid = xget16(c->param + 2);

	x->switch_flags = (u16)((x->switch_flags & ~valid) | (flags & valid));
	return AQ_OK;
}

/* --- VSIs ----------------------------------------------------------------------------------- */

static void answer(struct xl710 *x, struct xl710_cmd *c, const struct xl710_vsi *v)
{
	u32 used = 0;

	for (u32 i = 0; i < XL710_VSIS; i++)
		used += x->vsi[i].used;
	xput16(c->param, v->seid);
	xput16(c->param + 2, xl710_vsi_no(v->index));
	xput16(c->param + 4, used);
	xput16(c->param + 6, XL710_VSIS - used);
	memcpy(c->buf, v->info, PROPERTIES);
	c->reply = PROPERTIES;
}

/* Queue sets of the traffic classes: inside of the function's queues, powers of two. */
static bool map_ok(struct xl710 *x, const u8 *b)
{
	u32 first = xget16(b + I_QUEUE_MAPPING) & 0x7ff;
	u32 own = x->lastq - x->firstq + 1u;

	if ((xget16(b + I_MAPPING_FLAGS) & ~1u) != 0)
		return false;
	for (u32 tc = 0; tc < 8; tc++) {
		u32 m = xget16(b + I_TC_MAPPING + tc * 2);
		u32 end = (m & 0x1ff) + (1u << (m >> 9 & 7));

		if (m != 0 && (xget16(b + I_MAPPING_FLAGS) & 1) != 0 && end > 16)
			return false;
		if ((m != 0 || tc == 0) && (xget16(b + I_MAPPING_FLAGS) & 1) == 0 &&
		    first + end > own)
			return false;
	}
	return true;
}

static void copy(u8 *info, const u8 *b, u32 at, u32 len)
{
	memcpy(info + at, b + at, len);
}

/* The sections that the driver calls valid. */
static int apply(struct xl710 *x, struct xl710_vsi *v, const u8 *b)
{
	u32 valid = xget16(b);

	if ((valid & ~(u32)PROP_ALL) != 0) {
		nicsim_error(x->dev, NICSIM_E_COMMAND, "VSI properties: sections %04x", valid);
		return AQ_EINVAL;
	}
	if ((valid & PROP_QUEUE_MAP) != 0 && !map_ok(x, b)) {
		nicsim_error(x->dev, NICSIM_E_COMMAND,
			     "VSI properties: queues outside of the function's");
		return AQ_EINVAL;
	}
	if (valid & PROP_SWITCH)
		copy(v->info, b, 2, 4);
	if (valid & PROP_SECURITY)
		copy(v->info, b, 6, 2);
	if (valid & PROP_VLAN)
		copy(v->info, b, 8, 8);
	if (valid & PROP_INGRESS)
		copy(v->info, b, 16, 4);
	if (valid & PROP_EGRESS)
		copy(v->info, b, 20, 4);
	if (valid & PROP_CAS_PV)
		copy(v->info, b, 24, 4);
	if (valid & PROP_QUEUE_MAP)
		copy(v->info, b, I_MAPPING_FLAGS, 50);
	if (valid & PROP_QUEUE_OPT)
		copy(v->info, b, 78, 4);
	if (valid & PROP_SCHED) {
		copy(v->info, b, I_UP_ENABLE, 2);
		if (b[I_UP_ENABLE] != 0)
			v->tcs = b[I_UP_ENABLE];
	}
	if (valid & PROP_OUTER_UP)
		copy(v->info, b, 84, 4);
	xl710_vsi_mapped(x, v);
	return AQ_OK;
}

static int add_vsi(struct xl710 *x, struct xl710_cmd *c)
{
	u32 uplink = xget16(c->param), type = xget16(c->param + 6) & 3;
	struct xl710_vsi *v;
	int rc;

	if (!uplink_known(x, uplink) || type == 0)
		return AQ_EINVAL; /* VFs: none */
	v = xl710_vsi_new(x, (u16)uplink, c->param[2], (u8)type);
	if (v == NULL)
		return AQ_ENOSPC;
	rc = apply(x, v, c->buf);
	if (rc != AQ_OK) {
		v->used = false;
		return rc;
	}
	answer(x, c, v);
	return AQ_OK;
}

static int update_vsi(struct xl710 *x, struct xl710_cmd *c)
{
	struct xl710_vsi *v = xl710_vsi_by_seid(x, xget16(c->param));
	int rc;

	if (v == NULL)
		return AQ_ENOENT;
	rc = apply(x, v, c->buf);
	if (rc == AQ_OK)
		answer(x, c, v);
	return rc;
}

static int get_vsi(struct xl710 *x, struct xl710_cmd *c)
{
	struct xl710_vsi *v = xl710_vsi_by_seid(x, xget16(c->param));

	if (v == NULL)
		return AQ_ENOENT;
	answer(x, c, v);
	return AQ_OK;
}

static int delete_element(struct xl710 *x, struct xl710_cmd *c)
{
	u32 seid = xget16(c->param);
	struct xl710_vsi *v = xl710_vsi_by_seid(x, seid);
	struct xl710_veb *b = veb_by_seid(x, seid);

	if (b != NULL) {
		for (u32 i = 0; i < XL710_VSIS; i++)
			if (x->vsi[i].used && x->vsi[i].uplink == seid && i != 0)
				return AQ_EBUSY;
		if (x->vsi[0].uplink == seid)
			x->vsi[0].uplink = XL710_SEID_MAC;
		b->used = false;
		return AQ_OK;
	}
	if (v == NULL)
		return AQ_ENOENT;
	if (v->index == 0)
		return AQ_EPERM; /* the function's own */
	for (u32 q = x->firstq; q <= x->lastq; q++)
		if (x->txq[q].on && x->txq[q].vsi == v->index)
			nicsim_error(x->dev, NICSIM_E_STATE,
				     "VSI %u deleted while its Tx queue %u is enabled", seid, q);
	xl710_filters_of_vsi_drop(x, v->index);
	v->used = false;
	return AQ_OK;
}

/* --- VEBs ----------------------------------------------------------------------------------- */

static int add_veb(struct xl710 *x, struct xl710_cmd *c)
{
	u32 up = xget16(c->param), down = xget16(c->param + 2), i = 0;
	struct xl710_vsi *v = xl710_vsi_by_seid(x, down);

	if (!uplink_known(x, up) || (down != 0 && v == NULL))
		return AQ_EINVAL;
	while (i < XL710_VEBS && x->veb[i].used)
		i++;
	if (i == XL710_VEBS)
		return AQ_ENOSPC;
	x->veb[i] = (struct xl710_veb){ true, (u16)(XL710_SEID_VEB + i), (u16)up,
					xget16(c->param + 4) };
	if (v != NULL)
		v->uplink = x->veb[i].seid;
	memset(c->param, 0, 16);
	xput16(c->param + 6, XL710_SEID_MAC);
	xput16(c->param + 8, x->veb[i].seid);
	xput16(c->param + 10, i);
	xput16(c->param + 12, i + 1);
	xput16(c->param + 14, XL710_VEBS - i - 1);
	return AQ_OK;
}

static int get_veb(struct xl710 *x, struct xl710_cmd *c)
{
	const struct xl710_veb *b = veb_by_seid(x, xget16(c->param));

	if (b == NULL)
		return AQ_ENOENT;
	xput16(c->param + 2, b->uplink);
	xput16(c->param + 4, b->flags);
	xput16(c->param + 6, b->seid - XL710_SEID_VEB);
	xput16(c->param + 8, 1);
	xput16(c->param + 10, XL710_VEBS - 1);
	return AQ_OK;
}

static int accept(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	(void)c;
	return AQ_OK;
}

const struct xl710_handler xl710_aq_switch[] = {
	{ 0x0200, AQ_BUF, 32, "Get Switch Configuration", get_config },
	{ 0x0201, 0, 0, "Add Statistics", accept },
	{ 0x0202, 0, 0, "Remove Statistics", accept },
	{ 0x0203, 0, 0, "Set Port Parameters", set_port },
	{ 0x0204, AQ_BUF, 0, "Get Switch Resource Allocation", get_resources },
	{ 0x0205, 0, 0, "Set Switch Configuration", set_config },
	{ 0x0210, AQ_RD, PROPERTIES, "Add VSI", add_vsi },
	{ 0x0211, AQ_RD, PROPERTIES, "Update VSI", update_vsi },
	{ 0x0212, AQ_BUF, PROPERTIES, "Get VSI", get_vsi },
	{ 0x0230, 0, 0, "Add VEB", add_veb },
	{ 0x0232, AQ_MAYBE, 0, "Get VEB Parameters", get_veb },
	{ 0x0243, 0, 0, "Delete Element", delete_element },
	{ .name = NULL },
};
