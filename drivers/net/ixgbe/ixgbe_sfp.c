// SPDX-License-Identifier: MIT
/*
 * The cage of an 82599: what module is in it (SFF-8472), and the set-up of the analogue part that
 * the EEPROM lists for that kind of module (6.3.7 and 4.6.4.2: word 2Bh points to pairs of kind and
 * offset, at the offset are values for CORECTL up to FFFFh). Every module is accepted; one of
 * another maker, or without a set-up of its own, gets a warning.
 *
 * A machine, called again while it says -EAGAIN: by the boot CPU in probe, by the owner QGM after
 * each reset. The module is read again only if it came since. Nothing that fails here keeps the
 * port from starting.
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum sfp_state {
	SFP_DONE,
	SFP_WIRES, /* wait for the right to use them */
	SFP_READ,
	SFP_LIST, /* pointer to the list */
	SFP_KIND, /* find our kind in it */
	SFP_OFFSET,
	SFP_CORE,  /* wait for the right to use CORECTL */
	SFP_VALUE, /* one after the other */
	SFP_RESTART,
};

enum { MODULE_MS = 200, CORE_MS = 200, READ_TRIES = 2, WORD_LIST = 0x2b, WORDS_MAX = 256 };

/* SFF-8472 table 4-1. */
enum {
	SFF_IDENTIFIER = 0,
	SFF_10G = 3,
	SFF_1G = 6,
	SFF_CABLE = 8,
	SFF_VENDOR = 20,
	SFF_OUI = 37,
	SFF_PART = 40,
	SFF_REVISION = 56,
	SFF_SERIAL = 68,
	SFF_READ = 84, /* all of these */
	SFF_SFP = 3,
};

/* Kinds as the EEPROM's list numbers them, for port 0; port 1 has the next. */
enum { KIND_DIRECT = 3, KIND_OPTICAL = 5, KIND_NONE = 0xffff };

bool ixgbe_sfp_there(const struct ixgbe *e)
{
	return e->variant->sfp && ixgbe_rd(e, IXGBE_ESDP) & ESDP_SDP2;
}

static bool is_1g(const u8 *d)
{
	return !(d[SFF_10G] & 0xf0) && !(d[SFF_CABLE] & 0x0c) && d[SFF_1G] & 0x0f;
}

static const char *type_name(const u8 *d)
{
	static const struct {
		u8 byte, bits;
		const char *name;
	} types[] = {
		{ SFF_10G, 0x10, "SFP+ 10GBASE-SR" },      { SFF_10G, 0x20, "SFP+ 10GBASE-LR" },
		{ SFF_10G, 0x40, "SFP+ 10GBASE-LRM" },     { SFF_10G, 0x80, "SFP+ 10GBASE-ER" },
		{ SFF_CABLE, 0x04, "SFP+ direct attach" }, { SFF_CABLE, 0x08, "SFP+ active cable" },
		{ SFF_1G, 0x01, "SFP 1000BASE-SX" },       { SFF_1G, 0x02, "SFP 1000BASE-LX" },
		{ SFF_1G, 0x04, "SFP 1000BASE-CX" },       { SFF_1G, 0x08, "SFP 1000BASE-T" },
	};

	for (u32 i = 0; i < ARRAY_SIZE(types); i++)
		if (d[types[i].byte] & types[i].bits)
			return types[i].name;
	return d[SFF_IDENTIFIER] == SFF_SFP ? "SFP of unknown kind" : "no SFP";
}

static void copy_text(char *to, u32 room, const char *from)
{
	u32 i = 0;

	for (; from[i] && i + 1 < room; i++)
		to[i] = from[i];
	to[i] = 0;
}

static void tell(struct ixgbe *e)
{
	struct ixgbe_sfp *s = &e->sfp;
	struct port_module m = { .present = s->there };
	const u8 *d = s->i2c.data;
	bool intel = d[SFF_OUI] == 0x00 && d[SFF_OUI + 1] == 0x1b && d[SFF_OUI + 2] == 0x21;

	if (s->known) {
		m.present = true;
		m.identifier = d[SFF_IDENTIFIER];
		copy_text(m.type, sizeof(m.type), type_name(d));
		port_module_text(m.vendor, sizeof(m.vendor), &d[SFF_VENDOR], 16);
		port_module_text(m.part, sizeof(m.part), &d[SFF_PART], 16);
		port_module_text(m.serial, sizeof(m.serial), &d[SFF_SERIAL], 16);
		port_module_text(m.revision, sizeof(m.revision), &d[SFF_REVISION], 4);
		if (s->unlisted)
			copy_text(m.warning, sizeof(m.warning),
				  "the EEPROM has no set-up for this kind");
		else if (!intel)
			copy_text(m.warning, sizeof(m.warning),
				  "not a module of Intel's, used all the same");
	} else if (m.present) {
		copy_text(m.warning, sizeof(m.warning), "the module does not tell what it is");
	}
	port_module_set(e->port, &m);
}

static u16 kind_of(const struct ixgbe *e, const u8 *d)
{
	u16 port1 = !!(ixgbe_rd(e, IXGBE_STATUS) & STATUS_LAN_ID);

	if (d[SFF_IDENTIFIER] != SFF_SFP)
		return KIND_NONE;
	return (u16)((d[SFF_CABLE] & 0x04 ? KIND_DIRECT : KIND_OPTICAL) + port1);
}

void ixgbe_sfp_begin(struct ixgbe *e, u64 now)
{
	struct ixgbe_sfp *s = &e->sfp;
	bool was = s->there;

	s->state = SFP_DONE;
	e->eerd_deadline = 0;
	if (!e->variant->sfp)
		return;
	s->there = ixgbe_sfp_there(e);
	s->tries = 0;
	s->deadline = now + MODULE_MS * e->ms;
	/* A link that is up has all it needs: it is not made to flap. */
	if (s->known && was && s->there)
		s->state = ixgbe_rd(e, IXGBE_LINKS) & LINKS_UP ? SFP_DONE : SFP_LIST;
	else
		s->state = SFP_WIRES;
}

/* Found out, or not; the right to the wires is given back. */
static void module_read(struct ixgbe *e, u64 now, bool known)
{
	struct ixgbe_sfp *s = &e->sfp;

	ixgbe_unlock(e);
	s->known = known;
	s->unlisted = false;
	s->deadline = now + CORE_MS * e->ms;
	s->type = known ? kind_of(e, s->i2c.data) : (u16)KIND_NONE;
	s->state = s->type == KIND_NONE ? SFP_RESTART : SFP_LIST;
	if (!known)
		s->state = SFP_DONE;
	tell(e);
}

static int step_wires(struct ixgbe *e, u64 now)
{
	u32 part = ixgbe_rd(e, IXGBE_STATUS) & STATUS_LAN_ID ? SYNC_PHY1 : SYNC_PHY0;
	int err = ixgbe_lock(e, part, now);

	if (err == -EAGAIN && now < e->sfp.deadline)
		return err;
	if (err) {
		module_read(e, now, false);
		return -EAGAIN;
	}
	ixgbe_i2c_begin(e, SFF_READ);
	e->sfp.state = SFP_READ;
	return -EAGAIN;
}

static int step_read(struct ixgbe *e, u64 now)
{
	struct ixgbe_sfp *s = &e->sfp;
	int err = ixgbe_i2c_step(e, now);

	if (err == -EAGAIN && now < s->deadline)
		return err;
	if (err == -ENODEV && s->there && ++s->tries < READ_TRIES)
		ixgbe_i2c_begin(e, SFF_READ); /* it may have been asleep */
	else
		module_read(e, now, !err);
	return -EAGAIN;
}

/* One word of the EEPROM, or one more look whether it is there. */
static void step_words(struct ixgbe *e, u64 now)
{
	struct ixgbe_sfp *s = &e->sfp;
	u16 v, word = s->state == SFP_LIST ? (u16)WORD_LIST : s->at;
	int err = ixgbe_eeprom_read(e, word, now, &v);

	if (err == -EAGAIN)
		return;
	if (err || (s->state != SFP_VALUE && s->state != SFP_KIND && (!v || v == 0xffff)) ||
	    (s->state == SFP_KIND && v == 0xffff)) {
		s->unlisted = true;
		s->state = SFP_RESTART;
		tell(e);
		return;
	}
	switch (s->state) {
	case SFP_LIST:
		s->at = (u16)(v + 1); /* the first word is the length */
		s->state = SFP_KIND;
		break;
	case SFP_KIND:
		s->state = v == s->type ? SFP_OFFSET : SFP_KIND;
		s->at = (u16)(s->at + (v == s->type ? 1 : 2));
		break;
	case SFP_OFFSET:
		s->at = (u16)(v + 1);
		s->state = SFP_CORE;
		break;
	default: /* SFP_VALUE */
		s->at++;
		if (v == 0xffff)
			s->state = SFP_RESTART;
		else
			ixgbe_wr(e, IXGBE_CORECTL, v);
		break;
	}
}

static void restart_link(struct ixgbe *e)
{
	u32 v = ixgbe_rd(e, IXGBE_AUTOC) & ~(u32)AUTOC_LMS_MASK;

	v |= e->sfp.known && is_1g(e->sfp.i2c.data) ? AUTOC_LMS_1G_AN : AUTOC_LMS_10G_SERIAL;
	ixgbe_wr(e, IXGBE_AUTOC, v | AUTOC_AN_RESTART);
}

int ixgbe_sfp_identify(struct ixgbe *e, u64 now)
{
	return e->sfp.state == SFP_WIRES || e->sfp.state == SFP_READ ? ixgbe_sfp_step(e, now) : 0;
}

int ixgbe_sfp_step(struct ixgbe *e, u64 now)
{
	struct ixgbe_sfp *s = &e->sfp;

	switch (s->state) {
	case SFP_DONE:
		return 0;
	case SFP_WIRES:
		return step_wires(e, now);
	case SFP_READ:
		return step_read(e, now);
	case SFP_CORE:
		if (!ixgbe_lock(e, SYNC_MAC_CSR, now))
			s->state = SFP_VALUE;
		break;
	case SFP_RESTART:
		ixgbe_unlock(e);
		restart_link(e);
		s->state = SFP_DONE;
		return 0;
	default:
		step_words(e, now);
		break;
	}
	if (now >= s->deadline)
		s->state = SFP_RESTART;
	return -EAGAIN;
}
