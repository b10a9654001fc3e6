// SPDX-License-Identifier: MIT
/*
 * The register file: the index from offset to row (built once, shared by all devices), reads,
 * writes with their checks, and reset by level. Data sheet 332464: 10.2.
 */
#include "tools/nicsim/xl710/regs.h"

#include <stdio.h>

#include "tools/nicsim/xl710/xl710.h"

enum { ROWS_MAX = 1024 };

static const struct xl710_reg *row[ROWS_MAX];
static u32 rows;
static u16 index_of[XL710_REGS_SIZE / 4]; /* row number + 1 */

static void part_add(const struct xl710_reg *r)
{
	for (; r->name != NULL; r++) {
		row[rows++] = r;
		for (u32 j = 0; j < r->n2; j++)
			for (u32 i = 0; i < r->n; i++)
				index_of[(r->off + j * r->stride2 + i * r->stride) / 4] = (u16)rows;
	}
}

void xl710_regs_init(void)
{
	if (rows != 0)
		return;
	part_add(xl710_regs_global);
	part_add(xl710_regs_lan);
	part_add(xl710_regs_stats);
}

const struct xl710_reg *xl710_reg_at(u64 off)
{
	u32 k = off < XL710_REGS_SIZE ? index_of[off / 4] : 0;

	return k != 0 ? row[k - 1] : NULL;
}

const char *xl710_reg_name(u64 off, char *buf, u32 size)
{
	const struct xl710_reg *r = xl710_reg_at(off);

	if (r == NULL)
		snprintf(buf, size, "%06llx", (unsigned long long)off);
	else if (r->n * r->n2 == 1)
		snprintf(buf, size, "%s", r->name);
	else
		snprintf(buf, size, "%s+%llx", r->name, (unsigned long long)(off - r->off));
	return buf;
}

u32 xl710_reg_read(struct xl710 *x, u64 off)
{
	const struct xl710_reg *r = xl710_reg_at(off);

	if (r == NULL) {
		nicsim_error(x->dev, NICSIM_E_ACCESS, "read of no register at %06llx",
			     (unsigned long long)off);
		return 0xdeadbeef; /* what the chip answers (10.1.1) */
	}
	return r->read != NULL ? r->read(x, (u32)off) : XR(x, off);
}

/* Say what is wrong with writing `v`; the write happens as far as the row allows it. */
static void write_check(struct xl710 *x, const struct xl710_reg *r, u64 off, u32 v)
{
	u32 bad = v & ~(r->wr | r->ro | r->w1c);
	char name[64];

	if (bad != 0)
		nicsim_error(x->dev, NICSIM_E_RESERVED, "%s: reserved bits %08x written",
			     xl710_reg_name(off, name, sizeof(name)), bad);
	if ((r->wr | r->w1c) == 0 && r->write == NULL)
		nicsim_error(x->dev, NICSIM_E_STATE, "%s is read-only, %08x written",
			     xl710_reg_name(off, name, sizeof(name)), v);
}

void xl710_reg_write(struct xl710 *x, u64 off, u32 v)
{
	const struct xl710_reg *r = xl710_reg_at(off);
	u32 cur;

	if (r == NULL) {
		nicsim_error(x->dev, NICSIM_E_ACCESS, "write of %08x to no register at %06llx", v,
			     (unsigned long long)off);
		return;
	}
	if (unlikely((v & ~(r->wr | r->w1c)) != 0 || (r->wr | r->w1c) == 0))
		write_check(x, r, off, v);
	cur = XR(x, off);
	XR(x, off) = (cur & ~r->wr & ~(r->w1c & v)) | (v & r->wr);
	if (r->write != NULL)
		r->write(x, (u32)off, v);
}

void xl710_regs_reset(struct xl710 *x, enum xl710_reset_level level)
{
	for (u32 k = 0; k < rows; k++) {
		const struct xl710_reg *r = row[k];

		if (r->level > (u32)level)
			continue;
		for (u32 j = 0; j < r->n2; j++)
			for (u32 i = 0; i < r->n; i++)
				XR(x, r->off + j * r->stride2 + i * r->stride) = r->dflt;
	}
}
