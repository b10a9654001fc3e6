// SPDX-License-Identifier: MIT
/*
 * Which pair of the 82574 receives a flow, and which MSI-X entry wakes its QGM (data sheet 7.1.2,
 * 7.4.1). The hash covers addresses, of TCP the ports too; the 82574 knows no UDP. Frames without
 * a hash are received by pair 0. Owner QGM.
 */
#include "drivers/net/e1000/e1000.h"

enum { LOW = 64 /* descriptors that a pair without a QGM should have at least */ };

static void write_table(struct e1000 *e, const u8 *queue)
{
	e->spread = 0;
	for (u32 i = 0; i < E1000_RETA_SIZE / 4; i++) {
		u32 word = 0;

		for (u32 b = 0; b < 4; b++) {
			u32 q = queue[4 * i + b];

			q = q < e->npairs && e1000_usable(e, q) ? q : 0;
			e->spread |= 1u << q;
			word |= q << RETA_QUEUE_SHIFT << 8 * b;
		}
		mmio_wr32(&e->regs, E1000_RETA + 4 * i, word);
	}
}

/*
 * A queue without descriptors holds up all frames behind its own in the packet buffer: the 82574
 * cannot drop by queue. A pair whose QGM is down empties nothing more; where its ring is about to
 * be full a reset empties the packet buffer.
 */
static bool may_block(const struct e1000 *e, u32 i)
{
	u32 head = mmio_rd32(&e->regs, e1000_pair_reg(E1000_RDH, i));
	u32 tail = mmio_rd32(&e->regs, e1000_pair_reg(E1000_RDT, i));

	return ((tail - head) & E1000_MASK) < LOW;
}

void e1000_spread(struct port *p, const struct reta *r)
{
	struct e1000 *e = p->priv;
	u32 before = e->spread, left;

	write_table(e, r->entry);
	left = before & ~e->spread;
	for (u32 i = 0; i < e->npairs; i++)
		if (left >> i & 1 && e1000_usable(e, i) && may_block(e, i))
			port_want_reset(p);
}

/* Symmetric: both directions of a flow have the same hash, and go to the same QGM. */
void e1000_setup_rss(struct e1000 *e)
{
	u8 queue[E1000_RETA_SIZE];

	e1000_wr(e, E1000_RFCTL, e1000_rd(e, E1000_RFCTL) | RFCTL_EXSTEN);
	if (e->port->rx_queues < 2) {
		e1000_wr(e, E1000_MRQC, 0);
		e->spread = 1;
		return;
	}
	for (u32 i = 0; i < E1000_RSSRK_WORDS; i++)
		mmio_wr32(&e->regs, E1000_RSSRK + 4 * i, 0x5a6d5a6d);
	for (u32 i = 0; i < E1000_RETA_SIZE; i++)
		queue[i] = (u8)(i % e->port->rx_queues);
	write_table(e, queue);
	e1000_wr(e, E1000_RXCSUM, RXCSUM_PCSD);
	e1000_wr(e, E1000_MRQC,
		 MRQC_RSS | MRQC_TCP_IPV4 | MRQC_IPV4 | MRQC_TCP_IPV6 | MRQC_IPV6_EX | MRQC_IPV6);
}

/* Received frames of pair i are entry i's; nothing else interrupts. */
void e1000_setup_vectors(struct e1000 *e)
{
	u32 ivar = 0, causes = 0;

	if (!e->msix)
		return;
	for (u32 i = 0; i < e->npairs; i++) {
		ivar |= (i | IVAR_VALID) << IVAR_BITS * i;
		causes |= (u32)ICR_RXQ0 << i;
		mmio_wr32(&e->regs, E1000_EITR + 4 * i,
			  MIN(e->port->irq_interval * ITR_PER_US, (u32)ITR_MAX));
	}
	e1000_wr(e, E1000_IVAR, ivar);
	e1000_wr(e, E1000_EIAC, causes); /* a message clears its cause, */
	e1000_wr(e, E1000_IAM, causes);  /* and masks it */
	e1000_wr(e, E1000_CTRL_EXT,
		 (e1000_rd(e, E1000_CTRL_EXT) & ~(u32)CTRL_EXT_IAME) | CTRL_EXT_EIAME |
			 CTRL_EXT_PBA_CLR);
}
