// SPDX-License-Identifier: MIT
/* Link of the 82599 model: SFI at 10 Gb/s (or 1 Gb/s when AUTOC.LMS says so), up some time after a
 * restart while there is light and nothing disables it (data sheet 3.7.4, 4.6.4); MDIO, which has
 * no PHY behind it on an SFP+ board. */
#include "tools/nicsim/82599/hooks.h"

enum {
	AUTOC_FLU = 1,
	AUTOC_RESTART = 1 << 12,
	AUTOC_LMS = 7 << 13,
	AUTOC2_DISABLE = 0x70000000,
	LINKS_UP = 1 << 30,
	LINKS_10G = 3 << 28,
	LINKS_1G = 2 << 28,
	LINKS_ALIGN = 1 << 17,
	LINKS_STATUS = 1 << 7,
	LINK_NS = 10000000, /* training, shorter than real modules take */
	MDIO_NS = 20000,
	MSCA_COMMAND = 1 << 30,
};

static bool wanted(struct n599 *n)
{
	return nicsim_light(n->dev) && !n->no_sfp &&
	       !(n599_get(n, N599_AUTOC2) & (u32)AUTOC2_DISABLE);
}

static void set(struct n599 *n, bool up)
{
	if (n->link_up == up)
		return;
	n->link_up = up;
	nicsim_trace(n->dev, "link %s", up ? "up" : "down");
	n599_irq_misc(n, N599_EICR_LSC);
	if (up)
		for (u32 q = 0; q < N599_QUEUES; q++)
			if (n->txq[q].r.on && n->txq[q].r.head != n->txq[q].r.tail)
				n599_tx_due(n, q);
}

/* Look again at what the link depends on, without a new training. */
void n599_link_update(struct n599 *n)
{
	if (!wanted(n)) {
		n->link_at = 0;
		set(n, false);
	} else if (!n->link_up && !n->link_at) {
		n->link_at = nicsim_now(n->dev) + LINK_NS;
		nicsim_timer_at(n->dev, n->link_at);
	}
}

/* Down, and up again after the training. */
void n599_link_reset(struct n599 *n)
{
	n->link_at = 0;
	set(n, false);
	n599_link_update(n);
}

static void flap(struct n599 *n, u64 now)
{
	u64 period;

	/* Fault link-flap: each count is one change of the link, `arg` ns apart. */
	if (nicsim_fault(n->dev, "link-flap", &period)) {
		if (!period)
			period = 500000;
		set(n, !n->link_up);
		n->link_at = n->link_up ? 0 : now + period;
		n->flap_at = now + period;
		nicsim_timer_at(n->dev, n->flap_at);
	} else if (n->flap_at) {
		n->flap_at = 0;
		n599_link_update(n);
	}
}

bool n599_link_timer(struct n599 *n, u64 now)
{
	if (n->flap_at ? now >= n->flap_at : n->dev->nfaults != 0)
		flap(n, now);
	if (n->flap_at) {
		nicsim_timer_at(n->dev, n->flap_at);
	} else if (n->link_at && now >= n->link_at) {
		n->link_at = 0;
		set(n, wanted(n));
	} else if (n->link_at) {
		nicsim_timer_at(n->dev, n->link_at);
	}
	return n->link_at != 0;
}

/* Called for each access while a fault is armed: arms the flapping. */
void n599_link_fault(struct n599 *n)
{
	if (!n->flap_at && n->dev->nfaults)
		flap(n, nicsim_now(n->dev));
}

N599_WR(autoc)
{
	n599_set(n, N599_AUTOC, raw & ~(u32)AUTOC_RESTART);
	if ((raw & AUTOC_RESTART) || ((raw ^ old) & AUTOC_LMS))
		n599_link_reset(n);
	else
		n599_link_update(n);
}

N599_WR(autoc2)
{
	n599_link_update(n);
}

/* LINKS (8.2.3.22.20). */
N599_RD(links)
{
	u32 lms = (n599_get(n, N599_AUTOC) & AUTOC_LMS) >> 13;

	if (n->link_at && nicsim_now(n->dev) >= n->link_at)
		n599_link_timer(n, nicsim_now(n->dev));
	if (!n->link_up)
		return 0;
	return LINKS_UP | LINKS_STATUS |
	       (lms == 0 || lms == 2 ? (u32)LINKS_1G : (u32)LINKS_10G | LINKS_ALIGN);
}

/* Auto-negotiation state of backplane modes: leaves 0 when LMS asks for one of them. */
N599_RD(anlp1)
{
	return (n599_get(n, N599_AUTOC) & AUTOC_LMS) >> 13 >= 4 ? v | 0x00010000 : v;
}

/* --- MDIO (3.7.2.2, 8.2.3.22.11) -------------------------------------------------------------- */

N599_WR(msca)
{
	if (old & MSCA_COMMAND)
		nicsim_error(n->dev, NICSIM_E_STATE, "MSCA written while a command runs");
	if (raw & MSCA_COMMAND)
		n->mdio_done = nicsim_now(n->dev) + MDIO_NS;
}

N599_RD(msca)
{
	if (!(v & MSCA_COMMAND) || !n599_reached(n, &n->mdio_done) ||
	    nicsim_fault(n->dev, "phy-timeout", NULL))
		return v;
	if (v >> 27 & 1) /* op codes 10b and 11b read: nobody answers, the line is high */
		n599_set(n, N599_MSRWD, (n599_get(n, N599_MSRWD) & 0xffff) | 0xffff0000u);
	n599_set(n, N599_MSCA, v & ~(u32)MSCA_COMMAND);
	return v & ~(u32)MSCA_COMMAND;
}
