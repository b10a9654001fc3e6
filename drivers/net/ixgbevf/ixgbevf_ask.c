// SPDX-License-Identifier: MIT
/*
 * What a virtual function asks of the driver of its physical function, as a list of questions. A
 * host that is old or does not trust us grants less; what it grants is in `grant`:
 *
 *	reset      gives the station address (or none: then ours is told), and begins all anew
 *	version    1.3 down to 1.0, which has no more than reset, address, groups and length
 *	queues     how many; 1.0: one
 *	length     jumbo frames: a host may refuse, then a jumbo port does not start
 *	frames     other stations' too (1.3), else all groups (1.2), else the groups that every
 *	           IPv6 node listens to: a host without trust grants only those
 *	VLANs      each that an interface has, now and when they change; a host that refuses one
 *	           (it has 64 for all its functions) is not asked again before the next start
 *
 * Boot CPU in probe, owner QGM.
 */
#include "drivers/net/ixgbevf/ixgbevf.h"

enum { QUEUES_MAX = 8 }; /* of one function */

struct question {
	u16 what;
	u8 in; /* words of the answer */
	/* Words to send; 0: not asked. msg[0] is set. */
	u8 (*fill)(struct ixgbevf *v, u32 *msg);
	/* 0: the next one, -EAGAIN: once more, other: failed. */
	int (*take)(struct ixgbevf *v, const u32 *msg, bool yes);
};

static void put_address(u32 *msg, const u8 *m)
{
	msg[1] = m[0] | (u32)m[1] << 8 | (u32)m[2] << 16 | (u32)m[3] << 24;
	msg[2] = m[4] | (u32)m[5] << 8;
}

static u8 fill_reset(struct ixgbevf *v, u32 *msg)
{
	(void)msg;
	v->grant = (struct ixgbevf_grant){ .api = API_13, .rx_queues = 1, .tx_queues = 1 };
	return 1;
}

static bool is_station(const u8 *m)
{
	return !(m[0] & 1) && (m[0] | m[1] | m[2] | m[3] | m[4] | m[5]);
}

static int take_reset(struct ixgbevf *v, const u32 *msg, bool yes)
{
	u8 m[6];

	v->grant.multicast_type = (u8)(msg[3] & 3);
	for (u32 i = 0; i < 6; i++)
		m[i] = (u8)(msg[1 + i / 4] >> 8 * (i % 4));
	if (!yes || !is_station(m))
		return 0;
	/* Once the port is known to the engine, its address stays: another one is refused. */
	if (!v->port->id)
		__builtin_memcpy(v->port->mac, m, sizeof(m));
	v->grant.address = !__builtin_memcmp(v->port->mac, m, sizeof(m));
	return 0;
}

static u8 fill_api(struct ixgbevf *v, u32 *msg)
{
	msg[1] = v->grant.api;
	return 2;
}

static int take_api(struct ixgbevf *v, const u32 *msg, bool yes)
{
	static const u8 lower[] = {
		[API_13] = API_12, [API_12] = API_11, [API_11] = API_10, [API_10] = API_10
	};

	(void)msg;
	if (yes || v->grant.api == API_10) /* the oldest hosts do not know the question */
		return 0;
	v->grant.api = lower[v->grant.api];
	return -EAGAIN;
}

static u8 fill_queues(struct ixgbevf *v, u32 *msg)
{
	(void)msg;
	return v->grant.api >= API_11 ? 1 : 0;
}

static int take_queues(struct ixgbevf *v, const u32 *msg, bool yes)
{
	if (!yes)
		return 0;
	if (!msg[1] || msg[1] > QUEUES_MAX || !msg[2] || msg[2] > QUEUES_MAX)
		return -EPROTO;
	v->grant.tx_queues = msg[1];
	v->grant.rx_queues = msg[2];
	return 0;
}

static u8 fill_address(struct ixgbevf *v, u32 *msg)
{
	if (v->grant.address || !is_station(v->port->mac))
		return 0;
	put_address(msg, v->port->mac);
	return 3;
}

static int take_address(struct ixgbevf *v, const u32 *msg, bool yes)
{
	(void)v;
	(void)msg;
	return yes ? 0 : -EACCES;
}

/* Without tags: the device lets a tag more through by itself. A length below the ordinary one is
 * nothing that a host could refuse. */
static u8 fill_length(struct ixgbevf *v, u32 *msg)
{
	msg[1] = v->port->jumbo ? ixgbevf_frame_max(v) + IXGBEVF_FCS - IXGBEVF_TAG
				: PORT_MTU_DEFAULT + 14 + IXGBEVF_FCS;
	return 2;
}

static int take_length(struct ixgbevf *v, const u32 *msg, bool yes)
{
	(void)msg;
	return yes || !v->port->jumbo ? 0 : -EINVAL;
}

static u8 fill_xcast(struct ixgbevf *v, u32 *msg)
{
	if (v->grant.api < API_12)
		return 0;
	if (!v->grant.xcast)
		v->grant.xcast = v->grant.api >= API_13 ? XCAST_PROMISC : XCAST_ALLMULTI;
	msg[1] = v->grant.xcast;
	return 2;
}

/* An answer may grant less than was asked for. */
static int take_xcast(struct ixgbevf *v, const u32 *msg, bool yes)
{
	if (yes) {
		v->grant.xcast = (u8)MIN(msg[1], (u32)v->grant.xcast);
	} else if (v->grant.xcast > XCAST_MULTI) {
		v->grant.xcast--;
		return -EAGAIN;
	} else {
		v->grant.xcast = 0;
	}
	return 0;
}

/* 12 of the 48 bits of an address, by the host's choice (8.2.3.7.7, MCSTCTRL.MO). */
static u16 group_hash(const u8 *m, u8 type)
{
	return (u16)((m[4] >> (4 - type) | (u32)m[5] << (4 + type)) & 0xfff);
}

static u8 fill_groups(struct ixgbevf *v, u32 *msg)
{
	const u8 *m = v->port->mac;
	/* RFC 4291 2.7.1: all nodes, all routers, our link-local address's solicited-node group;
	 * LLDP and slow protocols. */
	const u8 groups[][6] = {
		{ 0x33, 0x33, 0, 0, 0, 1 },
		{ 0x33, 0x33, 0, 0, 0, 2 },
		{ 0x33, 0x33, 0xff, m[3], m[4], m[5] },
		{ 0x01, 0x00, 0x5e, 0, 0, 1 },
		{ 0x01, 0x80, 0xc2, 0, 0, 0x0e },
		{ 0x01, 0x80, 0xc2, 0, 0, 0x02 },
	};

	if (v->grant.xcast >= XCAST_ALLMULTI)
		return 0;
	msg[0] |= (u32)ARRAY_SIZE(groups) << MSG_NUMBER_SHIFT;
	for (u32 i = 0; i < ARRAY_SIZE(groups); i++) {
		u32 h = group_hash(groups[i], v->grant.multicast_type);

		msg[1 + i / 2] = i % 2 ? msg[1 + i / 2] | h << 16 : h;
	}
	return 1 + ARRAY_SIZE(groups) / 2;
}

static int take_groups(struct ixgbevf *v, const u32 *msg, bool yes)
{
	(void)v;
	(void)msg;
	(void)yes;
	return 0;
}

/* The VID whose asking is due, 0: none. */
static u16 next_vlan(const struct ixgbevf *v)
{
	for (u32 i = 0; i < PORT_VLAN_WORDS; i++) {
		u64 differ = v->port->vlans[i] ^ v->grant.vlans[i];

		if (differ)
			return (u16)(64 * i + (u32)__builtin_ctzll(differ));
	}
	return 0;
}

static u8 fill_vlan(struct ixgbevf *v, u32 *msg)
{
	v->vid = next_vlan(v);
	if (!v->vid)
		return 0;
	msg[0] |= (u32)(v->port->vlans[v->vid / 64] >> v->vid % 64 & 1) << MSG_NUMBER_SHIFT;
	msg[1] = v->vid;
	return 2;
}

static int take_vlan(struct ixgbevf *v, const u32 *msg, bool yes)
{
	(void)msg;
	(void)yes;
	v->grant.vlans[v->vid / 64] ^= 1ull << v->vid % 64;
	return -EAGAIN; /* the next one */
}

static const struct question list[] = {
	{ MSG_RESET, 4, fill_reset, take_reset },
	{ MSG_API, 2, fill_api, take_api },
	{ MSG_GET_QUEUES, 5, fill_queues, take_queues },
	{ MSG_SET_ADDRESS, 1, fill_address, take_address },
	{ MSG_SET_LPE, 2, fill_length, take_length },
	{ MSG_XCAST, 2, fill_xcast, take_xcast },
	{ MSG_SET_MULTICAST, 1, fill_groups, take_groups },
	{ MSG_SET_VLAN, 1, fill_vlan, take_vlan },
};
enum { VLANS = ARRAY_SIZE(list) - 1 };

/* The question, or the next that is to be asked; 0: there is none left. */
static int send(struct ixgbevf *v, u64 now)
{
	for (; v->ask < ARRAY_SIZE(list); v->ask++) {
		const struct question *q = &list[v->ask];
		u8 words;

		v->mail.msg[0] = q->what;
		words = q->fill(v, v->mail.msg);
		if (!words)
			continue;
		ixgbevf_mail_begin(v, words, q->in, now);
		return -EAGAIN;
	}
	return 0;
}

void ixgbevf_ask_begin(struct ixgbevf *v, u64 now)
{
	v->ask = 0;
	ixgbevf_mail_open(v);
	send(v, now);
}

bool ixgbevf_ask_more(struct ixgbevf *v, u64 now)
{
	if (!next_vlan(v))
		return false;
	v->ask = VLANS;
	return send(v, now) == -EAGAIN;
}

int ixgbevf_ask_step(struct ixgbevf *v, u64 now)
{
	const struct question *q = &list[v->ask];
	int err = ixgbevf_mail_step(v, now);
	u32 first = v->mail.msg[0];

	if (err)
		return err;
	if ((u8)first != (u8)q->what || !(first & (MSG_ACK | MSG_NACK)))
		return -EPROTO;
	if (v->ask && !(first & (MSG_ACK | MSG_CTS))) /* it has forgotten us meanwhile */
		return -EPROTO;
	err = q->take(v, v->mail.msg, first & MSG_ACK);
	if (err && err != -EAGAIN)
		return err;
	if (!err)
		v->ask++;
	return send(v, now);
}
