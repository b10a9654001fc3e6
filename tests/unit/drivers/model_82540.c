// SPDX-License-Identifier: MIT
#include "tests/unit/drivers/model_82540.h"
#include "tests/unit/unit.h"

/* Numbers of 317453 table 13-2, written down on their own. */
#define R_CTRL   0x00000
#define R_STATUS 0x00008
#define R_ICR    0x000c0
#define R_ITR    0x000c4
#define R_ICS    0x000c8
#define R_IMS    0x000d0
#define R_IMC    0x000d8
#define R_RCTL   0x00100
#define R_TCTL   0x00400
#define R_TIPG   0x00410
#define R_RDBAL  0x02800
#define R_RDBAH  0x02804
#define R_RDLEN  0x02808
#define R_RDH    0x02810
#define R_RDT    0x02818
#define R_RDTR   0x02820
#define R_RADV   0x0282c
#define R_TDBAL  0x03800
#define R_TDBAH  0x03804
#define R_TDLEN  0x03808
#define R_TDH    0x03810
#define R_TDT    0x03818
#define R_TXDCTL 0x03828
#define R_MPC    0x04010
#define R_ROC    0x040ac
#define R_RXCSUM 0x05000
#define R_MTA    0x05200
#define R_RAL    0x05400
#define R_RAH    0x05404

static u32 *reg(struct model_82540 *d, u32 off)
{
	return &d->reg[off / 4];
}

static void reset(struct model_82540 *d)
{
	memset(d->reg, 0, sizeof(d->reg));
	*reg(d, R_RAL) = (u32)(d->eeprom_mac[0] | d->eeprom_mac[1] << 8 | d->eeprom_mac[2] << 16) |
			 (u32)d->eeprom_mac[3] << 24;
	*reg(d, R_RAH) = (u32)(d->eeprom_mac[4] | d->eeprom_mac[5] << 8) | 0x80000000u;
	d->causes = d->mask = 0;
	d->held = NULL;
}

void model_82540_reset(struct model *m)
{
	reset((struct model_82540 *)m);
}

static void cause(struct model_82540 *d, u32 bits)
{
	bool was = d->causes & d->mask;

	d->causes |= bits;
	if (!was && d->causes & d->mask)
		d->m.interrupts++;
}

static void read_clears(struct model_82540 *d, u32 off, u32 *v)
{
	if (off >= 0x4000 && off < 0x4130) {
		*v = *reg(d, off);
		*reg(d, off) = 0;
	}
}

static u64 rd(void *model, u32 bar, u64 off, u32 bytes)
{
	struct model_82540 *d = model;
	u32 v = 0;

	d->reads++;
	if (bar != 0 || bytes != 4 || off & 3 || off >= sizeof(d->reg)) {
		rig_fault("read of %u bytes at BAR%u+%llx", bytes, bar, (unsigned long long)off);
		return 0;
	}
	v = *reg(d, (u32)off);
	switch (off) {
	case R_CTRL:
		if (!(v & 1u << 26) || d->m.stuck_reset)
			break;
		if (d->reset_reads) {
			d->reset_reads--;
		} else {
			reset(d);
			v = 0;
		}
		break;
	case R_STATUS:
		v = 0x80 | 1; /* 1000 Mb/s, full duplex */
		if (d->m.link)
			v |= 2;
		break;
	case R_ICR:
		v = d->causes;
		d->causes = 0;
		break;
	case R_IMS:
		v = d->mask;
		break;
	case R_ICS:
	case R_IMC:
		rig_fault("read of a write-only register %llx", (unsigned long long)off);
		break;
	default:
		read_clears(d, (u32)off, &v);
		break;
	}
	return v;
}

/* --- transmit ------------------------------------------------------------------------------ */

static u64 ring_base(struct model_82540 *d, u32 low)
{
	return *reg(d, low) | (u64)*reg(d, low + 4) << 32;
}

/* Descriptor `index` of a ring; NULL and a fault when ring or index are unfit. */
static u8 *descriptor(struct model_82540 *d, u32 low, u32 index)
{
	u64 base = ring_base(d, low);
	u32 len = *reg(d, low + 8);

	if (base & 15 || len & 127 || !len || index >= len / 16) {
		rig_fault("ring at %llx of %u bytes, index %u", (unsigned long long)base, len,
			  index);
		return NULL;
	}
	return rig_dma(base + 16ull * index, 16);
}

static u64 le(const u8 *p, u32 n)
{
	u64 v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static void transmit(struct model *m)
{
	struct model_82540 *d = (struct model_82540 *)m;
	u32 count = *reg(d, R_TDLEN) / 16;

	if (m->removed)
		return;
	d->tx_hits +=
		m->stall_tx && m->link && *reg(d, R_TCTL) & 2 && *reg(d, R_TDH) != *reg(d, R_TDT);
	while (!m->stall_tx && m->link && *reg(d, R_TCTL) & 2 && *reg(d, R_TDH) != *reg(d, R_TDT)) {
		u8 *t = descriptor(d, R_TDBAL, *reg(d, R_TDH)), *data;
		u32 len;

		if (!t)
			return;
		len = (u32)le(t + 8, 2);
		if (t[11] & 0x20 || !(t[11] & 1) || !(t[11] & 2)) {
			rig_fault("Tx command %02x: not a whole legacy frame with FCS", t[11]);
			return;
		}
		data = rig_dma(le(t, 8), len);
		if (!data)
			return;
		model_sent(m, data, len);
		if (t[11] & 8 && d->tx_lost) {
			d->tx_hits++;
		} else if (t[11] & 8) {
			t[12] |= 1;
			cause(d, 1);
		}
		*reg(d, R_TDH) = (*reg(d, R_TDH) + 1) % count;
	}
}

/* --- receive ------------------------------------------------------------------------------- */

static bool accepted(struct model_82540 *d, const u8 *f)
{
	u32 rctl = *reg(d, R_RCTL);
	bool own = true;

	for (u32 i = 0; i < 6; i++)
		own &= f[i] ==
		       (u8)(i < 4 ? *reg(d, R_RAL) >> 8 * i : *reg(d, R_RAH) >> 8 * (i - 4));
	if (f[0] == 0xff && f[1] == 0xff)
		return rctl & (1 << 15 | 1 << 4);
	if (f[0] & 1)
		return rctl & 1 << 4;
	return rctl & 1 << 3 || (own && *reg(d, R_RAH) >> 31);
}

/* RCTL.BSIZE with BSEX and LPE, as far as a driver may want it; 0: not so. */
static u32 buffer_bytes(u32 rctl)
{
	u32 size = rctl >> 16 & 3;

	if (rctl & 1 << 5)
		return size == 2 && rctl & 1 << 25 ? 8192 : 0;
	return size == 0 && !(rctl & 1 << 25) ? 2048 : 0;
}

/* Length, errors and at last the status of a descriptor, with what is wrong about them. */
static void write_back(struct model_82540 *d, u8 *r, u32 len, bool last)
{
	u8 status = (u8)((d->no_dd ? 0 : 1) | (d->no_eop || !last ? 0 : 2));
	bool hold = d->hold && !d->held;

	d->rx_hits += d->bad_length >= 0 || d->no_dd || d->no_eop || d->rx_errors || hold;
	if (d->bad_length >= 0)
		len = (u32)d->bad_length;
	r[8] = (u8)len;
	r[9] = (u8)(len >> 8);
	r[13] = last ? d->rx_errors : 0;
	if (hold) {
		d->held = r;
		d->held_status = status;
	} else {
		r[12] = status;
		if (d->held)
			d->held[12] = d->held_status;
		d->held = NULL;
	}
	if (d->left && --d->left == 0) {
		d->bad_length = -1;
		d->no_dd = d->no_eop = d->hold = false;
		d->rx_errors = 0;
	}
}

/* What of a frame goes into one buffer. */
static bool put_part(struct model_82540 *d, const u8 *f, u32 len, bool last)
{
	u32 head = *reg(d, R_RDH), count = *reg(d, R_RDLEN) / 16;
	u8 *r, *buf;

	if (head == *reg(d, R_RDT)) {
		++*reg(d, R_MPC);
		cause(d, 1 << 6);
		return false;
	}
	r = descriptor(d, R_RDBAL, head);
	buf = r ? rig_dma(le(r, 8), len) : NULL;
	if (!buf)
		return false;
	memcpy(buf, f, len);
	write_back(d, r, len, last);
	*reg(d, R_RDH) = (head + 1) % count;
	return true;
}

static bool inject(struct model *m, const u8 *f, u32 len)
{
	struct model_82540 *d = (struct model_82540 *)m;
	u32 rctl = *reg(d, R_RCTL);

	if (!(rctl & 2) || !m->link || m->removed)
		return false;
	if (len > 1518 && !(rctl & 1 << 5)) {
		++*reg(d, R_ROC);
		return false;
	}
	if (!accepted(d, f))
		return false;
	if (!(rctl & 1 << 26) || !buffer_bytes(rctl)) {
		rig_fault("RCTL %08x: not 2048 or 8192 byte buffers with stripped FCS", rctl);
		return false;
	}
	d->rx_hits += d->jump != 0;
	for (; d->jump && *reg(d, R_RDH) != *reg(d, R_RDT); d->jump--)
		*reg(d, R_RDH) = (*reg(d, R_RDH) + 1) % (*reg(d, R_RDLEN) / 16);
	d->jump = 0;
	for (u32 at = 0, part; at < len; at += part) {
		part = MIN(len - at, buffer_bytes(rctl));
		if (!put_part(d, f + at, part, at + part == len))
			return false;
	}
	cause(d, 1 << 7);
	return true;
}

/* --- register writes ------------------------------------------------------------------------ */

static bool known(u32 off)
{
	static const u32 both[] = { R_CTRL,   R_ICR,    R_ITR,   R_ICS,   R_IMS,   R_IMC, R_RCTL,
				    R_TCTL,   R_TIPG,   R_RDBAL, R_RDBAH, R_RDLEN, R_RDH, R_RDT,
				    R_RDTR,   R_RADV,   R_TDBAL, R_TDBAH, R_TDLEN, R_TDH, R_TDT,
				    R_TXDCTL, R_RXCSUM, R_RAL,   R_RAH };

	for (u32 i = 0; i < ARRAY_SIZE(both); i++)
		if (both[i] == off)
			return true;
	return off >= R_MTA && off < R_MTA + 512;
}

static bool is_ring_setup(u32 off, u32 low)
{
	return off >= low && off <= low + 0x10;
}

static void wr(void *model, u32 bar, u64 off64, u32 bytes, u64 v64)
{
	struct model_82540 *d = model;
	u32 off = (u32)off64, v = (u32)v64;

	if (bar != 0 || bytes != 4 || off & 3 || off >= sizeof(d->reg) || !known(off)) {
		rig_fault("write of %u bytes at BAR%u+%x", bytes, bar, off);
		return;
	}
	if (is_ring_setup(off, R_RDBAL) && *reg(d, R_RCTL) & 2)
		rig_fault("receive ring changed while receiving (%x)", off);
	if (is_ring_setup(off, R_TDBAL) && *reg(d, R_TCTL) & 2)
		rig_fault("transmit ring changed while transmitting (%x)", off);
	if (off == R_TDT && v * 16 >= *reg(d, R_TDLEN) && v)
		rig_fault("TDT %u past the ring", v);
	if (off == R_RDT && v * 16 >= *reg(d, R_RDLEN) && v)
		rig_fault("RDT %u past the ring", v);
	switch (off) {
	case R_ICR:
		d->causes &= ~v;
		return;
	case R_ICS:
		cause(d, v);
		return;
	case R_IMS:
		d->mask |= v;
		if (d->causes & d->mask)
			d->m.interrupts++;
		return;
	case R_IMC:
		d->mask &= ~v;
		return;
	case R_CTRL:
		if (v & 1u << 26 && *reg(d, R_RCTL) & 2)
			rig_fault("reset while receiving");
		break;
	case R_RDT:
		d->rx_doorbells++;
		break;
	case R_TDT:
		d->tx_doorbells++;
		break;
	default:
		break;
	}
	*reg(d, off) = v;
	if (off == R_TDT)
		transmit(&d->m);
}

struct model *model_82540(void)
{
	static const u8 mac[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };
	struct model_82540 *d = calloc(1, sizeof(*d));

	d->m.name = "82540EM";
	d->m.bar_size[0] = 0x20000;
	d->m.rd = rd;
	d->m.wr = wr;
	d->m.inject = inject;
	d->m.run = transmit;
	d->m.link = true;
	d->bad_length = -1;
	memcpy(d->eeprom_mac, mac, 6);
	reset(d);
	return &d->m;
}
