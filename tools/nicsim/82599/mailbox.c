// SPDX-License-Identifier: MIT
/*
 * Mailboxes between the PF and its VFs (data sheet 7.10.2.9): 64 bytes for each VF (PFMBMEM; the VF
 * sees its own as VFMBMEM), owned by one side at a time, and a doorbell each way.
 *
 *	VF writes VFU, message, REQ --> MBVFICR bit, EICR.MAILBOX --> PF reads, writes ACK --> PFACK
 *	PF writes PFU, message, STS --> PFSTS, interrupt of the VF --> VF reads, writes ACK -->
 *MBVFICR
 *
 * A reset of the PF sets RSTI in all mailboxes; CTRL_EXT.PFRSTD turns it into RSTD.
 */
#include "tools/nicsim/82599/hooks.h"

enum {
	REQ = 1,
	ACK = 2,
	VFU = 4,
	PFU = 8,
	PFSTS = 0x10,
	PFACK = 0x20,
	RSTI = 0x40,
	RSTD = 0x80,
	READ_CLEARS = PFSTS | PFACK | RSTD,
	PF_STS = 1,
	PF_ACK = 2,
	PF_RVFU = 0x10,
};

void n599_mailbox_reset(struct n599 *n, u32 vf)
{
	n->vf_mail[vf] = RSTI;
}

void n599_mailbox_pf_ready(struct n599 *n)
{
	for (u32 vf = 0; vf < n->dev->vfs_on; vf++)
		if (n->vf_mail[vf] & RSTI) {
			n->vf_mail[vf] = (u8)((n->vf_mail[vf] & ~RSTI) | RSTD);
			n599_vf_irq(n, vf);
		}
}

/* --- PF's side ----------------------------------------------------------------------------------
 */

N599_RD(pfmailbox)
{
	return n->vf_mail[i] & (VFU | PFU);
}

N599_WR(pfmailbox)
{
	u8 *m = &n->vf_mail[i];

	if (raw & PF_RVFU)
		*m &= (u8)~VFU;
	if ((raw & PFU) && !(*m & VFU))
		*m |= PFU;
	else if (!(raw & PFU))
		*m &= (u8)~PFU;
	if (raw & PF_STS)
		*m |= PFSTS;
	if (raw & PF_ACK)
		*m |= PFACK;
	if (raw & (PF_STS | PF_ACK))
		n599_vf_irq(n, i);
}

N599_WR(mbvficr)
{
	n599_set(n, N599_MBVFICR + 4 * i, old & ~raw);
}

N599_WR(vflrec)
{
	u32 off = i ? 0x001c0 : N599_VFLRE;

	n599_set(n, off, n599_get(n, off) & ~raw);
	n599_set(n, N599_VFLREC + 4 * i, 0);
}

/* --- VF's side ----------------------------------------------------------------------------------
 */

u32 n599_vfmailbox_read(struct n599 *n, u32 vf)
{
	u32 v = n->vf_mail[vf];

	n->vf_mail[vf] &= (u8)~READ_CLEARS;
	return v;
}

void n599_vfmailbox_write(struct n599 *n, u32 vf, u32 v)
{
	u32 off = N599_MBVFICR + 4 * (vf / 16), bit = vf % 16;
	u8 *m = &n->vf_mail[vf];

	if (v & ~(u32)0xff)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "VFMAILBOX of VF %u written with %x", vf,
			     v);
	if ((v & VFU) && !(*m & PFU))
		*m |= VFU;
	else if (!(v & VFU))
		*m &= (u8)~VFU;
	if (v & REQ)
		n599_set(n, off, n599_get(n, off) | 1u << bit);
	if (v & ACK)
		n599_set(n, off, n599_get(n, off) | 0x10000u << bit);
	if (!(v & (REQ | ACK)))
		return;
	if (n->soft_pf) {
		n599_set(n, off, n599_get(n, off) & ~(0x10001u << bit));
		if (v & REQ && !nicsim_fault(n->dev, "mailbox-mute", NULL))
			n599_pf_message(n, vf);
	} else {
		n599_irq_misc(n, N599_EICR_MAILBOX);
	}
}
