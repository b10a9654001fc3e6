// SPDX-License-Identifier: MIT
/* The register file of the 82599 model: finds the line of an access in the table, applies its
 * masks, clears what is read-to-clear, calls the hooks of the nouns. Unknown registers, reserved
 * bits and writes to read-only registers are driver errors. */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

#define n599_0 NULL
static const struct n599_reg table[] = {
#define RANGE(name, off, count, stride, first, reset, mask, rsv, flags, rd, wr) \
	{ #name, off, count, stride, first, reset, mask, rsv, flags, n599_##rd, n599_##wr },
#define REG(name, off, count, stride, first, reset, mask, rsv, flags, rd, wr) \
	RANGE(name, off, count, stride, first, reset, mask, rsv, flags, rd, wr)
#include "tools/nicsim/82599/regs.inc"
#undef REG
#undef RANGE
};

/* The same register at a second address (data sheet 8.2.3.7, 8.2.3.8: kept for the 82598). */
static const struct {
	u32 off, count, stride, to, to_stride;
} aliases[] = {
	{ 0x00004, 1, 4, N599_CTRL, 4 },           { 0x02100, 16, 4, N599_SRRCTL, 0x40 },
	{ 0x02200, 16, 4, N599_DCA_RXCTRL, 0x40 }, { 0x05400, 16, 8, N599_RAL, 8 },
	{ 0x05404, 16, 8, N599_RAH, 8 },           { 0x05480, 16, 4, N599_PSRTYPE, 4 },
	{ 0x06030, 16, 0x40, N599_QPTC, 4 },
};

/* Dword of the BAR -> line of the table + 1 (0: none), and the dword it stands for. */
static u16 line_of[N599_CSR / 4];
static u16 alias_of[N599_CSR / 4];
static bool made;

static void make(void)
{
	if (made)
		return;
	for (u32 l = 0; l < ARRAY_SIZE(table); l++)
		for (u32 i = 0; i < table[l].count; i++) {
			u32 d = (table[l].off + i * table[l].stride) / 4;

			line_of[d] = (u16)(l + 1);
			alias_of[d] = (u16)d;
		}
	for (u32 a = 0; a < ARRAY_SIZE(aliases); a++)
		for (u32 i = 0; i < aliases[a].count; i++) {
			u32 d = (aliases[a].off + i * aliases[a].stride) / 4;
			u32 to = (aliases[a].to + i * aliases[a].to_stride) / 4;

			if (!line_of[d]) {
				line_of[d] = line_of[to];
				alias_of[d] = (u16)to;
			}
		}
	made = true;
}

const struct n599_reg *n599_reg_find(u32 off, u32 *i)
{
	const struct n599_reg *r;
	u32 d;

	make();
	if (off >= N599_CSR || !line_of[off / 4])
		return NULL;
	d = alias_of[off / 4];
	r = &table[line_of[d] - 1];
	*i = r->first + (d * 4 - r->off) / r->stride;
	return r;
}

u32 n599_read(struct n599 *n, u32 off)
{
	const struct n599_reg *r;
	u32 i, d, v;

	r = n599_reg_find(off, &i);
	if (!r) {
		nicsim_error(n->dev, NICSIM_E_ACCESS, "read of %05x: no such register", off);
		return 0;
	}
	d = alias_of[off / 4];
	v = n->reg[d];
	if (r->flags & N599_WO)
		v = 0;
	if (r->rd)
		v = r->rd(n, r, i, v);
	if (r->flags & N599_RC)
		n->reg[d] = 0;
	return v;
}

void n599_write(struct n599 *n, u32 off, u32 v)
{
	const struct n599_reg *r;
	u32 i, d, old, bad;

	r = n599_reg_find(off, &i);
	if (!r) {
		nicsim_error(n->dev, NICSIM_E_ACCESS, "write of %08x to %05x: no such register", v,
			     off);
		return;
	}
	d = alias_of[off / 4];
	old = n->reg[d];
	/* STATUS is written by drivers as a harmless flush of posted writes (2.6.4 of the
	 * specification update); other read-only registers are not. */
	if ((r->flags & N599_RO) && r->off != N599_STATUS)
		nicsim_error(n->dev, NICSIM_E_ACCESS, "%s[%u] written with %08x: read-only",
			     r->name, i, v);
	bad = (v ^ r->reset) & r->reserved;
	if (bad)
		nicsim_error(n->dev, NICSIM_E_RESERVED,
			     "%s[%u] written with %08x: reserved bits %08x", r->name, i, v, bad);
	n->reg[d] = (old & ~r->writable) | (v & r->writable);
	if (r->wr)
		r->wr(n, r, i, v, old);
}

void n599_regs_reset(struct n599 *n, bool soft)
{
	make();
	for (u32 l = 0; l < ARRAY_SIZE(table); l++) {
		const struct n599_reg *r = &table[l];

		if (soft && (r->flags & N599_KEEP))
			continue;
		for (u32 i = 0; i < r->count; i++)
			n->reg[(r->off + i * r->stride) / 4] =
				r->flags & N599_RANDOM ? (u32)nicsim_random(n->dev) & r->writable
						       : r->reset;
	}
}
