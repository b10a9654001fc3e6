// SPDX-License-Identifier: MIT
/*
 * Admin commands on the transmit scheduler and the resource profile. The model transmits in the
 * order of queues without rates: configurations are checked, kept where they are asked for, and
 * answered with the queue sets of the VSI.
 *
 * Data sheet 332464: 7.8.4 (scheduler commands), 7.7.1.5 (HMC profiles), 7.12.2 (DCB).
 */
#include <string.h>

#include "tools/nicsim/xl710/adminq.h"

enum { I_QS_HANDLE = 96 };

/* The handles of the VSI's classes at `at` of the buffer. */
static void handles(const struct xl710_vsi *v, u8 *at)
{
	memcpy(at, v->info + I_QS_HANDLE, 16);
}

static struct xl710_vsi *vsi_of(struct xl710 *x, const struct xl710_cmd *c)
{
	return xl710_vsi_by_seid(x, xget16(c->param));
}

/* Configure VSI TC BW: which classes exist; their queue sets come back. */
static int vsi_tc_bw(struct xl710 *x, struct xl710_cmd *c)
{
	struct xl710_vsi *v = vsi_of(x, c);

	if (v == NULL)
		return AQ_ENOENT;
	if (c->buf[0] == 0 || (c->buf[0] & 1) == 0) {
		nicsim_error(x->dev, NICSIM_E_COMMAND, "VSI TC BW: classes %02x", c->buf[0]);
		return AQ_EINVAL;
	}
	v->tcs = c->buf[0];
	xl710_vsi_mapped(x, v);
	handles(v, c->buf + 16);
	c->reply = 32;
	return AQ_OK;
}

static int vsi_ets_sla(struct xl710 *x, struct xl710_cmd *c)
{
	struct xl710_vsi *v = vsi_of(x, c);

	if (v == NULL)
		return AQ_ENOENT;
	handles(v, c->buf + 16);
	c->reply = 64;
	return AQ_OK;
}

static int vsi_limit(struct xl710 *x, struct xl710_cmd *c)
{
	return vsi_of(x, c) != NULL ? AQ_OK : AQ_ENOENT;
}

static int query_vsi_bw(struct xl710 *x, struct xl710_cmd *c)
{
	const struct xl710_vsi *v = vsi_of(x, c);

	if (v == NULL)
		return AQ_ENOENT;
	c->buf[0] = (u8)v->tcs;
	handles(v, c->buf + 16);
	c->reply = 64;
	return AQ_OK;
}

static int query_vsi_ets(struct xl710 *x, struct xl710_cmd *c)
{
	const struct xl710_vsi *v = vsi_of(x, c);

	if (v == NULL)
		return AQ_ENOENT;
	c->buf[0] = (u8)v->tcs;
	for (u32 tc = 0; tc < 8; tc++)
		c->buf[4 + tc] = (v->tcs >> tc & 1) != 0 ? 1 : 0;
	c->reply = 32;
	return AQ_OK;
}

/* Of a VEB or of the port: class 0 has it all. */
static int query_comp(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	c->buf[c->opcode == 0x0419 ? 4 : 0] = 1;
	c->buf[c->opcode == 0x0419 ? 8 : 4] = 100;
	c->reply = c->opcode == 0x0418 ? 64 : c->opcode == 0x0419 ? 68 : 32;
	return AQ_OK;
}

static int accept(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	(void)c;
	return AQ_OK;
}

static int query_hmc(struct xl710 *x, struct xl710_cmd *c)
{
	(void)x;
	c->param[0] = 1; /* default profile */
	c->param[1] = 0;
	return AQ_OK;
}

static int set_hmc(struct xl710 *x, struct xl710_cmd *c)
{
	if (c->param[0] >= 1 && c->param[0] <= 3)
		return AQ_OK;
	nicsim_error(x->dev, NICSIM_E_COMMAND, "HMC profile %u", c->param[0]);
	return AQ_EINVAL;
}

const struct xl710_handler xl710_aq_sched[] = {
	{ 0x0301, 0, 0, "PFC Ignore", accept },
	{ 0x0302, 0, 0, "DCB Updated", accept },
	{ 0x0400, 0, 0, "Configure VSI BW Limit", vsi_limit },
	{ 0x0406, AQ_RD, 64, "Configure VSI ETS SLA BW Limit", vsi_ets_sla },
	{ 0x0407, AQ_RD, 32, "Configure VSI TC BW", vsi_tc_bw },
	{ 0x0408, AQ_BUF, 64, "Query VSI BW Configuration", query_vsi_bw },
	{ 0x040a, AQ_BUF, 32, "Query VSI ETS SLA Configuration", query_vsi_ets },
	{ 0x0410, 0, 0, "Configure Switching Component BW Limit", accept },
	{ 0x0413, AQ_RD, 1, "Enable Switching Component ETS", accept },
	{ 0x0414, AQ_RD, 1, "Modify Switching Component ETS", accept },
	{ 0x0415, AQ_RD, 1, "Disable Switching Component ETS", accept },
	{ 0x0416, AQ_RD, 1, "Configure Switching Component ETS BW Limit", accept },
	{ 0x0417, AQ_RD, 1, "Configure Switching Component BW", accept },
	{ 0x0418, AQ_BUF, 64, "Query Switching Component ETS", query_comp },
	{ 0x0419, AQ_BUF, 68, "Query Port ETS Configuration", query_comp },
	{ 0x041a, AQ_BUF, 32, "Query Switching Component BW", query_comp },
	{ 0x041b, 0, 0, "Suspend Port Tx", accept },
	{ 0x041c, 0, 0, "Resume Port Tx", accept },
	{ 0x0500, 0, 0, "Query HMC Resource Profile", query_hmc },
	{ 0x0501, 0, 0, "Set HMC Resource Profile", set_hmc },
	{ .name = NULL },
};
