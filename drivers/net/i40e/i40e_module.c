// SPDX-License-Identifier: MIT
/*
 * The cage of an XL710: what module is in it (SFF-8472 for SFP+, SFF-8636 for QSFP+). The firmware
 * reads it for us (API 1.7 on), a byte a command, while the port runs. Every module that the
 * firmware brings up is used; one that it does not know gets a warning. Owner QGM.
 */
#include "drivers/net/i40e/i40e.h"

enum {
	SFF_SFP = 0x03,
	SFF_QSFP = 0x0c,
	SFF_QSFP_PLUS = 0x0d,
	SFF_QSFP28 = 0x11,
	SFP_DEVICE = 0xa0, /* two-wire address; a QSFP has pages instead */
	API_MODULE = 7,
};

/* Where the fields are: vendor, part, revision, serial number; then the kind's two bytes. */
struct place {
	u8 vendor, part, revision, serial, revision_len;
	u8 ethernet, cable;
};
static const struct place sfp = { 20, 40, 56, 68, 4, 3, 8 };
static const struct place qsfp = { 148, 168, 184, 196, 2, 131, 147 };

/* e->module: identifier, 16 bytes each of vendor, part and serial number, then the rest. */
enum {
	AT_IDENTIFIER = 0,
	AT_VENDOR = 1,
	AT_PART = 17,
	AT_SERIAL = 33,
	AT_REVISION = 49,
	AT_ETHERNET = 53,
	AT_CABLE = 54,
	BYTES = 55,
};
_Static_assert(BYTES <= sizeof(((struct i40e *)0)->module), "i40e.h");

static const struct place *place(const struct i40e *e)
{
	return e->module[AT_IDENTIFIER] == SFF_SFP ? &sfp : &qsfp;
}

/* The module's own number of byte `at` of our list. */
static u32 offset(const struct i40e *e, u32 at)
{
	const struct place *w = place(e);

	if (at == AT_IDENTIFIER)
		return 0;
	if (at < AT_PART)
		return w->vendor + at - AT_VENDOR;
	if (at < AT_SERIAL)
		return w->part + at - AT_PART;
	if (at < AT_REVISION)
		return w->serial + at - AT_SERIAL;
	if (at < AT_ETHERNET)
		return w->revision + at - AT_REVISION;
	return at == AT_ETHERNET ? w->ethernet : w->cable;
}

static bool is_known(u8 identifier)
{
	return identifier == SFF_SFP || identifier == SFF_QSFP || identifier == SFF_QSFP_PLUS ||
	       identifier == SFF_QSFP28;
}

static void copy_text(char *to, u32 room, const char *from)
{
	u32 i = 0;

	for (; from[i] && i + 1 < room; i++)
		to[i] = from[i];
	to[i] = 0;
}

static const char *type_name(const struct i40e *e)
{
	static const struct {
		bool sfp, cable;
		u8 bits;
		const char *name;
	} types[] = {
		{ true, false, 0x10, "SFP+ 10GBASE-SR" },
		{ true, false, 0x20, "SFP+ 10GBASE-LR" },
		{ true, true, 0x04, "SFP+ direct attach" },
		{ true, true, 0x08, "SFP+ active cable" },
		{ false, false, 0x01, "QSFP+ 40G active cable" },
		{ false, false, 0x02, "QSFP+ 40GBASE-LR4" },
		{ false, false, 0x04, "QSFP+ 40GBASE-SR4" },
		{ false, false, 0x08, "QSFP+ 40GBASE-CR4" },
	};
	bool is_sfp = e->module[AT_IDENTIFIER] == SFF_SFP;

	for (u32 i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].sfp == is_sfp &&
		    e->module[types[i].cable ? AT_CABLE : AT_ETHERNET] & types[i].bits)
			return types[i].name;
	return is_sfp ? "SFP of unknown kind" : "QSFP of unknown kind";
}

static void tell(struct i40e *e)
{
	struct port_module m = { .present = true, .identifier = e->module[AT_IDENTIFIER] };

	if (!is_known(m.identifier)) {
		copy_text(m.warning, sizeof(m.warning), "the module does not tell what it is");
	} else {
		copy_text(m.type, sizeof(m.type), type_name(e));
		port_module_text(m.vendor, sizeof(m.vendor), &e->module[AT_VENDOR], 16);
		port_module_text(m.part, sizeof(m.part), &e->module[AT_PART], 16);
		port_module_text(m.serial, sizeof(m.serial), &e->module[AT_SERIAL], 16);
		port_module_text(m.revision, sizeof(m.revision), &e->module[AT_REVISION],
				 place(e)->revision_len);
		if (!(e->link.an_info & AN_QUALIFIED_MODULE))
			copy_text(m.warning, sizeof(m.warning),
				  "not on the firmware's list, used all the same");
	}
	port_module_set(e->port, &m);
	e->module_done = true;
}

void i40e_module_none(struct i40e *e)
{
	if (e->port->module.m.present)
		port_module_set(e->port, &(struct port_module){ 0 });
	e->module_done = e->module_sfp = false;
	e->module_at = 0;
}

bool i40e_module_ask(struct i40e *e, struct i40e_aq_desc *d)
{
	bool is_sfp;

	if (e->module_done || e->api_minor < API_MODULE || !(e->link.info & LINK_MEDIA_AVAILABLE))
		return false;
	/* The first byte tells which of the two it is: an SFP+ has a device, a QSFP+ pages. */
	is_sfp = e->module_at ? e->module[AT_IDENTIFIER] == SFF_SFP : e->module_sfp;
	*d = (struct i40e_aq_desc){ .opcode = AQ_GET_PHY_REGISTER };
	d->param[0] =
		PHY_EXTERNAL_MODULE | (is_sfp ? (u32)SFP_DEVICE : 0) << 8 | PHY_KEEP_PAGE << 16;
	d->param[1] = offset(e, e->module_at);
	return true;
}

void i40e_module_answer(struct i40e *e, const struct i40e_aq_desc *d)
{
	u8 v = d->retval ? 0 : (u8)d->param[2];

	if (!e->module_at && (d->retval || !is_known(v)) && !e->module_sfp) {
		e->module_sfp = true; /* not a QSFP: then as an SFP */
		return;
	}
	e->module[e->module_at++] = v;
	if (e->module_at == BYTES || !is_known(e->module[AT_IDENTIFIER]))
		tell(e);
}
