// SPDX-License-Identifier: MIT
/*
 * Bringing a vmxnet3 up and down: quiesce, reset, then all it must know is written into the shared
 * memory and it is activated. The device does a command before the write of it returns; only a
 * reset may take longer. Owner QGM; nobody else is in a call of the driver meanwhile.
 */
#include "drivers/net/vmxnet3/vmxnet3.h"

enum { RESET_MAX_MS = 200, CONF_VERSION = 1 };

static void begin(struct port *p, u64 now)
{
	struct vmxnet3 *v = p->priv;

	for (u32 i = 0; i < v->npairs; i++)
		v->pair[i].live = false;
	for (u32 i = 0; i <= v->npairs; i++)
		vmxnet3_bell(&v->pt, VMXNET3_IMR, i, 1);
	vmxnet3_wr(v, VMXNET3_CMD, (u32)VMXNET3_CMD_QUIESCE_DEV);
	walk_enter(&v->walk, VMXNET3_QUIESCE, now + RESET_MAX_MS * v->ms);
}

/* QUIESCE and RESET. 0: the device is reset; -EAGAIN; -ETIMEDOUT. */
static int reset(struct vmxnet3 *v, u64 now)
{
	if (vmxnet3_rd(v, VMXNET3_CMD) != 0)
		return now < v->walk.deadline ? -EAGAIN : -ETIMEDOUT;
	if (v->walk.phase == VMXNET3_RESET)
		return 0;
	vmxnet3_wr(v, VMXNET3_CMD, (u32)VMXNET3_CMD_RESET_DEV);
	walk_enter(&v->walk, VMXNET3_RESET, now + RESET_MAX_MS * v->ms);
	return -EAGAIN;
}

/* --- what the device is told --------------------------------------------------------------- */

static bool usable(const struct vmxnet3 *v, u32 i)
{
	return i < MAX(v->port->rx_queues, v->port->tx_queues) && !(v->port->draining >> i & 1);
}

static void describe_misc(struct vmxnet3 *v)
{
	struct vmxnet3_misc *m = &v->shared->misc;

	m->version = 1;
	m->gos = VMXNET3_GOS;
	m->vmxnet3_revisions = VMXNET3_REVISION_1;
	m->upt_versions = UPT1_VERSION_1;
	m->upt_features = v->port->rx_queues > 1 ? UPT1_F_RSS : 0;
	m->driver_data_pa = v->queues_iova; /* ours, never looked at */
	m->driver_data_len = sizeof(struct vmxnet3_txq);
	m->queue_desc_pa = v->queues_iova;
	m->queue_desc_len = v->port->tx_queues * (u32)sizeof(struct vmxnet3_txq) +
			    v->port->rx_queues * (u32)sizeof(struct vmxnet3_rxq);
	m->mtu = v->port->jumbo ? VMXNET3_MTU_MAX : PORT_MTU_DEFAULT;
	m->max_rx_sg = 1;
	m->tx_queues = (u8)v->port->tx_queues;
	m->rx_queues = (u8)v->port->rx_queues;
}

/* A vector for each receive queue, which a message masks; one more for sent frames and events,
 * which stays masked. Without MSI-X all share the first. */
static void describe_interrupts(struct vmxnet3 *v)
{
	struct vmxnet3_intr *m = &v->shared->intr;

	m->auto_mask = 1;
	m->count = (u8)(v->vectors ? v->vectors + 1 : 1);
	m->event = (u8)v->vectors;
	for (u32 i = 0; i < m->count; i++)
		m->level[i] = v->port->irq_interval ? UPT1_IML_ADAPTIVE : UPT1_IML_NONE;
	m->control = 0;
}

static void describe_rss(struct vmxnet3 *v)
{
	struct upt1_rss *r = v->rss;

	if (v->port->rx_queues < 2)
		return;
	r->type = UPT1_RSS_IPV4 | UPT1_RSS_TCP_IPV4 | UPT1_RSS_IPV6 | UPT1_RSS_TCP_IPV6;
	r->function = UPT1_RSS_TOEPLITZ;
	r->key_len = UPT1_RSS_KEY;
	r->table_len = UPT1_RSS_TABLE;
	/* Symmetric: both directions of a flow have the same hash. */
	for (u32 i = 0; i < UPT1_RSS_KEY; i++)
		r->key[i] = i & 1 ? 0x5a : 0x6d;
	for (u32 i = 0, q = 0; i < UPT1_RSS_TABLE; i++, q++) {
		u32 to = q % v->port->rx_queues;

		r->table[i] = (u8)(usable(v, to) ? to : 0);
	}
	v->shared->rss = (struct vmxnet3_conf){ CONF_VERSION, sizeof(*r), v->rss_iova };
}

static void describe_queues(struct vmxnet3 *v)
{
	__builtin_memset(v->queues, 0,
			 VMXNET3_PAIRS * (sizeof(struct vmxnet3_txq) + sizeof(struct vmxnet3_rxq)));
	for (u32 i = 0; i < v->port->tx_queues; i++) {
		const struct vmxnet3_pair *k = &v->pair[i];
		struct vmxnet3_txq *q = vmxnet3_txq(v, i);

		q->ring_pa = k->tx_iova;
		q->comp_pa = k->tx_comp_iova;
		q->ring_size = q->comp_size = VMXNET3_RING;
		q->driver_data_pa = v->queues_iova;
		q->driver_data_len = 8;
		q->vector = (u8)v->vectors;
	}
	for (u32 i = 0; i < v->port->rx_queues; i++) {
		struct vmxnet3_pair *k = &v->pair[i];
		struct vmxnet3_rxq *q = vmxnet3_rxq(v, i);

		k->q = q;
		q->ring_pa[0] = k->rx_iova;
		q->ring_pa[1] = v->body_iova;
		q->comp_pa = k->rx_comp_iova;
		q->ring_size[0] = VMXNET3_RING;
		q->ring_size[1] = VMXNET3_BODY_RING;
		q->comp_size = VMXNET3_RX_COMP;
		q->driver_data_pa = v->queues_iova;
		q->driver_data_len = 8;
		q->vector = (u8)(v->vectors ? i : 0);
	}
}

/* Nothing in its rings is of any generation that is expected first. */
static void clear_pair(struct vmxnet3 *v, u32 i)
{
	struct vmxnet3_pair *k = &v->pair[i];

	__builtin_memset(k->rx, 0, VMXNET3_RING * sizeof(*k->rx));
	__builtin_memset(k->tx, 0, VMXNET3_RING * sizeof(*k->tx));
	__builtin_memset((void *)(uintptr_t)k->rx_comp, 0, VMXNET3_RX_COMP * sizeof(*k->rx_comp));
	__builtin_memset((void *)(uintptr_t)k->tx_comp, 0, VMXNET3_RING * sizeof(*k->tx_comp));
	k->frame_max = v->port->jumbo ? VMXNET3_FRAME_JUMBO : VMXNET3_FRAME_MAX;
}

/* Everything that the device may see: a queue that stays off has empty rings. */
static int setup(struct vmxnet3 *v, u64 now)
{
	struct vmxnet3_shared *s = v->shared;

	__builtin_memset(s, 0, sizeof(*s));
	s->magic = (u32)VMXNET3_MAGIC;
	describe_misc(v);
	describe_interrupts(v);
	describe_rss(v);
	describe_queues(v);
	s->filter.mode = VMXNET3_RXM_UCAST | VMXNET3_RXM_MCAST | VMXNET3_RXM_BCAST |
			 VMXNET3_RXM_ALL_MULTI | VMXNET3_RXM_PROMISC;
	for (u32 i = 0; i < v->npairs; i++)
		clear_pair(v, i);
	vmxnet3_wr(v, VMXNET3_DSAL, (u32)v->shared_iova);
	vmxnet3_wr(v, VMXNET3_DSAH, (u32)(v->shared_iova >> 32));
	if (vmxnet3_ask(v, VMXNET3_CMD_ACTIVATE_DEV) != 0)
		return -EINVAL;
	vmxnet3_wr(v, VMXNET3_CMD, (u32)VMXNET3_CMD_UPDATE_RX_MODE);
	__builtin_memset(v->last, 0, sizeof(v->last));
	for (u32 i = 0; i < v->npairs; i++) {
		v->pair[i].live = usable(v, i);
		v->watch[i] = (struct ring_watch){ 0 };
	}
	v->walk.phase = WALK_UP;
	vmxnet3_link(v, now, true);
	return 0;
}

/* --- port_ops ------------------------------------------------------------------------------ */

void vmxnet3_spread(struct port *p, const struct reta *r)
{
	struct vmxnet3 *v = p->priv;

	for (u32 i = 0; i < UPT1_RSS_TABLE; i++)
		v->rss->table[i] = usable(v, r->entry[i]) ? r->entry[i] : 0;
	vmxnet3_wr(v, VMXNET3_CMD, (u32)VMXNET3_CMD_UPDATE_RSSIDT);
}

static bool gone(struct port *p)
{
	return vmxnet3_rd(p->priv, VMXNET3_VRRS) == VMXNET3_REMOVED;
}

static int step(struct port *p, u64 now)
{
	struct vmxnet3 *v = p->priv;
	int err = reset(v, now);

	return err || v->walk.stopping ? err : setup(v, now);
}

static const struct walk_ops way = {
	.gone = gone,
	.begin = begin,
	.step = step,
	.again = VMXNET3_QUIESCE,
};

int vmxnet3_start(struct port *p, u64 now)
{
	return walk_start(&((struct vmxnet3 *)p->priv)->walk, &way, p, now);
}

int vmxnet3_stop(struct port *p, u64 now)
{
	return walk_stop(&((struct vmxnet3 *)p->priv)->walk, &way, p, now);
}
