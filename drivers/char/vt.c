// SPDX-License-Identifier: MIT
#include "drivers/char/vt.h"
#include "kernel/lib/string.h"

enum { VT_GROUND, VT_ESC, VT_CSI };
enum { VT_CURSOR = 0x80, VT_TAB = 8 };

static void touch(struct vt *v, u32 lo, u32 hi)
{
	if (lo < v->dirty_lo)
		v->dirty_lo = lo;
	if (hi > v->dirty_hi || v->dirty_lo > v->dirty_hi)
		v->dirty_hi = hi;
}

static u8 *row(struct vt *v, u32 y)
{
	return v->cell + (size_t)y * v->cols;
}

static void line_feed(struct vt *v)
{
	if (v->y + 1 < v->rows) {
		v->y++;
		return;
	}
	memmove(row(v, 0), row(v, 1), (size_t)(v->rows - 1) * v->cols);
	memset(row(v, v->rows - 1), ' ', v->cols);
	touch(v, 0, v->rows - 1);
}

static void put(struct vt *v, u8 ch)
{
	if (v->x == v->cols) {
		v->x = 0;
		line_feed(v);
	}
	row(v, v->y)[v->x++] = ch;
	touch(v, v->y, v->y);
}

static void erase(struct vt *v, u32 from, u32 to)
{
	memset(v->cell + from, ' ', to - from);
	touch(v, from / v->cols, v->rows - 1);
}

static u32 param(const struct vt *v, unsigned i, u32 dflt)
{
	return i < v->nparams && v->param[i] ? v->param[i] : dflt;
}

static u32 clamp(u32 v, u32 max)
{
	return v < max ? v : max;
}

static void csi(struct vt *v, u8 final)
{
	u32 n = param(v, 0, 1), x = clamp(v->x, v->cols - 1), here = v->y * v->cols + x;

	switch (final) {
	case 'A':
		v->y -= clamp(n, v->y);
		break;
	case 'B':
		v->y = clamp(v->y + n, v->rows - 1);
		break;
	case 'C':
		v->x = clamp(x + n, v->cols - 1);
		break;
	case 'D':
		v->x = x - clamp(n, x);
		break;
	case 'G':
		v->x = clamp(n - 1, v->cols - 1);
		break;
	case 'H':
		v->y = clamp(n - 1, v->rows - 1);
		v->x = clamp(param(v, 1, 1) - 1, v->cols - 1);
		break;
	case 'J':
		if (param(v, 0, 0) == 0)
			erase(v, here, v->rows * v->cols);
		else
			erase(v, 0, param(v, 0, 0) == 1 ? here + 1 : v->rows * v->cols);
		break;
	case 'K':
		erase(v, param(v, 0, 0) == 0 ? here : v->y * v->cols,
		      param(v, 0, 0) == 1 ? here + 1 : (v->y + 1) * v->cols);
		break;
	default:
		break; /* colours and whatever else: swallowed */
	}
}

static void ground(struct vt *v, u8 ch)
{
	switch (ch) {
	case '\r':
		v->x = 0;
		break;
	case '\n':
		line_feed(v);
		break;
	case '\b':
		if (v->x)
			v->x = clamp(v->x, v->cols - 1) - (v->x < v->cols);
		break;
	case '\t':
		v->x = clamp((v->x / VT_TAB + 1) * VT_TAB, v->cols - 1);
		break;
	case 0x1b:
		v->state = VT_ESC;
		break;
	default:
		if (ch >= ' ')
			put(v, ch < 0x7f ? ch : 0x7f);
		break;
	}
}

static void input(struct vt *v, u8 ch)
{
	if (v->state == VT_GROUND) {
		ground(v, ch);
	} else if (v->state == VT_ESC) {
		v->state = ch == '[' ? VT_CSI : VT_GROUND;
		v->nparams = 0;
		memset(v->param, 0, sizeof(v->param));
	} else if (ch >= '0' && ch <= '9') {
		if (!v->nparams)
			v->nparams = 1;
		if (v->nparams <= VT_PARAMS && v->param[v->nparams - 1] < 1000)
			v->param[v->nparams - 1] =
				(u16)(v->param[v->nparams - 1] * 10 + (ch - '0'));
	} else if (ch == ';') {
		v->nparams = v->nparams ? (u8)(v->nparams + 1) : 2;
		if (v->nparams > VT_PARAMS + 1)
			v->nparams = VT_PARAMS + 1; /* further ones are ignored */
	} else if (ch >= 0x40 && ch <= 0x7e) {
		v->state = VT_GROUND;
		v->nparams = v->nparams > VT_PARAMS ? VT_PARAMS : v->nparams;
		csi(v, ch);
	} else if (ch < 0x20) {
		v->state = VT_GROUND;
		ground(v, ch);
	}
}

static void flush(struct vt *v)
{
	for (u32 y = v->dirty_lo; y <= v->dirty_hi && y < v->rows; y++) {
		for (u32 x = 0; x < v->cols; x++) {
			bool cursor = y == v->y && x == clamp(v->x, v->cols - 1);
			size_t at = (size_t)y * v->cols + x;
			u8 want = v->cell[at] | (cursor ? VT_CURSOR : 0);

			if (v->shown[at] == want)
				continue;
			v->shown[at] = want;
			v->draw(x, y, v->cell[at], cursor);
		}
	}
	v->dirty_lo = v->rows;
	v->dirty_hi = 0;
}

void vt_init(struct vt *v, u32 cols, u32 rows, u8 *cell, u8 *shown,
	     void (*draw)(u32 x, u32 y, u8 ch, bool cursor))
{
	memset(v, 0, sizeof(*v));
	v->cols = cols;
	v->rows = rows;
	v->cell = cell;
	v->shown = shown;
	v->draw = draw;
	memset(cell, ' ', (size_t)rows * cols);
	memset(shown, 0, (size_t)rows * cols); /* unlike any cell: all are drawn */
	v->dirty_hi = rows - 1;
	flush(v);
}

void vt_write(struct vt *v, const char *buf, size_t n)
{
	touch(v, v->y, v->y); /* the cursor leaves this row */
	for (size_t i = 0; i < n; i++)
		input(v, (u8)buf[i]);
	touch(v, v->y, v->y);
	flush(v);
}
