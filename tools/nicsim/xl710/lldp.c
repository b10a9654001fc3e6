// SPDX-License-Identifier: MIT
/*
 * The firmware's LLDP agent: while it runs, LLDP frames of the nearest bridge never reach the
 * driver, and the port sends its own; drivers that speak LLDP themselves have to stop it. Also the
 * DCB commands around its MIBs.
 *
 * Data sheet 332464: 3.2.6 (LLDP agent), 7.12.3. IEEE 802.1AB: 7.1 (addresses), 8 (LLDPDU).
 */
#include <string.h>

#include "tools/nicsim/xl710/adminq.h"

enum {
	ETH_LLDP = 0x88cc,
	TX_NS_FIRST = 1000000000u,
	SHUTDOWN = 1,
	ETH_MIN = 60,
	OP_MIB_EVENT = 0x0a01,
};
#define TX_NS 30000000000ull /* msgTxInterval */

static const u8 nearest_bridge[6] = { 0x01, 0x80, 0xc2, 0, 0, 0x0e };

void xl710_lldp_reset(struct xl710 *x)
{
	memset(&x->lldp, 0, sizeof(x->lldp));
	x->lldp.running = xl710_nvm_lldp_on(x);
	x->lldp.next_tx = xl710_now(x) + TX_NS_FIRST;
}

/* Chassis and port are the MAC address. ttl 0: the agent says goodbye. */
static void send(struct xl710 *x, u32 ttl)
{
	u8 f[ETH_MIN] = { 0 };
	u32 n = 14;

	memcpy(f, nearest_bridge, 6);
	memcpy(f + 6, x->dev->mac, 6);
	xput_be16(f + 12, ETH_LLDP);
	for (u32 tlv = 1; tlv <= 2; tlv++) { /* chassis id (4: MAC), port id (3: MAC) */
		xput_be16(f + n, tlv << 9 | 7);
		f[n + 2] = tlv == 1 ? 4 : 3;
		memcpy(f + n + 3, x->dev->mac, 6);
		n += 9;
	}
	xput_be16(f + n, 3 << 9 | 2);
	xput_be16(f + n + 2, ttl);
	x->lldp.sent++;
	xl710_stat_port_tx(x, f, sizeof(f));
	nicsim_send(x->dev, f, sizeof(f));
}

void xl710_lldp_tick(struct xl710 *x)
{
	if (!x->lldp.running || !x->link.up || xl710_now(x) < x->lldp.next_tx)
		return;
	send(x, 121);
	x->lldp.next_tx = xl710_now(x) + TX_NS;
}

bool xl710_lldp_rx(struct xl710 *x, const u8 *frame, u32 len)
{
	u32 body = len - 14;
	u8 p[16] = { 1 }; /* remote MIB, nearest bridge */

	if (!x->lldp.running || xbe16(frame + 12) != ETH_LLDP ||
	    memcmp(frame, nearest_bridge, 6) != 0)
		return false;
	x->lldp.eaten++;
	if (body > sizeof(x->lldp.remote))
		body = sizeof(x->lldp.remote);
	if (x->lldp.remote_len == body && memcmp(x->lldp.remote, frame + 14, body) == 0)
		return true;
	memcpy(x->lldp.remote, frame + 14, body);
	x->lldp.remote_len = (u16)body;
	if (x->lldp.mib_events)
		xl710_event(x, OP_MIB_EVENT, p, x->lldp.remote, body);
	return true;
}

/* --- admin commands ------------------------------------------------------------------------- */

static int get_mib(struct xl710 *x, struct xl710_cmd *c)
{
	u32 type = c->param[0] & 3;
	u32 local = type != 1 ? x->lldp.local_len : 0, remote = type != 0 ? x->lldp.remote_len : 0;

	if (!x->lldp.running)
		return AQ_EPERM;
	if (type == 3 || local + remote == 0)
		return AQ_ENOENT;
	if (local + remote > c->len)
		return AQ_ENOMEM;
	memcpy(c->buf, x->lldp.local, local);
	memcpy(c->buf + local, x->lldp.remote, remote);
	xput16(c->param + 2, local);
	xput16(c->param + 4, remote);
	c->reply = (u16)(local + remote);
	return AQ_OK;
}

static int mib_events(struct xl710 *x, struct xl710_cmd *c)
{
	x->lldp.mib_events = (c->param[0] & 1) == 0;
	return AQ_OK;
}

static int stop(struct xl710 *x, struct xl710_cmd *c)
{
	if (!x->lldp.running)
		return AQ_EPERM; /* stopped already */
	if ((c->param[0] & SHUTDOWN) != 0 && x->link.up)
		send(x, 0);
	x->lldp.running = false;
	x->lldp.remote_len = 0;
	return AQ_OK;
}

static int start(struct xl710 *x, struct xl710_cmd *c)
{
	if ((c->param[0] & 1) == 0)
		return AQ_EINVAL;
	if (!xl710_nvm_lldp_on(x))
		return AQ_EPERM; /* the device's configuration forbids it */
	if (x->lldp.running)
		return AQ_EEXIST;
	x->lldp.running = true;
	x->lldp.next_tx = xl710_now(x) + TX_NS_FIRST;
	return AQ_OK;
}

static int set_local(struct xl710 *x, struct xl710_cmd *c)
{
	u32 len = xget16(c->param + 2);

	if (len == 0 || len > c->len || len > sizeof(x->lldp.local))
		return AQ_EINVAL;
	memcpy(x->lldp.local, c->buf, len);
	x->lldp.local_len = (u16)len;
	memset(c->param, 0, 8);
	return AQ_OK;
}

/* No DCBX peer: nothing is operational. */
static int get_cee(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	(void)c;
	return AQ_ENOENT;
}

static int specific_agent(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	return (c->param[0] & ~1u) == 0 ? AQ_OK : AQ_EINVAL;
}

static int restore(struct xl710 *x, struct xl710_cmd *c)
{
	(void)c;
	x->lldp.running = xl710_nvm_lldp_on(x);
	return AQ_OK;
}

static int set_dcb(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	return (c->param[1] & 1) != 0 ? AQ_OK : AQ_EINVAL;
}

const struct xl710_handler xl710_aq_lldp[] = {
	{ 0x0303, 0, 0, "Set DCB Parameters", set_dcb },
	{ 0x0a00, AQ_BUF, 0, "Get LLDP MIB", get_mib },
	{ 0x0a01, AQ_MAYBE, 0, "Configure LLDP MIB Change Event", mib_events },
	{ 0x0a05, 0, 0, "Stop LLDP Agent", stop },
	{ 0x0a06, 0, 0, "Start LLDP Agent", start },
	{ 0x0a07, AQ_BUF, 0, "Get CEE DCBX Operational Configuration", get_cee },
	{ 0x0a08, AQ_RD, 1, "Set Local LLDP MIB", set_local },
	{ 0x0a09, 0, 0, "Stop or Start Specific Agent", specific_agent },
	{ 0x0a0a, 0, 0, "Restore LLDP Agent", restore },
	{ .name = NULL },
};
