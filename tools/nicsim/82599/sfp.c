// SPDX-License-Identifier: MIT
/* The SFP+ module: its EEPROM (SFF-8472 pages A0h and A2h) behind an I2C bus that the driver moves
 * bit by bit in I2CCTL (data sheet 8.2.3.1.6). A slave sees two lines: it takes bits when SCL
 * rises, changes its own when SCL falls; SDA changing while SCL is high is START or STOP. */
#include "tools/nicsim/82599/hooks.h"

#include <string.h>

enum { CLK_IN = 1, CLK_OUT = 2, DATA_IN = 4, DATA_OUT = 8 };
enum { IDLE, RX, ACK, TX, TX_ACK };

static void text(u8 *p, const char *s, u32 len)
{
	memset(p, ' ', len);
	memcpy(p, s, MIN(strlen(s), len));
}

static u8 sum(const u8 *p, u32 len)
{
	u8 s = 0;

	while (len--)
		s = (u8)(s + *p++);
	return s;
}

void n599_sfp_make(struct n599 *n)
{
	const char *kind = nicsim_option(n->dev, "sfp");
	u8 *a0 = n->sfp[0], *a2 = n->sfp[1];

	if (!kind)
		kind = "sr";
	n->no_sfp = !strcmp(kind, "none");
	a0[0] = 3; /* SFP */
	a0[1] = 4;
	a0[2] = 7; /* LC */
	a0[3] = !strcmp(kind, "lr") ? 0x20 : 0x10;
	a0[11] = 6; /* 64B/66B */
	a0[12] = 103;
	if (!strcmp(kind, "da")) {
		a0[2] = 0x21;
		a0[3] = 0;
		a0[8] = 0x04; /* passive cable */
		a0[18] = 3;   /* metres */
	}
	text(a0 + 20, "Intel Corp", 16);
	a0[37] = 0x00;
	a0[38] = 0x1b;
	a0[39] = 0x21;
	text(a0 + 40, "FTLX8571D3BCV-IT", 16);
	text(a0 + 56, "A", 4);
	a0[60] = 850 >> 8;
	a0[61] = 850 & 0xff;
	text(a0 + 68, "NICSIM0001", 16);
	text(a0 + 84, "260101", 8);
	a0[92] = 0x68; /* diagnostics, internally calibrated */
	a0[94] = 5;
	a0[63] = sum(a0, 63);
	a0[95] = sum(a0 + 64, 31);
	a2[96] = 35; /* degrees C */
	a2[98] = 33000 >> 8;
	a2[99] = 33000 & 0xff; /* 3.3 V in 100 uV */
	a2[100] = 3000 >> 8;
	a2[101] = 3000 & 0xff; /* bias, 2 uA */
	a2[102] = 5800 >> 8;
	a2[103] = 5800 & 0xff; /* Tx, 0.1 uW */
	a2[104] = 5100 >> 8;
	a2[105] = 5100 & 0xff; /* Rx */
	a2[95] = sum(a2, 95);
}

/* A byte has come; acknowledge it? */
static bool take(struct n599 *n)
{
	struct n599_i2c *b = &n->i2c;
	u8 byte = b->shift;

	if (b->device == 0xff) { /* the address byte */
		if ((byte >> 1) != 0x50 && (byte >> 1) != 0x51)
			return false;
		if (n->no_sfp || nicsim_fault(n->dev, "i2c-nak", NULL))
			return false;
		b->device = (byte >> 1) & 1;
		b->reading = byte & 1;
		b->pointer_set = false;
		return true;
	}
	if (!b->pointer_set) {
		b->address = byte;
		b->pointer_set = true;
		return true;
	}
	nicsim_error(n->dev, NICSIM_E_NVM, "SFP module: byte %02x of A%ch written", b->address,
		     b->device ? '2' : '0');
	b->address++;
	return true;
}

static void drive(struct n599 *n)
{
	struct n599_i2c *b = &n->i2c;

	b->out = b->shift >> 7;
	b->shift = (u8)(b->shift << 1);
}

static void load(struct n599 *n)
{
	struct n599_i2c *b = &n->i2c;

	b->shift = n->sfp[b->device][b->address++];
	b->bit = 0;
	b->state = TX;
	drive(n);
}

static void clock_up(struct n599 *n)
{
	struct n599_i2c *b = &n->i2c;

	if (b->state == RX && b->bit < 8) {
		b->shift = (u8)(b->shift << 1 | b->sda);
		b->bit++;
	} else if (b->state == TX_ACK) {
		b->bit = b->sda ? 1 : 0; /* 1: no more */
	}
}

static void clock_down(struct n599 *n)
{
	struct n599_i2c *b = &n->i2c;

	switch (b->state) {
	case RX:
		if (b->bit < 8)
			break;
		if (take(n)) {
			b->out = false;
			b->state = ACK;
		} else {
			b->state = IDLE;
		}
		break;
	case ACK:
		b->out = true;
		if (b->reading) {
			load(n);
		} else {
			b->state = RX;
			b->bit = b->shift = 0;
		}
		break;
	case TX:
		if (++b->bit < 8) {
			drive(n);
		} else {
			b->out = true;
			b->state = TX_ACK;
		}
		break;
	case TX_ACK:
		if (b->bit)
			b->state = IDLE;
		else
			load(n);
		break;
	default:
		break;
	}
}

N599_WR(i2cctl)
{
	struct n599_i2c *b = &n->i2c;
	bool scl = raw & CLK_OUT, sda = raw & DATA_OUT;

	if (b->scl && scl && sda != b->sda) {
		b->out = true;
		b->bit = b->shift = 0;
		b->device = 0xff;
		b->state = sda ? IDLE : RX; /* STOP, START */
		b->reading = false;
	}
	b->sda = sda;
	if (scl != b->scl) {
		b->scl = scl;
		if (scl)
			clock_up(n);
		else
			clock_down(n);
	}
}

N599_RD(i2cctl)
{
	v &= ~(u32)(CLK_IN | DATA_IN);
	return v | (n->i2c.scl ? CLK_IN : 0) | (n->i2c.sda && n->i2c.out ? DATA_IN : 0);
}
