// SPDX-License-Identifier: MIT
/*
 * Flow director: exact-match rules made by a programming descriptor and a template frame. A rule
 * is the masked field vector of its classifier type; a frame's own vector is looked up in a hash
 * table before RSS decides.
 *
 * Data sheet 332464: 7.1.12 (flow director), 8.4.2.3 (programming descriptor), 10.2.2.17.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/nicsim/xl710/xl710.h"

enum {
	PFQF_CTL_0 = 0x1c0ac0,
	FDSTAT = 0x246380,
	FDALLOC = 0x246280,
	FD_INSET = 0x250000,
	PCNT = 0x266800,
	FD_ENA = 1 << 17,
	BUCKETS = 1024,
	PCMD_ADD = 1,
	PCMD_REMOVE = 2,
	TABLE_FULL = 1, /* programming status */
	NO_ENTRY = 2,
};

int xl710_fdir_create(struct xl710 *x)
{
	x->fdir.rule = calloc(XL710_FDIR_MAX, sizeof(*x->fdir.rule));
	return x->fdir.rule != NULL ? 0 : -1;
}

void xl710_fdir_destroy(struct xl710 *x)
{
	free(x->fdir.rule);
}

void xl710_fdir_reset(struct xl710 *x)
{
	memset(x->fdir.rule, 0, XL710_FDIR_MAX * sizeof(*x->fdir.rule));
	memset(x->fdir.bucket, 0, sizeof(x->fdir.bucket));
	x->fdir.count = x->fdir.made = 0;
	x->fdir.free = 0;
}

/* Only the words of the type's input set stay. */
static u32 mask_hash(struct xl710 *x, u8 pctype, u16 *w)
{
	u64 set = (u64)XR(x, FD_INSET + pctype * 64u + 32) << 32 | XR(x, FD_INSET + pctype * 64u);
	u32 h = pctype * 0x9e3779b1u;

	for (u32 i = 0; i < 64; i++) {
		if ((set >> (63 - i) & 1) == 0)
			w[i] = 0;
		else
			h = (h ^ w[i]) * 0x01000193u + (h >> 15);
	}
	return h;
}

/* The link (a bucket or a rule's next) that leads to the rule, or to nothing. */
static u16 *lookup(struct xl710 *x, u8 pctype, const u16 *w, u32 h)
{
	u16 *link = &x->fdir.bucket[h % BUCKETS];

	while (*link != 0) {
		struct xl710_fd *f = &x->fdir.rule[*link - 1];

		if (f->hash == h && f->pctype == pctype && memcmp(f->word, w, sizeof(f->word)) == 0)
			return link;
		link = &f->next;
	}
	return link;
}

/* Guaranteed and best-effort space: units of 32 rules (10.2.2.17). */
static u32 room(struct xl710 *x)
{
	return ((XR(x, FDALLOC) & 0xff) + (XR(x, FDALLOC) >> 8 & 0xff)) * 32;
}

static u16 rule_new(struct xl710 *x)
{
	u16 i = x->fdir.free;

	if (i != 0)
		x->fdir.free = x->fdir.rule[i - 1].next;
	else
		i = (u16)++x->fdir.made;
	return i;
}

static void add(struct xl710 *x, u32 q, const struct xl710_fd *f)
{
	u16 *link = lookup(x, f->pctype, f->word, f->hash);
	u16 i = *link, next = 0;

	if (i == 0) {
		if (x->fdir.count == room(x) || x->fdir.count == XL710_FDIR_MAX) {
			xl710_rx_program_status(x, q, TABLE_FULL, f->id);
			return;
		}
		i = rule_new(x);
		*link = i;
		x->fdir.count++;
	} else {
		next = x->fdir.rule[i - 1].next;
	}
	x->fdir.rule[i - 1] = *f;
	x->fdir.rule[i - 1].used = true;
	x->fdir.rule[i - 1].next = next;
}

static void del(struct xl710 *x, u32 q, const struct xl710_fd *f)
{
	u16 *link = lookup(x, f->pctype, f->word, f->hash);
	u16 i = *link;

	if (i == 0) {
		xl710_rx_program_status(x, q, NO_ENTRY, f->id);
		return;
	}
	*link = x->fdir.rule[i - 1].next;
	x->fdir.rule[i - 1].used = false;
	x->fdir.rule[i - 1].next = x->fdir.free;
	x->fdir.free = i;
	x->fdir.count--;
}

void xl710_fdir_program(struct xl710 *x, u32 q, u64 qw0, u64 qw1, const u8 *frame, u32 len)
{
	struct xl710_fd f = { .used = true };
	struct xl710_pkt p;
	u32 pcmd = qw1 >> 4 & 7;

	f.queue = (u16)(qw0 & 0x7ff);
	f.pctype = (u8)(qw0 >> 17 & 0x3f);
	f.vsi = (u16)((qw0 >> 23 & 0x1ff) - XL710_VSI_BASE);
	f.dest = (u8)(qw1 >> 7 & 3);
	f.cnt_ena = (qw1 >> 11 & 1) != 0;
	f.status = (u8)(qw1 >> 13 & 3);
	f.cnt = (u16)(qw1 >> 20 & 0x1ff);
	f.id = (u32)(qw1 >> 32);
	if ((XR(x, PFQF_CTL_0) & FD_ENA) == 0) {
		nicsim_error(x->dev, NICSIM_E_STATE,
			     "flow director rule while PFQF_CTL_0.FD_ENA is clear");
		return;
	}
	if (f.vsi >= XL710_VSIS || !x->vsi[f.vsi].used || f.dest > 2) {
		nicsim_error(x->dev, NICSIM_E_DESC, "flow director rule: VSI %u, destination %u",
			     f.vsi, f.dest);
		return;
	}
	xl710_parse(&p, frame, len);
	/* The frame behind the descriptor is seen as sent, so its ends are exchanged in the rule,
	 * for a dummy as well: a frame that goes out teaches the way back (7.1.12.3; Linux and DPDK
	 * build their dummies the other way round for it). */
	xl710_fields(&p, f.word, true);
	f.hash = mask_hash(x, f.pctype, f.word);
	if (pcmd == PCMD_ADD)
		add(x, q, &f);
	else if (pcmd == PCMD_REMOVE)
		del(x, q, &f);
	else
		nicsim_error(x->dev, NICSIM_E_DESC, "flow director command %u", pcmd);
}

const struct xl710_fd *xl710_fdir_match(struct xl710 *x, const struct xl710_pkt *p)
{
	u16 w[64];
	u16 i;
	u32 h;

	if (x->fdir.count == 0 || (XR(x, PFQF_CTL_0) & FD_ENA) == 0)
		return NULL;
	xl710_fields(p, w, false);
	h = mask_hash(x, p->pctype, w);
	i = *lookup(x, p->pctype, w, h);
	if (i == 0)
		return NULL;
	if (x->fdir.rule[i - 1].cnt_ena)
		XR(x, PCNT + x->fdir.rule[i - 1].cnt * 4u)++;
	return &x->fdir.rule[i - 1];
}

void xl710_pfqf_ctl1_write(struct xl710 *x, u32 off, u32 v)
{
	XR(x, off) = 0; /* cleared at once */
	if ((v & 1) != 0)
		xl710_fdir_reset(x);
}

u32 xl710_fdstat_read(struct xl710 *x, u32 off)
{
	u32 guaranteed = (XR(x, FDALLOC) & 0xff) * 32;
	u32 g = x->fdir.count < guaranteed ? x->fdir.count : guaranteed;
	u32 best = x->fdir.count - g;

	return off == FDSTAT ? g | best << 16 : g | best << 13;
}
