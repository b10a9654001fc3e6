// SPDX-License-Identifier: MIT
/*
 * Reading a module's memory by two wires (8.2.3.1.6; SFF-8472 chapter 4): software moves clock and
 * data. One call is half a clock of 5 microseconds at 100 kHz, two or three register accesses;
 * called too early it does nothing. Boot CPU or owner QGM.
 *
 *	start a0h W ack offset ack  start a0h R ack  byte ack ... byte nack  stop
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum { I2C_ADDRESS = 0xa0, HALF_CLOCK_US = 5, TRIES_TO_FREE = 9 };

enum i2c_state {
	I2C_IDLE,
	I2C_FREE,  /* clocks until nobody holds the data wire */
	I2C_START, /* data falls while the clock is high */
	I2C_RESTART,
	I2C_OUT,  /* a byte goes out */
	I2C_ACK,  /* does it answer? */
	I2C_IN,   /* a byte comes in */
	I2C_MORE, /* our acknowledge, or none behind the last */
	I2C_STOP, /* data rises while the clock is high */
	I2C_NOBODY,
};

enum { OUT_WRITE, OUT_OFFSET, OUT_READ };

static void wires(const struct ixgbe *e, bool clock, bool data)
{
	ixgbe_wr(e, IXGBE_I2CCTL, (clock ? I2C_CLK_OUT : 0) | (data ? I2C_DATA_OUT : 0));
	(void)ixgbe_rd(e, IXGBE_I2CCTL); /* it is there before the time begins to count */
}

static bool data_in(const struct ixgbe *e)
{
	return ixgbe_rd(e, IXGBE_I2CCTL) & I2C_DATA_IN;
}

void ixgbe_i2c_begin(struct ixgbe *e, u8 len)
{
	struct ixgbe_i2c *b = &e->sfp.i2c;

	*b = (struct ixgbe_i2c){ .state = I2C_FREE };
	b->len = MIN(len, (u8)sizeof(b->data));
}

static void to(struct ixgbe_i2c *b, enum i2c_state s)
{
	b->state = s;
	b->half = false;
	b->bit = 0;
}

static void put_byte(struct ixgbe_i2c *b, u8 which)
{
	static const u8 value[] = { I2C_ADDRESS, 0, I2C_ADDRESS | 1 };

	b->out = which;
	b->shift = value[which];
	to(b, I2C_OUT);
}

/* The half with the clock low: data changes. */
static void low_half(struct ixgbe *e, struct ixgbe_i2c *b)
{
	bool data = true;

	if (b->state == I2C_OUT)
		data = b->shift & 0x80;
	else if (b->state == I2C_MORE)
		data = b->byte == b->len; /* not acknowledged: the last */
	else if (b->state == I2C_STOP)
		data = false;
	wires(e, false, data);
}

/* The half with the clock high: data is what it is, or start and stop. */
static void high_half(struct ixgbe *e, struct ixgbe_i2c *b)
{
	switch (b->state) {
	case I2C_FREE:
		wires(e, true, true);
		if (data_in(e))
			to(b, I2C_START);
		else if (++b->bit == TRIES_TO_FREE)
			to(b, I2C_NOBODY);
		break;
	case I2C_START:
	case I2C_RESTART:
		/* The wires are both high since the half before. */
		wires(e, true, false);
		put_byte(b, b->state == I2C_START ? OUT_WRITE : OUT_READ);
		break;
	case I2C_OUT:
		wires(e, true, b->shift & 0x80);
		b->shift = (u8)(b->shift << 1);
		if (++b->bit == 8)
			to(b, I2C_ACK);
		break;
	case I2C_ACK:
		wires(e, true, true);
		if (data_in(e)) {
			b->len = 0; /* says the STOP that nobody is there */
			to(b, I2C_STOP);
		} else if (b->out == OUT_WRITE) {
			put_byte(b, OUT_OFFSET);
		} else if (b->out == OUT_OFFSET) {
			to(b, I2C_RESTART);
		} else {
			to(b, I2C_IN);
		}
		break;
	case I2C_IN:
		wires(e, true, true);
		b->shift = (u8)(b->shift << 1 | data_in(e));
		if (++b->bit == 8) {
			b->data[b->byte++] = b->shift;
			to(b, I2C_MORE);
		}
		break;
	case I2C_MORE:
		wires(e, true, b->byte == b->len);
		to(b, b->byte == b->len ? I2C_STOP : I2C_IN);
		break;
	default: /* I2C_STOP: first the clock, half a clock later the data; they stay high */
		wires(e, true, b->bit);
		b->half = true;
		if (b->bit++)
			to(b, b->len ? I2C_IDLE : I2C_NOBODY);
		break;
	}
}

int ixgbe_i2c_step(struct ixgbe *e, u64 now)
{
	struct ixgbe_i2c *b = &e->sfp.i2c;

	if (b->state == I2C_IDLE)
		return 0;
	if (b->state == I2C_NOBODY)
		return -ENODEV;
	if (now < b->not_before)
		return -EAGAIN;
	b->not_before = now + HALF_CLOCK_US * e->ms / 1000;
	if (b->half) {
		b->half = false;
		high_half(e, b);
	} else if (b->state == I2C_START) {
		wires(e, true, true);
		b->half = true;
	} else if (b->state == I2C_RESTART && b->bit == 0) {
		wires(e, false, true); /* let go of the data first, then of the clock */
		b->bit = 1;
	} else if (b->state == I2C_RESTART) {
		wires(e, true, true);
		b->half = true;
	} else {
		low_half(e, b);
		b->half = true;
	}
	if (b->state == I2C_IDLE)
		return 0;
	return b->state == I2C_NOBODY ? -ENODEV : -EAGAIN;
}
