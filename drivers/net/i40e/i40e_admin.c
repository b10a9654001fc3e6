// SPDX-License-Identifier: MIT
/*
 * The commands that bring an XL710's function up, one after the other (7.10, 7.4.9.5 switch, 3.2.5
 * link). Each step fills a command and looks at its answer; a step may be optional (old firmware)
 * and may be left out. Owner QGM; the probe's list: boot CPU.
 *
 * Our station gets every frame of the wire and is not checked when it sends: the engine decides,
 * and drops by name. The firmware's own LLDP agent is stopped, since it eats the neighbours' LLDP
 * and answers in our place. The NVM is never written.
 */
#include "drivers/net/i40e/i40e.h"

enum { TRIES = 20, API_MAJOR = 1, API_RX_ONLY = 5 };

enum step_flags {
	PROBE = 1 << 0, /* in the probe's list */
	START = 1 << 1, /* in the start's list */
	MAY_FAIL = 1 << 2,
};

struct step {
	const char *name;
	u16 opcode;
	u8 flags;
	/* Parameters and aq.buffer; bytes of the buffer, 0 none. NULL: nothing to fill. */
	u32 (*fill)(struct i40e *e, struct i40e_aq_desc *d);
	/* The answer, when it is good (or for MAY_FAIL: in any case). 0, -EIO. */
	int (*take)(struct i40e *e, const struct i40e_aq_desc *d);
	bool (*wanted)(const struct i40e *e);
};

/* --- what the firmware is, and what it gives ------------------------------------------------- */

static int take_version(struct i40e *e, const struct i40e_aq_desc *d)
{
	e->api_minor = (u16)(d->param[3] >> 16);
	return (u16)d->param[3] == API_MAJOR ? 0 : -EIO;
}

static u32 fill_clear_pxe(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e;
	d->param[0] = 2; /* 16-byte descriptors, 7.10.9.3 */
	return 0;
}

static u32 fill_mac(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e, (void)d;
	return sizeof(struct i40e_aq_mac_data);
}

static int take_mac(struct i40e *e, const struct i40e_aq_desc *d)
{
	const struct i40e_aq_mac_data *m = e->aq.buffer;

	if (!(d->param[0] & MAC_LAN_VALID))
		return -EIO;
	for (u32 i = 0; i < 6; i++)
		e->port->mac[i] = m->lan[i];
	return 0;
}

static u32 fill_capabilities(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e, (void)d;
	return I40E_AQ_BUFFER;
}

/* As many queue pairs as the function has of each, and no more than we have memory for. */
static int take_capabilities(struct i40e *e, const struct i40e_aq_desc *d)
{
	const struct i40e_aq_capability *c = e->aq.buffer;
	u32 n = MIN(d->param[1], (u32)(I40E_AQ_BUFFER / sizeof(*c)));

	for (u32 i = 0; i < n; i++)
		if (c[i].id == CAP_RXQ || c[i].id == CAP_TXQ)
			e->total = MIN(e->total, c[i].number);
	e->offer = MIN(e->offer, e->total);
	return e->offer ? 0 : -EIO;
}

static u32 fill_lldp(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e;
	d->param[0] = LLDP_SHUTDOWN;
	return 0;
}

/* --- our station ----------------------------------------------------------------------------- */

static u32 fill_switch(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e, (void)d;
	return AQ_LARGE_BUF;
}

static int take_switch(struct i40e *e, const struct i40e_aq_desc *d)
{
	const u16 *reported = e->aq.buffer;
	const struct i40e_aq_switch_element *at = (const void *)((const u8 *)e->aq.buffer + 16);
	u32 n = MIN((u32)*reported, (u32)(AQ_LARGE_BUF / sizeof(*at) - 1));

	(void)d;
	for (u32 i = 0; i < n; i++) {
		if (at[i].type != SWITCH_ELEMENT_VSI)
			continue;
		e->seid = at[i].seid;
		return 0;
	}
	return -EIO;
}

static u32 fill_get_vsi(struct i40e *e, struct i40e_aq_desc *d)
{
	d->param[0] = e->seid;
	return sizeof(e->vsi);
}

static int take_vsi(struct i40e *e, const struct i40e_aq_desc *d)
{
	e->vsi_number = (u16)(d->param[0] >> 16 & VSI_NUMBER);
	__builtin_memcpy(&e->vsi, e->aq.buffer, sizeof(e->vsi));
	return 0;
}

static u32 log2_up(u32 n)
{
	u32 l = 0;

	while (1u << l < n)
		l++;
	return l;
}

/* All queues side by side, tags left in the frames, no check of what we send. */
static u32 fill_update_vsi(struct i40e *e, struct i40e_aq_desc *d)
{
	struct i40e_aq_vsi v = e->vsi;

	v.valid_sections = VSI_QUEUE_MAP_VALID | VSI_VLAN_VALID | VSI_SECURITY_VALID;
	v.sec_flags = 0;
	v.pvid = 0;
	v.port_vlan_flags = VSI_VLAN_MODE_ALL | VSI_VLAN_EMOD_NOTHING;
	v.mapping_flags = 0;
	for (u32 i = 0; i < ARRAY_SIZE(v.queue_mapping); i++)
		v.queue_mapping[i] = 0;
	for (u32 i = 0; i < ARRAY_SIZE(v.tc_mapping); i++)
		v.tc_mapping[i] = 0;
	v.tc_mapping[0] = (u16)(log2_up(e->queues) << VSI_TC_QUEUES_SHIFT);
	__builtin_memcpy(e->aq.buffer, &v, sizeof(v));
	d->param[0] = e->seid;
	d->flags = AQ_FLAG_RD;
	return sizeof(v);
}

static u32 fill_promiscuous(struct i40e *e, struct i40e_aq_desc *d)
{
	u32 bits = PROMISC_UNICAST | PROMISC_MULTICAST | PROMISC_BROADCAST | PROMISC_VLAN;

	if (e->api_minor >= API_RX_ONLY)
		bits |= PROMISC_RX_ONLY;
	d->param[0] = bits | bits << 16;
	d->param[1] = e->seid;
	return 0;
}

/* --- the hash: registers that firmware has to write ------------------------------------------ */

static u32 fill_read_ctl(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e;
	d->param[1] = I40E_PFQF_CTL_0;
	return 0;
}

static int take_read_ctl(struct i40e *e, const struct i40e_aq_desc *d)
{
	e->script.value = d->retval ? i40e_rd(e, I40E_PFQF_CTL_0) : d->param[3];
	return 0;
}

static u32 rx_ctl(struct i40e_aq_desc *d, u32 reg, u32 value)
{
	d->param[1] = reg;
	d->param[3] = value;
	return 0;
}

static u32 fill_write_ctl(struct i40e *e, struct i40e_aq_desc *d)
{
	u32 v = e->script.value & ~(u32)(PFQF_CTL_0_LUT_512 | PFQF_CTL_0_FD_ENA);

	return rx_ctl(d, I40E_PFQF_CTL_0, v | (e->fdir.on ? PFQF_CTL_0_FD_ENA : 0));
}

static u64 hena(const struct i40e *e)
{
	return e->queues > 1 ? HENA_IPV4 | HENA_IPV6 : 0;
}

static u32 fill_hena0(struct i40e *e, struct i40e_aq_desc *d)
{
	return rx_ctl(d, I40E_PFQF_HENA, (u32)hena(e));
}

static u32 fill_hena1(struct i40e *e, struct i40e_aq_desc *d)
{
	return rx_ctl(d, I40E_PFQF_HENA + I40E_STRIDE_PFQF_HENA, (u32)(hena(e) >> 32));
}

/* Firmware before API 1.5 does not know the command: then we may write ourselves. */
static int take_write(struct i40e *e, const struct i40e_aq_desc *d)
{
	if (d->retval)
		mmio_wr32(&e->regs, e->script.reg, e->script.value);
	return 0;
}

/* --- the wire -------------------------------------------------------------------------------- */

static u32 fill_mac_config(struct i40e *e, struct i40e_aq_desc *d)
{
	d->param[0] = (i40e_frame_max(e) + I40E_FCS) | MAC_CONFIG_CRC_EN << 16;
	return 0;
}

/* A set bit means: no event. */
static u32 fill_events(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e;
	d->param[2] = (u16) ~(EVENT_LINK_UPDOWN | EVENT_MEDIA_NA | EVENT_MODULE_QUAL_FAIL);
	return 0;
}

static u32 fill_link(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e;
	d->param[0] = LSE_ENABLE;
	return 0;
}

static int take_link(struct i40e *e, const struct i40e_aq_desc *d)
{
	__builtin_memcpy(&e->link, d->param, sizeof(e->link));
	return 0;
}

static bool link_is_down(const struct i40e *e)
{
	return !(e->link.info & LINK_UP);
}

static u32 fill_restart(struct i40e *e, struct i40e_aq_desc *d)
{
	(void)e;
	d->param[0] = AN_RESTART | AN_LINK_ENABLE;
	return 0;
}

/* --- the lists ------------------------------------------------------------------------------- */

static const struct step steps[] = {
	{ "get version", AQ_GET_VERSION, PROBE | START, NULL, take_version, NULL },
	{ "clear PXE mode", AQ_CLEAR_PXE_MODE, PROBE | START | MAY_FAIL, fill_clear_pxe, NULL,
	  NULL },
	{ "read station address", AQ_MAC_ADDRESS_READ, PROBE, fill_mac, take_mac, NULL },
	{ "list capabilities", AQ_LIST_FUNC_CAPABILITIES, PROBE, fill_capabilities,
	  take_capabilities, NULL },
	{ "stop LLDP agent", AQ_LLDP_STOP, START | MAY_FAIL, fill_lldp, NULL, NULL },
	{ "get switch configuration", AQ_GET_SWITCH_CONFIG, START, fill_switch, take_switch, NULL },
	{ "get station", AQ_GET_VSI_PARAMETERS, START, fill_get_vsi, take_vsi, NULL },
	{ "update station", AQ_UPDATE_VSI_PARAMETERS, START, fill_update_vsi, NULL, NULL },
	{ "get station", AQ_GET_VSI_PARAMETERS, START, fill_get_vsi, take_vsi, NULL },
	{ "set promiscuous modes", AQ_SET_VSI_PROMISCUOUS, START, fill_promiscuous, NULL, NULL },
	{ "read PFQF_CTL_0", AQ_RX_CTL_REG_READ, START | MAY_FAIL, fill_read_ctl, take_read_ctl,
	  NULL },
	{ "write PFQF_CTL_0", AQ_RX_CTL_REG_WRITE, START | MAY_FAIL, fill_write_ctl, take_write,
	  NULL },
	{ "write PFQF_HENA", AQ_RX_CTL_REG_WRITE, START | MAY_FAIL, fill_hena0, take_write, NULL },
	{ "write PFQF_HENA", AQ_RX_CTL_REG_WRITE, START | MAY_FAIL, fill_hena1, take_write, NULL },
	{ "set MAC configuration", AQ_SET_MAC_CONFIG, START, fill_mac_config, NULL, NULL },
	{ "set link events", AQ_SET_PHY_INT_MASK, START, fill_events, NULL, NULL },
	{ "get link status", AQ_GET_LINK_STATUS, START, fill_link, take_link, NULL },
	{ "enable link", AQ_SET_LINK_RESTART_AN, START | MAY_FAIL, fill_restart, NULL,
	  link_is_down },
};

void i40e_admin_begin(struct i40e *e, bool probing)
{
	e->script = (struct i40e_script){ .probing = probing };
}

const char *i40e_admin_failed(const struct i40e *e)
{
	return e->script.failed ? steps[e->script.failed - 1].name : "none";
}

static bool in_list(const struct i40e *e, const struct step *s)
{
	return s->flags & (e->script.probing ? PROBE : START) && (!s->wanted || s->wanted(e));
}

static void send(struct i40e *e, const struct step *s, u64 now)
{
	struct i40e_aq_desc d = { .opcode = s->opcode };
	u32 len = s->fill ? s->fill(e, &d) : 0;

	/* What a written register is to have, for firmware that does not write it. */
	if (s->opcode == AQ_RX_CTL_REG_WRITE) {
		e->script.reg = d.param[1];
		e->script.value = d.param[3];
	}
	i40e_aq_send(e, &d, len, now);
	e->script.sent = true;
}

/* 0 the step is done, -EAGAIN once more, other: failed. */
static int judge(struct i40e *e, const struct step *s, const struct i40e_aq_desc *d, u64 now)
{
	struct i40e_script *at = &e->script;

	at->sent = false;
	if ((d->retval == AQ_RC_EAGAIN || d->retval == AQ_RC_EBUSY) && ++at->tries < TRIES) {
		at->not_before = now + e->ms;
		return -EAGAIN;
	}
	at->tries = 0;
	at->retval = d->retval;
	if (d->retval && !(s->flags & MAY_FAIL))
		return -EIO;
	return s->take ? s->take(e, d) : 0;
}

int i40e_admin_step(struct i40e *e, u64 now)
{
	struct i40e_script *at = &e->script;
	struct i40e_aq_desc d;
	int err;

	if (now < at->not_before)
		return -EAGAIN;
	if (at->sent) {
		const struct step *s = &steps[at->at];

		err = i40e_aq_answer(e, &d, now);
		if (!err)
			err = judge(e, s, &d, now);
		if (err == -EAGAIN)
			return err;
		if (err) {
			at->sent = false;
			at->failed = (u8)(at->at + 1);
			return err;
		}
		at->at++;
	}
	while (at->at < ARRAY_SIZE(steps) && !in_list(e, &steps[at->at]))
		at->at++;
	if (at->at == ARRAY_SIZE(steps))
		return 0;
	send(e, &steps[at->at], now);
	return -EAGAIN;
}
