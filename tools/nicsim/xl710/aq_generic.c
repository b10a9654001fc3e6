// SPDX-License-Identifier: MIT
/*
 * Admin commands of the function itself: version, shutdown, resources, capabilities, MAC
 * addresses, PXE mode, registers by firmware, alternate RAM.
 *
 * Data sheet 332464: 7.10.5 (generic), 7.10.9 (resources), 3.4.6 (MAC addresses), 7.12.5.
 */
#include <string.h>

#include "tools/nicsim/xl710/adminq.h"

enum { GLLAN_RCTL_0 = 0x12a500, NVM_RESOURCE = 1, SDP_RESOURCE = 2, ACCESS_READ = 1, ACCESS_WRITE };

/* Answers of a recent firmware: API 1.15 (the XL710's newest), build and version of NVM 9. */
static int get_version(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	xput32(c->param, 0);           /* ROM */
	xput32(c->param + 4, 0x12345); /* build */
	xput16(c->param + 8, 9);       /* firmware major, minor */
	xput16(c->param + 10, 140);
	xput16(c->param + 12, 1); /* API major, minor */
	xput16(c->param + 14, 15);
	return AQ_OK;
}

static int driver_version(struct xl710 *x, struct xl710_cmd *c)
{
	c->buf[c->len - 1] = 0;
	nicsim_trace(x->dev, "driver %u.%u.%u.%u %s", c->param[0], c->param[1], c->param[2],
		     c->param[3], (const char *)c->buf);
	return AQ_OK;
}

static int queue_shutdown(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	(void)c;
	return AQ_OK; /* adminq.c disables the queues once this one is answered */
}

static int set_pf_context(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	return c->param[0] == 0 ? AQ_OK : AQ_EPERM;
}

/* Ownership of the NVM: for 3 s to read, 180 s to write (7.10.9.1). */
static int request_resource(struct xl710 *x, struct xl710_cmd *c)
{
	u32 id = xget16(c->param), access = xget16(c->param + 2);
	u64 now = xl710_now(x);

	if (id == SDP_RESOURCE)
		return AQ_OK;
	if (id != NVM_RESOURCE || (access != ACCESS_READ && access != ACCESS_WRITE)) {
		nicsim_error(x->dev, NICSIM_E_COMMAND, "resource %u, access %u", id, access);
		return AQ_EINVAL;
	}
	if (x->nvm.owner != 0 && now < x->nvm.owner_until) {
		xput32(c->param + 4, (u32)((x->nvm.owner_until - now) / 1000000));
		return AQ_EBUSY;
	}
	x->nvm.owner = (u16)access;
	x->nvm.owner_until = now + (access == ACCESS_READ ? 3000000000ull : 180000000000ull);
	xput32(c->param + 4, access == ACCESS_READ ? 3000 : 180000);
	return AQ_OK;
}

static int release_resource(struct xl710 *x, struct xl710_cmd *c)
{
	if (xget16(c->param) == SDP_RESOURCE)
		return AQ_OK;
	if (xget16(c->param) != NVM_RESOURCE || x->nvm.owner == 0)
		return AQ_EPERM;
	x->nvm.owner = 0;
	return AQ_OK;
}

struct capability {
	u16 id;
	u8 major;
	u32 number, logical, physical;
};

/* 7.10.9.2, table of capabilities: 32 bytes each. */
static int list_capabilities(struct xl710 *x, struct xl710_cmd *c)
{
	u32 queues = x->lastq - x->firstq + 1u;
	bool device = c->opcode == 0x000b;
	const struct capability cap[] = {
		{ 0x0001, 1, 0, 0, 0 },                 /* switch mode: EVB */
		{ 0x0002, 1, 0, 0, 0 },                 /* manageability: none */
		{ 0x0005, 1, 1, 0, 0 },                 /* valid functions: 0 */
		{ 0x0006, 1, 1, 0, 0 },                 /* alternate RAM */
		{ 0x0008, 1, 0, 0, 0 },                 /* wake and proxy: none */
		{ 0x0014, 1, 1, 0, 0 },                 /* VMDq */
		{ 0x0017, 1, device ? 384 : 34, 0, 0 }, /* VSIs */
		{ 0x0018, 1, 1, 1, 8 },                 /* DCB: class 0 of 8 enabled */
		{ 0x0040, 1, 512, 6, 0 },               /* RSS: table, bits of an entry */
		{ 0x0041, 1, queues, 0, x->firstq },    /* Rx queues */
		{ 0x0042, 1, queues, 0, x->firstq },    /* Tx queues */
		{ 0x0043, 1, XL710_VECTORS, 0, 0 },     /* MSI-X */
		{ 0x0045, 1, 512, 7680, 0 },            /* flow director: guaranteed, best effort */
		{ 0x0046, 1, 0, 0, 0 },                 /* IEEE 1588: none */
		{ 0x0061, 1, 1, 0, 0 },                 /* LED */
		{ 0x0063, 1, 0, 0, 0 },                 /* MDIO: by firmware */
		{ 0x0080, 1, 0, 0, 0 },                 /* NVM management */
	};
	u32 n = sizeof(cap) / sizeof(*cap);

	xput32(c->param + 4, n);
	if (c->len < n * 32) {
		c->want = (u16)(n * 32);
		return AQ_ENOMEM;
	}
	for (u32 i = 0; i < n; i++) {
		u8 *e = c->buf + i * 32;

		xput16(e, cap[i].id);
		e[2] = cap[i].major;
		xput32(e + 4, cap[i].number);
		xput32(e + 8, cap[i].logical);
		xput32(e + 12, cap[i].physical);
	}
	c->reply = (u16)(n * 32);
	return AQ_OK;
}

enum { LAN_VALID = 0x10, SAN_VALID = 0x20, PORT_VALID = 0x40, WOL_VALID = 0x80 };

static int mac_read(struct xl710 *x, struct xl710_cmd *c)
{
	memset(c->buf, 0, 24);
	memcpy(c->buf, x->laa, 6);
	memcpy(c->buf + 12, x->dev->mac, 6);
	xput16(c->param, LAN_VALID | PORT_VALID);
	c->reply = 24;
	return AQ_OK;
}

/* 3.4.6.2: SAH holds the first two bytes, SAL the other four, as big-endian numbers. */
static int mac_write(struct xl710 *x, struct xl710_cmd *c)
{
	u32 type = xget16(c->param) & 0xc000, sah = xget16(c->param + 2);
	u32 sal = xget32(c->param + 4);
	u8 mac[6] = { (u8)(sah >> 8),  (u8)sah,        (u8)(sal >> 24),
		      (u8)(sal >> 16), (u8)(sal >> 8), (u8)sal };

	if ((mac[0] & 1) != 0 || (sah | sal) == 0)
		return AQ_EINVAL;
	if (type == 0x8000) {
		nicsim_error(x->dev, NICSIM_E_NVM, "the port's MAC address written");
		return AQ_EPERM;
	}
	if (type != 0xc000)
		memcpy(x->laa, mac, 6);
	return AQ_OK;
}

static int clear_pxe(struct xl710 *x, struct xl710_cmd *c)
{
	if (c->param[0] != 2)
		nicsim_error(x->dev, NICSIM_E_COMMAND, "Clear PXE Mode with rx_cnt %u, not 2",
			     c->param[0]);
	if ((XR(x, GLLAN_RCTL_0) & 1) == 0)
		return AQ_EEXIST;
	XR(x, GLLAN_RCTL_0) &= ~1u;
	return AQ_OK;
}

static int reg_known(struct xl710 *x, u32 off)
{
	if (xl710_reg_at(off) != NULL && off % 4 == 0)
		return AQ_OK;
	nicsim_error(x->dev, NICSIM_E_COMMAND, "admin command on no register, %06x", off);
	return AQ_EINVAL;
}

static int rx_ctl_read(struct xl710 *x, struct xl710_cmd *c)
{
	u32 off = xget32(c->param + 4);

	if (reg_known(x, off) != AQ_OK)
		return AQ_EINVAL;
	xput32(c->param + 12, xl710_reg_read(x, off));
	return AQ_OK;
}

static int rx_ctl_write(struct xl710 *x, struct xl710_cmd *c)
{
	u32 off = xget32(c->param + 4);

	if (reg_known(x, off) != AQ_OK)
		return AQ_EINVAL;
	xl710_reg_write(x, off, xget32(c->param + 12));
	return AQ_OK;
}

static int debug_read(struct xl710 *x, struct xl710_cmd *c)
{
	u32 off = xget32(c->param + 4);

	if (reg_known(x, off) != AQ_OK)
		return AQ_EINVAL;
	xput32(c->param + 8, 0);
	xput32(c->param + 12, xl710_reg_read(x, off));
	return AQ_OK;
}

/* Firmware may write what the driver may not: no check of the row's masks. */
static int debug_write(struct xl710 *x, struct xl710_cmd *c)
{
	u32 off = xget32(c->param + 4);

	if (reg_known(x, off) != AQ_OK)
		return AQ_EINVAL;
	if (xl710_reg_at(off)->write != NULL)
		xl710_reg_write(x, off, xget32(c->param + 12));
	else
		XR(x, off) = xget32(c->param + 12);
	return AQ_OK;
}

static int alternate_read(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	xput32(c->param + 4, 0); /* nothing is configured there */
	xput32(c->param + 12, 0);
	return AQ_OK;
}

static int accept(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	(void)c;
	return AQ_OK;
}

const struct xl710_handler xl710_aq_generic[] = {
	{ 0x0001, 0, 0, "Get Version", get_version },
	{ 0x0002, AQ_RD, 1, "Driver Version", driver_version },
	{ 0x0003, 0, 0, "Queue Shutdown", queue_shutdown },
	{ 0x0004, 0, 0, "Set PF Context", set_pf_context },
	{ 0x0008, 0, 0, "Request Resource", request_resource },
	{ 0x0009, 0, 0, "Release Resource", release_resource },
	{ 0x000a, AQ_BUF, 0, "List Function Capabilities", list_capabilities },
	{ 0x000b, AQ_BUF, 0, "List Device Capabilities", list_capabilities },
	{ 0x0107, AQ_BUF, 24, "Manage MAC Address Read", mac_read },
	{ 0x0108, 0, 0, "Manage MAC Address Write", mac_write },
	{ 0x0110, 0, 0, "Clear PXE Mode", clear_pxe },
	{ 0x0206, 0, 0, "Read Rx Control Register", rx_ctl_read },
	{ 0x0207, 0, 0, "Write Rx Control Register", rx_ctl_write },
	{ 0x0900, 0, 0, "Alternate Write", accept },
	{ 0x0902, 0, 0, "Alternate Read", alternate_read },
	{ 0x0904, 0, 0, "Alternate Write Done", accept },
	{ 0xff03, 0, 0, "Debug Read Register", debug_read },
	{ 0xff04, 0, 0, "Debug Write Register", debug_write },
	{ .name = NULL },
};
