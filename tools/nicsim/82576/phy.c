// SPDX-License-Identifier: MIT
/*
 * The internal PHY of the 82576 behind MDIC (8.2.4, 8.25) and the link. Auto-negotiation takes
 * `train` milliseconds (option, 10): on silicon one to three seconds.
 */
#include "tools/nicsim/82576/n576.h"

#include <string.h>

enum {
	ADDRESS = 1,
	CONTROL = 0,
	BMSR = 1,
	ID1 = 2,
	ID2 = 3,
	ADVERTISE = 4,
	PARTNER = 5,
	GIGA_CONTROL = 9,
	GIGA_STATUS = 10,
	EXTENDED = 15,
	PORT_STATUS = 17,
	CONTROL_RESET = 0x8000,
	CONTROL_POWER_DOWN = 0x0800,
	CONTROL_RESTART = 0x0200,
	BMSR_LINK = 0x0004,
	BMSR_AN_DONE = 0x0020,
	MDIC_WRITE = 1,
	MDIC_READ = 2,
	MDIC_READY = 1 << 28,
	MDIC_ERROR = 1 << 30,
};

static void set(struct n576 *n, bool up)
{
	if (n->link_up == up)
		return;
	n->link_up = up;
	n->phy[BMSR] &= (u16) ~(BMSR_LINK | BMSR_AN_DONE);
	n->phy[PARTNER] = up ? 0xcde1 : 0;
	n->phy[GIGA_STATUS] = up ? 0x7c00 : 0;
	n->phy[PORT_STATUS] = up ? 0xc400 : 0;
	if (up)
		n->phy[BMSR] |= BMSR_LINK | BMSR_AN_DONE;
	nicsim_trace(n->dev, "link %s", up ? "up" : "down");
	n576_irq_other(n, ICR_LSC);
	nicsim_kick(n->dev);
}

static bool wanted(const struct n576 *n)
{
	return nicsim_light(n->dev) && n576_get(n, N576_CTRL) & CTRL_SLU &&
	       !(n->phy[CONTROL] & CONTROL_POWER_DOWN);
}

void n576_link_look(struct n576 *n)
{
	u64 now = nicsim_now(n->dev), period = 0;

	if (n->link_up && nicsim_fault(n->dev, "link-flap", &period)) {
		set(n, false);
		n->link_at = now + (period ? period : 500000);
		nicsim_timer_at(n->dev, n->link_at);
		return;
	}
	if (!wanted(n)) {
		n->link_at = 0;
		set(n, false);
		return;
	}
	if (n->link_up)
		return;
	if (!n->link_at) {
		n->link_at = now + n->train_ns;
		nicsim_timer_at(n->dev, n->link_at);
	}
}

void n576_link_timer(struct n576 *n, u64 now)
{
	if (n->link_at && now >= n->link_at) {
		n->link_at = 0;
		set(n, wanted(n));
	} else if (n->link_at) {
		nicsim_timer_at(n->dev, n->link_at);
	}
}

void n576_phy_reset(struct n576 *n)
{
	set(n, false);
	n->link_at = 0;
	memset(n->phy, 0, sizeof(n->phy));
	n->phy[CONTROL] = 0x1140;
	n->phy[BMSR] = 0x7949;
	n->phy[ID1] = 0x02a8;
	n->phy[ID2] = 0x0391;
	n->phy[ADVERTISE] = 0x0de1;
	n->phy[GIGA_CONTROL] = 0x0300;
	n->phy[EXTENDED] = 0x3000;
	n576_link_look(n);
}

static u32 access(struct n576 *n, u32 v)
{
	u32 address = v >> 21 & 31, r = v >> 16 & 31, op = v >> 26 & 3;

	if (address != ADDRESS || (op != MDIC_READ && op != MDIC_WRITE))
		return v | MDIC_READY | MDIC_ERROR;
	if (op == MDIC_READ) {
		/* PHY link: latched low, so that a loss since the last look is seen (22.2.4.2.13)
		 */
		return (v & 0xffff0000u) | MDIC_READY | n->phy[r];
	}
	if (r == ID1 || r == ID2 || r == BMSR || r == PARTNER || r == GIGA_STATUS || r == EXTENDED)
		return v | MDIC_READY;
	n->phy[r] = (u16)v;
	if (r != CONTROL)
		return v | MDIC_READY;
	if (v & CONTROL_RESET)
		n576_phy_reset(n);
	n->phy[CONTROL] &= (u16)~CONTROL_RESTART;
	if (v & CONTROL_RESTART) {
		set(n, false);
		n->link_at = 0;
	}
	n576_link_look(n);
	return v | MDIC_READY;
}

void n576_mdic_write(struct n576 *n, u32 v)
{
	if (!(n576_get(n, N576_MDIC) & MDIC_READY) && n->mdic_at)
		nicsim_error(n->dev, NICSIM_E_STATE, "MDIC %08x before the last one is ready", v);
	n576_set(n, N576_MDIC, v & ~(u32)(MDIC_READY | MDIC_ERROR));
	n->mdic_at = nicsim_now(n->dev) + 3 * N576_HANDSHAKE_NS;
	n->mdic_polls = 0;
	n->mdic_result = 0;
}

u32 n576_mdic_read(struct n576 *n)
{
	u32 v = n576_get(n, N576_MDIC);

	if (!n->mdic_at || v & MDIC_READY)
		return v;
	if (!n576_reached(n, n->mdic_at, &n->mdic_polls) ||
	    nicsim_fault(n->dev, "phy-timeout", NULL))
		return v;
	n->mdic_at = 0;
	v = access(n, v);
	n576_set(n, N576_MDIC, v);
	return v;
}
