// SPDX-License-Identifier: MIT
/*
 * Link: the PHY and MAC commands of the admin queue, link state from the partner's light, link
 * events. XL710: 40GBASE-SR4 in a QSFP+ cage; X710: 10GBASE-SR in an SFP+ cage.
 *
 * Data sheet 332464: 3.2 (Ethernet interfaces), 3.2.5 (link commands), 7.10.5.
 */
#include <string.h>

#include "tools/nicsim/xl710/adminq.h"

enum {
	PHY_10G_SR = 0x14,
	PHY_40G_SR4 = 0x19,
	SPEED_10G = 1 << 3,
	SPEED_40G = 1 << 4,
	LINK_UP = 0x01,
	LINK_FAULT = 0x02,
	LINK_PORT_UP = 0x20,
	MEDIA = 0x40,
	SIGNAL = 0x80,
	AN_COMPLETED = 0x01,
	PAUSE_TX = 0x20,
	PAUSE_RX = 0x40,
	QUALIFIED = 0x80,
	LSE_ENABLED = 1,
	EVENT_UPDOWN = 0x0002,
	ENABLE_LINK = 0x08, /* Set PHY Config: abilities */
	ATOMIC_LINK = 0x20,
	OP_GET_LINK_STATUS = 0x0607,
	PRTMAC_LINKSTA = 0x1e2420,
	LINKSTA_UP = 1 << 30 | 1 << 7, /* 29:27: 2 is 10 Gb/s, 3 is 40 */
	PRTMAC_LINK_DOWN = 0x1e2440,
	UP_NS = 1000000, /* from light to link */
};

u8 xl710_link_speed(const struct xl710 *x)
{
	return x->x710 ? SPEED_10G : SPEED_40G;
}

static u8 phy_type(const struct xl710 *x)
{
	return x->x710 ? PHY_10G_SR : PHY_40G_SR4;
}

/* Loopback inside of the MAC needs no light. */
static bool light(struct xl710 *x)
{
	return x->link.loopback != 0 || (nicsim_light(x->dev) && xl710_now(x) >= x->link.flap_end);
}

void xl710_link_status(struct xl710 *x, u8 p[16])
{
	const struct xl710_link *l = &x->link;

	memset(p, 0, 16);
	p[0] = l->lse ? LSE_ENABLED : 0;
	p[2] = phy_type(x);
	p[3] = l->up ? xl710_link_speed(x) : 0;
	p[4] = (u8)(MEDIA | (light(x) ? SIGNAL : 0) |
		    (l->up ? LINK_UP | LINK_PORT_UP : LINK_FAULT));
	p[5] = (u8)(QUALIFIED | (l->up && l->an ? AN_COMPLETED : 0) |
		    (l->up && (l->pause & 1) ? PAUSE_TX : 0) |
		    (l->up && (l->pause & 2) ? PAUSE_RX : 0));
	p[7] = l->loopback;
	xput16(p + 8, l->max_frame);
	p[10] = l->mac_params & 0x7c;
}

static void change(struct xl710 *x, bool up)
{
	struct xl710_link *l = &x->link;
	u8 p[16];

	l->up = up;
	l->up_at = 0;
	XR(x, PRTMAC_LINKSTA) = up ? LINKSTA_UP | (x->x710 ? 2u : 3u) << 27 : 0;
	if (!up) {
		l->downs++;
		XR(x, PRTMAC_LINK_DOWN) = l->downs;
	}
	xl710_cause(x, XL710_ICR0_LINK);
	if (!l->lse || (l->event_mask & EVENT_UPDOWN) != 0)
		return;
	/* The event disarms itself; Get Link Status arms it anew (3.2.5.1.5). */
	xl710_link_status(x, p);
	l->lse = false;
	xl710_event(x, OP_GET_LINK_STATUS, p, NULL, 0);
}

/* Light, enable and time against the state. */
void xl710_link_update(struct xl710 *x)
{
	struct xl710_link *l = &x->link;
	bool can = l->enabled && light(x);

	if (!can) {
		l->up_at = 0;
		if (l->up)
			change(x, false);
	} else if (!l->up && l->up_at == 0) {
		l->up_at = xl710_now(x) + UP_NS;
		xl710_wake_at(x, l->up_at);
	} else if (!l->up && xl710_now(x) >= l->up_at) {
		change(x, true);
	}
}

void xl710_link_tick(struct xl710 *x)
{
	u64 arg;

	if (x->link.up && nicsim_fault(x->dev, "link-flap", &arg)) {
		x->link.flap_end = xl710_now(x) + (arg != 0 ? arg : 500) * 1000;
		xl710_link_update(x);
		xl710_wake_at(x, x->link.flap_end);
	}
	xl710_link_update(x);
}

/* The link itself outlives a PF reset; the event and its mask do not. */
void xl710_link_reset(struct xl710 *x)
{
	struct xl710_link *l = &x->link;

	l->lse = false;
	l->event_mask = 0;
	l->loopback = 0;
	if (l->max_frame == 0) { /* power on */
		l->enabled = true;
		l->an = true;
		l->max_frame = XL710_FRAME_MAX;
		l->mac_params = 4; /* CRC by the MAC */
	}
	xl710_link_update(x);
}

/* --- admin commands ------------------------------------------------------------------------- */

enum { ABILITIES = 0x218, MODULE_TYPE = 20 };

static int get_phy(struct xl710 *x, struct xl710_cmd *c)
{
	u8 *b = c->buf;

	xput32(b, 1u << phy_type(x));
	b[4] = xl710_link_speed(x);
	b[5] = (u8)((x->link.enabled ? 0x08 : 0) | 0x10 | 0x20 | (x->link.pause & 3));
	b[16] = 1;                              /* PHY id */
	b[MODULE_TYPE] = x->x710 ? 0x03 : 0x0d; /* SFF-8024: SFP, QSFP+ */
	b[MODULE_TYPE + 1] = x->x710 ? 0x10 : 0x04;
	c->reply = ABILITIES;
	return AQ_OK;
}

static int set_phy(struct xl710 *x, struct xl710_cmd *c)
{
	const u8 *p = c->param;

	if (p[4] != 0 && (p[4] & xl710_link_speed(x)) == 0) {
		nicsim_error(x->dev, NICSIM_E_COMMAND, "Set PHY Config: speeds %02x", p[4]);
		return AQ_EINVAL;
	}
	memcpy(x->link.phy_config, p, 16);
	x->link.pause = p[5] & 3;
	x->link.an = true;
	if ((p[5] & ATOMIC_LINK) != 0 || (p[5] & ENABLE_LINK) == 0) {
		/* the new configuration takes effect with the link going down and up */
		x->link.enabled = (p[5] & ENABLE_LINK) != 0;
		if (x->link.up)
			change(x, false);
	} else {
		x->link.enabled = true;
	}
	xl710_link_update(x);
	return AQ_OK;
}

static int set_mac(struct xl710 *x, struct xl710_cmd *c)
{
	u32 max = xget16(c->param);

	if (max < 64 || max > XL710_FRAME_MAX) {
		nicsim_error(x->dev, NICSIM_E_COMMAND, "Set MAC Config: frames up to %u", max);
		return AQ_EINVAL;
	}
	x->link.max_frame = (u16)max;
	x->link.mac_params = c->param[2];
	return AQ_OK;
}

static int restart_an(struct xl710 *x, struct xl710_cmd *c)
{
	x->link.enabled = (c->param[0] & 4) != 0;
	if ((c->param[0] & 2) != 0 && x->link.up)
		change(x, false);
	xl710_link_update(x);
	return AQ_OK;
}

static int get_status(struct xl710 *x, struct xl710_cmd *c)
{
	u32 lse = xget16(c->param) & 3;

	if (lse == 3)
		x->link.lse = true;
	else if (lse == 2)
		x->link.lse = false;
	xl710_link_update(x);
	xl710_link_status(x, c->param);
	return AQ_OK;
}

static int set_mask(struct xl710 *x, struct xl710_cmd *c)
{
	x->link.event_mask = xget16(c->param + 8);
	return AQ_OK;
}

static int set_loopback(struct xl710 *x, struct xl710_cmd *c)
{
	u32 mode = xget16(c->param);

	if ((mode & ~7u) != 0)
		return AQ_EINVAL;
	x->link.loopback = (u8)mode;
	xl710_link_update(x);
	return AQ_OK;
}

/* QSFP+/SFP+ module memory by firmware: identifier, vendor, part, compliance. */
static int get_phy_register(struct xl710 *x, struct xl710_cmd *c)
{
	static const char vendor[] = "NICSIM          ";
	static const char part[] = "XL710-SR4       ";
	u32 reg = xget32(c->param + 4), v = 0;
	u32 at = x->x710 ? 20 : 148, part_at = x->x710 ? 40 : 168;

	if (c->param[0] != 2)
		return AQ_EINVAL;
	if (reg == 0 || (!x->x710 && reg == 128))
		v = x->x710 ? 0x03 : 0x0d;
	else if (reg == 3 && x->x710)
		v = 0x10;
	else if (reg == 131 && !x->x710)
		v = 0x04;
	else if (reg >= at && reg < at + 16)
		v = (u8)vendor[reg - at];
	else if (reg >= part_at && reg < part_at + 16)
		v = (u8)part[reg - part_at];
	xput32(c->param + 8, v);
	return AQ_OK;
}

static int accept(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	(void)c;
	return AQ_OK;
}

const struct xl710_handler xl710_aq_link[] = {
	{ 0x0600, AQ_BUF, ABILITIES, "Get PHY Abilities", get_phy },
	{ 0x0601, 0, 0, "Set PHY Config", set_phy },
	{ 0x0603, 0, 0, "Set MAC Config", set_mac },
	{ 0x0605, 0, 0, "Set Link and Restart AN", restart_an },
	{ OP_GET_LINK_STATUS, 0, 0, "Get Link Status", get_status },
	{ 0x0613, 0, 0, "Set Event Mask", set_mask },
	{ 0x0618, 0, 0, "Set Loopback Modes", set_loopback },
	{ 0x0622, 0, 0, "Set PHY Debug", accept },
	{ 0x0629, 0, 0, "Get PHY Register", get_phy_register },
	{ .name = NULL },
};
