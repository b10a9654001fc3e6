// SPDX-License-Identifier: MIT
#include "tests/unit/nicsim/rig_82599.h"

struct bench b;

static void sent(void *arg, const u8 *frame, u32 len)
{
	(void)arg;
	if (b.nsent < SENT_MAX) {
		b.sent[b.nsent].len = len;
		memcpy(b.sent[b.nsent].data, frame, len);
	}
	b.nsent++;
}

static void irq(void *arg, struct nicsim_dev *dev, u16 vector, bool level)
{
	(void)arg;
	(void)dev;
	if (vector == NICSIM_NO_VECTOR)
		b.level = level;
	if (level)
		b.interrupts[vector < 64 ? vector : 64]++;
}

void bench_begin(const char *options)
{
	char spec[200], why[160] = "";

	memset(&b, 0, sizeof(b));
	b.mem = calloc(1, MEM_SIZE);
	b.sent = calloc(SENT_MAX, sizeof(*b.sent));
	assert_non_null(b.mem);
	assert_non_null(b.sent);
	b.sim = nicsim_create();
	snprintf(spec, sizeof(spec), "82599,mac=52:54:00:12:34:56%s%s", options ? "," : "",
		 options ? options : "");
	b.dev = nicsim_add(b.sim, spec, false, why, sizeof(why));
	assert_string_equal(why, "");
	assert_non_null(b.dev);
	assert_true(nicsim_mem_add(b.dev, MEM, MEM_SIZE, b.mem));
	assert_true(nicsim_wire_function(b.dev, sent, NULL));
	b.dev->irq = irq;
	nicsim_cfg_write(b.dev, 0x04, 2, 6);
	nicsim_advance(b.sim, 100000000);
	b.rx_size = RING;
}

void bench_end_errors(u32 errors)
{
	if (b.dev->nerrors != errors)
		nicsim_report(b.dev, stderr);
	assert_int_equal(b.dev->nerrors, errors);
	nicsim_destroy(b.sim);
	free(b.mem);
	free(b.sent);
}

void bench_end(void)
{
	bench_end_errors(0);
}

void expect_error(enum nicsim_error kind)
{
	if (b.dev->nerrors != 1 || b.dev->errors[kind] != 1)
		nicsim_report(b.dev, stderr);
	assert_int_equal(b.dev->errors[kind], 1);
	assert_int_equal(b.dev->nerrors, 1);
	nicsim_errors_clear(b.dev);
}

u32 rd(u32 off)
{
	return (u32)nicsim_bar_read(b.dev, 0, off, 4);
}

void wr(u32 off, u32 v)
{
	nicsim_bar_write(b.dev, 0, off, 4, v);
}

void *mem(u64 iova)
{
	assert_true(iova >= MEM && iova < MEM + MEM_SIZE);
	return b.mem + (iova - MEM);
}

u32 rxo(u32 off, u32 q)
{
	return q < 64 ? off + 0x40 * q : off + 0xc000 + 0x40 * (q - 64);
}

u32 txo(u32 off, u32 q)
{
	return off + 0x40 * q;
}

static u64 rx_ring_of(u32 q)
{
	return RX_RING + (u64)q * 0x1000;
}

static void rx_write(u32 q, u32 i)
{
	u64 *d = mem(rx_ring_of(q) + 16 * (u64)i);

	d[0] = RX_BUF + (u64)(q % 16) * 0x40000 + (u64)i * 0x1000;
	d[1] = 0;
}

u8 *rx_data(u32 q, u32 i)
{
	return mem(RX_BUF + (u64)(q % 16) * 0x40000 + (u64)i * 0x1000);
}

void rx_start(u32 q, u32 kib)
{
	u32 polls = 0;

	wr(rxo(RDBAL, q), (u32)rx_ring_of(q));
	wr(rxo(RDBAH, q), 0);
	wr(rxo(RDLEN, q), b.rx_size * 16);
	wr(rxo(SRRCTL, q), kib | 4 << 8 | 1 << 25);
	wr(rxo(RXDCTL, q), ENABLE);
	while (!(rd(rxo(RXDCTL, q)) & ENABLE))
		assert_true(++polls < 20);
	assert_true(polls > 0); /* it takes a while */
	b.rx_tail[q] = b.rx_next[q] = 0;
	rx_post(q, b.rx_size - 1);
}

void rx_post(u32 q, u32 n)
{
	while (n--) {
		rx_write(q, b.rx_tail[q]);
		b.rx_tail[q] = (b.rx_tail[q] + 1) % b.rx_size;
	}
	wr(rxo(RDT, q), b.rx_tail[q]);
}

void rx_on(void)
{
	wr(RDRXCTL, rd(RDRXCTL) | 2);
	wr(FCTRL, 0x700);
	wr(RXCTRL, 1);
}

const u32 *rx_take(u32 q)
{
	const u32 *d = mem(rx_ring_of(q) + 16 * (u64)b.rx_next[q]);

	if (!(d[2] & 1))
		return NULL;
	b.rx_next[q] = (b.rx_next[q] + 1) % b.rx_size;
	return d;
}

static u64 tx_ring_of(u32 q)
{
	return TX_RING + (u64)q * 0x1000;
}

void tx_start(u32 q)
{
	u32 polls = 0;

	wr(DMATXCTL, rd(DMATXCTL) | 1);
	wr(txo(TDBAL, q), (u32)tx_ring_of(q));
	wr(txo(TDBAH, q), 0);
	wr(txo(TDLEN, q), RING * 16);
	wr(txo(TXDCTL, q), rd(txo(TXDCTL, q)) | ENABLE);
	while (!(rd(txo(TXDCTL, q)) & ENABLE))
		assert_true(++polls < 20);
	b.tx_tail[q] = 0;
}

static void tx_raw(u32 q, u32 a, u32 c, u32 d, u32 e)
{
	u32 *p = mem(tx_ring_of(q) + 16 * (u64)b.tx_tail[q]);

	p[0] = a;
	p[1] = c;
	p[2] = d;
	p[3] = e;
	b.tx_tail[q] = (b.tx_tail[q] + 1) % RING;
}

void tx_put(u32 q, u64 at, u32 len, u32 cmd, u32 olinfo)
{
	tx_raw(q, (u32)at, (u32)(at >> 32), len | cmd, olinfo);
}

void tx_context(u32 q, u32 vlan_macip, u32 tucmd, u32 mss_l4len_idx)
{
	tx_raw(q, vlan_macip, 0, tucmd << 9 | 2 << 20 | DEXT, mss_l4len_idx);
}

void tx_ring(u32 q)
{
	wr(txo(TDT, q), b.tx_tail[q]);
}

const u32 *tx_desc(u32 q, u32 index)
{
	return mem(tx_ring_of(q) + 16 * (u64)index);
}

bool inject(const void *frame, u32 len)
{
	bool taken = nicsim_rx(b.dev, frame, len);

	nicsim_run(b.sim, 0);
	return taken;
}

/* --- frames ------------------------------------------------------------------------------------
 */

static void p16(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static void p32(u8 *p, u32 v)
{
	p16(p, v >> 16);
	p16(p + 2, v & 0xffff);
}

u16 sum_of(const u8 *p, u32 len, u32 sum)
{
	for (u32 i = 0; i < len; i++)
		sum += i & 1 ? p[i] : (u32)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (u16)sum;
}

static void eth(u8 *f, u32 type)
{
	memcpy(f, "\x52\x54\x00\x12\x34\x56\x02\x00\x00\x00\x00\x01", 12);
	p16(f + 12, type);
}

static void ip4(u8 *f, u32 proto, u32 sa, u32 da, u32 l4len)
{
	u8 *h = f + 14;

	eth(f, 0x0800);
	memset(h, 0, 20);
	h[0] = 0x45;
	p16(h + 2, 20 + l4len);
	p16(h + 4, 0x1234);
	h[8] = 64;
	h[9] = (u8)proto;
	p32(h + 12, sa);
	p32(h + 16, da);
	p16(h + 10, (u16)~sum_of(h, 20, 0));
}

static u32 pseudo4(const u8 *h, u32 proto, u32 l4len)
{
	return sum_of(h + 12, 8, proto + l4len);
}

u32 make_udp4(u8 *f, u32 sa, u32 da, u16 sp, u16 dp, u32 payload)
{
	u8 *l4 = f + 34;

	ip4(f, 17, sa, da, 8 + payload);
	p16(l4, sp);
	p16(l4 + 2, dp);
	p16(l4 + 4, 8 + payload);
	p16(l4 + 6, 0);
	for (u32 i = 0; i < payload; i++)
		l4[8 + i] = (u8)(i * 7 + sp);
	p16(l4 + 6, (u16)~sum_of(l4, 8 + payload, pseudo4(f + 14, 17, 8 + payload)));
	return 42 + payload;
}

static void tcp(u8 *l4, u16 sp, u16 dp, u32 payload)
{
	memset(l4, 0, 20);
	p16(l4, sp);
	p16(l4 + 2, dp);
	p32(l4 + 4, 1000);
	p32(l4 + 8, 2000);
	p16(l4 + 12, 0x5010);
	p16(l4 + 14, 4096);
	for (u32 i = 0; i < payload; i++)
		l4[20 + i] = (u8)(i * 3 + dp);
}

u32 make_tcp4(u8 *f, u32 sa, u32 da, u16 sp, u16 dp, u32 payload)
{
	u8 *l4 = f + 34;

	ip4(f, 6, sa, da, 20 + payload);
	tcp(l4, sp, dp, payload);
	p16(l4 + 16, (u16)~sum_of(l4, 20 + payload, pseudo4(f + 14, 6, 20 + payload)));
	return 54 + payload;
}

u32 make_tcp6(u8 *f, const u8 *sa, const u8 *da, u16 sp, u16 dp, u32 payload)
{
	u8 *h = f + 14, *l4 = f + 54;

	eth(f, 0x86dd);
	memset(h, 0, 40);
	h[0] = 0x60;
	p16(h + 4, 20 + payload);
	h[6] = 6;
	h[7] = 64;
	memcpy(h + 8, sa, 16);
	memcpy(h + 24, da, 16);
	tcp(l4, sp, dp, payload);
	p16(l4 + 16, (u16)~sum_of(l4, 20 + payload, sum_of(h + 8, 32, 6 + 20 + payload)));
	return 74 + payload;
}

bool checksums_ok(const u8 *f, u32 len)
{
	const u8 *h = f + 14, *l4;
	u32 n;

	if (f[12] == 0x08) {
		n = ((u32)h[2] << 8 | h[3]) - 20;
		l4 = h + 20;
		return 34 + n <= len && sum_of(h, 20, 0) == 0xffff &&
		       sum_of(l4, n, pseudo4(h, h[9], n)) == 0xffff;
	}
	n = (u32)h[4] << 8 | h[5];
	return 54 + n <= len && sum_of(h + 40, n, sum_of(h + 8, 32, h[6] + n)) == 0xffff;
}
