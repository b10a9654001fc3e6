// SPDX-License-Identifier: MIT
/*
 * fe: what the parts of the forwarding engine share. All of it runs on the QGM that received the
 * frame.
 *
 *	bridge.c   a burst: domains, sources, destinations, outputs
 *	tag.c      which VLAN a frame belongs to, and the tags that it leaves with
 *	flood.c    copies to all members; storm control
 *	learn.c    stations: learning, ageing, messages to the owner
 *	irb.c      to and from the routing engine
 *	fdb*.c     the table of stations
 */
#pragma once

#include "qgm/core.h"
#include "qgm/fe/fdb.h"

enum { FE_LEARN_MEMORY = 16 /* stations just sent to the owner, to not send them again */ };

/*
 * Where a frame belongs: (bridge, VID), and what lies between its addresses and the payload of
 * that VLAN: `strip` bytes of tags, which do not leave with it.
 */
struct fe_domain {
	/* The frame's own: what the domain follows from. */
	u16 in_if, l3_off;
	u16 tci[2];
	/* What follows. */
	enum drop_reason why; /* not none: the frame does not get in */
	u16 vid;              /* 0: the domain of a bridge that does not look at tags */
	u8 strip;
	bool tagged_payload; /* behind `strip` is another tag */
	u16 tpid;            /* of a tag to push for the VLAN */
	u16 priority;        /* PCP and DEI, in their place in a TCI */
	u64 key;             /* fdb_domain() */
	const struct iface *ifc;
	const struct bridge *br;
	const struct iface *irb; /* the router's station that may get it, NULL none */
	struct fdb *fdb;
};

/* A burst under way; too large for a stack. Packets are of one bridge. */
struct fe_burst {
	u64 src[BURST_MAX];       /* keys of runs of equal sources */
	u64 dst[BURST_MAX + 1];   /* the same of destinations; [0] is nobody's */
	u16 found[BURST_MAX + 1]; /* where the destinations are */
	u32 src_at[BURST_MAX], dst_at[BURST_MAX + 1]; /* fdb_ask() */
	u32 nsrc, ndst;
	u16 from[BURST_MAX]; /* interface of a run of sources */
	u8 first[BURST_MAX]; /* a packet of a run of sources */
	u8 run[BURST_MAX];   /* packet -> its run of destinations */
	u8 domain_of[BURST_MAX];
	struct fe_domain domain[BURST_MAX]; /* runs of equal domains */
	/* Unicast on its way, flushed before a flood, so that order is kept. */
	struct packet *way[BURST_MAX];
	struct packet *to_re[BURST_MAX];
	u32 ways, res;
	u64 bridge_key; /* fdb_domain() without the VID */
	u64 ports_up;   /* ports that were found up in this burst */
};

struct fe {
	struct qgm *q;
	struct fdb *own; /* NULL: this QGM owns no port and no bridge */
	struct timer sweep, flush;
	u32 sweep_at, flush_at;
	u16 flush_if; /* 0: all */
	u64 hz;
	u64 sent_turn; /* turn of the keys in sent[] */
	u64 sent[FE_LEARN_MEMORY];
	struct fe_burst burst;
};

/* --- domains and tags (tag.c) --- */

static inline const struct bridge *fe_bridge(const struct tables *t, u16 id)
{
	return id < BRIDGE_MAX ? t->bridge[id] : NULL;
}

/* Is the interface in VLAN `vid` of the bridge now? (802.1Q-2022 8.6.2, 8.6.4: the member set) */
static inline bool fe_member(const struct iface *ifc, u16 bridge, u16 vid)
{
	if (unlikely(!ifc || ifc->mode != IFACE_MODE_L2 || ifc->bridge != bridge))
		return false;
	switch (ifc->vlan_mode) {
	case PIX_VLAN_TRANSPARENT:
		return !vid;
	case PIX_VLAN_TRUNK:
		return ifc->vlans && vlan_set_has(ifc->vlans, vid);
	default:
		return vid == ifc->pvid;
	}
}

/* The domain of a frame that came in on an L2 interface; in_if, l3_off and tci[] are set. */
void fe_domain_find(const struct qgm *q, const struct tables *t, struct fe_domain *d,
		    const struct packet *p);

/* Does `p` leave through `ifc` as it is, under the domain's tags? Else replace them. */
void fe_retag(struct packet *p, const struct fe_domain *d, const struct iface *ifc);

/* The tags of a sub-interface in front of an untagged frame (what the generic side sends). */
void fe_push_sub(struct packet *p, const struct iface *ifc);

/* Room for the payload, not for tags: the MTU counts what is behind them. */
static inline bool fe_fits(const struct packet *p, const struct iface *ifc)
{
	return (u32)p->len - p->l3_off <= ifc->mtu;
}

static inline bool fe_link_up(const struct iface *ifc)
{
	const struct port *p = port_get(ifc->port);

	return p && load_relaxed(&p->state) == PORT_RUNNING && load_relaxed(&p->link);
}

/* The FDB of a bridge, NULL: its owner has none. */
struct fdb *fe_fdb_of(const struct bridge *br);

/* --- flood.c --- */

/* Copies to all members of the domain but `from`; a copy to the IRB if it is one of those that
 * get group frames. Consumes p. */
void fe_flood(struct qgm *q, const struct tables *t, struct packet *p, const struct fe_domain *d,
	      u16 from, bool to_irb);

/* Storm control: false: over the rate of its class, to be dropped. Any QGM: an interface has one
 * account, however many QGMs work on its frames. */
bool fe_storm_pass(struct fe *fe, const struct iface *ifc, enum iface_storm cls);

void fe_storm_init(void);

/* To one member. Consumes p. */
void fe_send_to(struct qgm *q, const struct tables *t, struct packet *p, const struct fe_domain *d,
		const struct iface *ifc);

/* --- learn.c --- */

/* A station of the domain was seen on an interface that the FDB does not say. */
void fe_learn(struct qgm *q, struct fe *fe, const struct fe_domain *d, u64 key, u16 ifid);

void fe_learn_init(struct fe *fe);

/* --- irb.c --- */

/* The frame is for the router (unicast to the IRB, or the IRB's copy of a group frame). Consumes p,
 * at the latest by fe_irb_flush(). */
void fe_irb_give(struct qgm *q, const struct tables *t, struct packet *p, const struct iface *irb);
void fe_irb_flush(struct qgm *q, const struct tables *t);
