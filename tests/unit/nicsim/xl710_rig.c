// SPDX-License-Identifier: MIT
/* The bench of the XL710 model's tests: machine, admin queue, memory cache, queues. */
#include "tests/unit/nicsim/xl710_rig.h"

#include "tools/nicsim/wire.h"

struct xr xr;
const u8 xr_mac[6] = { 0x52, 0x54, 0, 0x71, 0, 1 };

enum { QLEN_DEFAULT = XR_RING };

u32 xr_rd(u32 off)
{
	return (u32)nicsim_bar_read(xr.dev, 0, off, 4);
}

void xr_wr(u32 off, u32 v)
{
	nicsim_bar_write(xr.dev, 0, off, 4, v);
}

static void sent(void *arg, const u8 *frame, u32 len)
{
	(void)arg;
	if (xr.nsent < XR_SENT) {
		xr.sent[xr.nsent].len = len;
		memcpy(xr.sent[xr.nsent].data, frame, len);
	}
	xr.nsent++;
}

static void irq(void *arg, struct nicsim_dev *dev, u16 vector, bool level)
{
	(void)arg;
	(void)dev;
	if (vector < 256 && level)
		xr.irqs[vector]++;
}

void xr_machine(const char *model, const char *options)
{
	char spec[256], why[128] = "";

	memset(&xr, 0, sizeof(xr));
	xr.sent = calloc(XR_SENT, sizeof(*xr.sent));
	xr.ram = calloc(1, XR_RAM);
	xr.sim = nicsim_create();
	snprintf(spec, sizeof(spec), "%s,mac=52:54:00:71:00:01%s", model, options);
	xr.dev = nicsim_add(xr.sim, spec, false, why, sizeof(why));
	if (xr.dev == NULL)
		fail_msg("%s: %s", spec, why);
	assert_true(nicsim_mem_add(xr.dev, XR_GPA, XR_RAM, xr.ram));
	assert_true(nicsim_wire_function(xr.dev, sent, NULL));
	xr.dev->irq = irq;
	nicsim_cfg_write(xr.dev, 0x10, 4, 0xe0000000); /* BAR 0 */
	nicsim_cfg_write(xr.dev, 0x14, 4, 0);
	nicsim_cfg_write(xr.dev, 0x04, 2, 0x0406); /* memory, bus master */
	xr_ms(5);
}

void xr_ms(u32 ms)
{
	nicsim_advance(xr.sim, ms * 1000000ull);
}

void xr_us(u32 us)
{
	nicsim_advance(xr.sim, us * 1000ull);
}

static void arq_post(u32 i)
{
	u8 *d = XR_P(XR_ARQ + i * 32);
	u64 at = XR_IOVA(XR_ARQ_BUF + i * 4096);

	memset(d, 0, 32);
	put16(d, XR_BUF | XR_LB);
	put16(d + 4, 4096);
	put32(d + 24, (u32)(at >> 32));
	put32(d + 28, (u32)at);
}

void xr_aq_on(void)
{
	u8 p[16] = { 0 };

	xr.atq_tail = xr.arq_next = 0;
	memset(XR_P(XR_ATQ), 0, XR_AQ_LEN * 32);
	for (u32 i = 0; i < XR_AQ_LEN; i++)
		arq_post(i);
	xr_wr(0x080300, 0);
	xr_wr(0x080400, 0);
	xr_wr(0x080380, 0);
	xr_wr(0x080480, 0);
	xr_wr(0x080000, (u32)XR_IOVA(XR_ATQ));
	xr_wr(0x080100, 0);
	xr_wr(R_ATQLEN, 1u << 31 | XR_AQ_LEN);
	xr_wr(0x080080, (u32)XR_IOVA(XR_ARQ));
	xr_wr(0x080180, 0);
	xr_wr(R_ARQLEN, 1u << 31 | XR_AQ_LEN);
	xr.arq_tail = XR_AQ_LEN - 1;
	xr_wr(R_ARQT, xr.arq_tail);
	assert_int_equal(xr_aq(0x0001, p, NULL, 0, 0), 0);
}

void xr_start(const char *options)
{
	u8 p[16] = { 2 };

	xr_machine("xl710", options);
	xr_wr(R_PFGEN_CTRL, 1);
	xr_ms(1);
	assert_int_equal(xr_rd(R_PFGEN_CTRL), 0);
	xr_aq_on();
	assert_int_equal(xr_aq(0x0110, p, NULL, 0, 0), 0);
}

u64 xr_errors(enum nicsim_error kind)
{
	u64 n = xr.dev->errors[kind];

	nicsim_errors_clear(xr.dev);
	return n;
}

void xr_end(u64 errors)
{
	if (xr.dev->nerrors != errors)
		nicsim_report(xr.dev, stdout);
	assert_int_equal(xr.dev->nerrors, errors);
	nicsim_destroy(xr.sim);
	free(xr.ram);
	free(xr.sent);
}

int xr_aq(u16 opcode, u8 param[16], void *buf, u16 len, u16 flags)
{
	u8 *d = XR_P(XR_ATQ + xr.atq_tail * 32);
	u64 at = XR_IOVA(XR_CMD);

	memset(d, 0, 32);
	put16(d, flags);
	put16(d + 2, opcode);
	put16(d + 4, len);
	memcpy(d + 16, param, 16);
	if ((flags & XR_BUF) != 0) {
		put32(d + 24, (u32)(at >> 32));
		put32(d + 28, (u32)at);
		if ((flags & XR_RD) != 0)
			memcpy(XR_P(XR_CMD), buf, len);
	}
	xr.atq_tail = (xr.atq_tail + 1) % XR_AQ_LEN;
	xr_wr(R_ATQT, xr.atq_tail);
	nicsim_run(xr.sim, 0);
	if ((d[0] & 1) == 0)
		return -1;
	memcpy(param, d + 16, 16);
	xr.reply = (u16)(d[4] | d[5] << 8);
	if ((flags & XR_BUF) != 0 && buf != NULL)
		memcpy(buf, XR_P(XR_CMD), len);
	assert_int_equal((d[0] & 4) != 0, (d[6] | d[7]) != 0);
	return d[6] | d[7] << 8;
}

u16 xr_event(u8 param[16], u8 *data, u16 *len)
{
	u8 *d = XR_P(XR_ARQ + xr.arq_next * 32);
	u16 opcode = (u16)(d[2] | d[3] << 8);

	if ((d[0] & 1) == 0)
		return 0;
	memcpy(param, d + 16, 16);
	*len = (u16)(d[4] | d[5] << 8);
	if (data != NULL)
		memcpy(data, XR_P(XR_ARQ_BUF + xr.arq_next * 4096), *len);
	arq_post(xr.arq_next);
	xr.arq_tail = xr.arq_next;
	xr_wr(R_ARQT, xr.arq_tail);
	xr.arq_next = (xr.arq_next + 1) % XR_AQ_LEN;
	return opcode;
}

/* --- memory cache and queues ---------------------------------------------------------------- */

void xr_hmc(bool paged)
{
	u64 at = XR_IOVA(paged ? XR_PD : XR_SD);

	for (u32 i = 0; paged && i < 16; i++) {
		u64 pd = XR_IOVA(XR_SD + (15 - i) * 4096) | 1; /* pages in another order */

		memcpy(XR_P(XR_PD + i * 8), &pd, 8);
	}
	xr_wr(0x0c6200, 0); /* Tx base, count */
	xr_wr(0x0c6300, 64);
	xr_wr(0x0c6400, 64 * 128 / 512); /* Rx base, count */
	xr_wr(0x0c6500, 64);
	xr_wr(0x0c0200, (u32)(at >> 32));
	xr_wr(0x0c0100, (u32)at | (paged ? 16u : 512u) << 2 | (paged ? 0 : 2) | 1);
	xr_wr(0x0c0000, 1u << 31);
}

/* Where the bytes of the private memory are. */
static u8 *fpm(u64 at)
{
	bool paged = xr_rd(0x0c0100) != 0 && (get32(XR_P(XR_PD)) & 1) != 0;

	return paged ? XR_P(XR_SD + (15 - at / 4096) * 4096 + at % 4096) : XR_P(XR_SD + at);
}

static void bits(u8 *c, u32 lsb, u32 width, u64 v)
{
	for (u32 i = 0; i < width; i++)
		if ((v >> i & 1) != 0)
			c[(lsb + i) / 8] |= (u8)(1 << (lsb + i) % 8);
}

void xr_vsi(u32 queues)
{
	u8 p[16] = { 0 }, b[128] = { 0 };

	p[1] = 2; /* SEID 512 */
	put16(b, 0x40);
	put16(b + 30, 0);
	put16(b + 62, (u32)__builtin_ctz(queues) << 9);
	assert_int_equal(xr_aq(0x0211, p, b, 128, XR_BUF | XR_RD), 0);
}

void xr_promisc(u32 flags)
{
	u8 p[16] = { 0 };

	put16(p, flags);
	put16(p + 2, 0x1f);
	put16(p + 4, 512);
	assert_int_equal(xr_aq(0x0254, p, NULL, 0, 0), 0);
}

static u32 or (u32 v, u32 otherwise)
{
	return v != 0 ? v : otherwise;
}

void xr_tx_context(u32 q, const struct xr_qopt *o, u8 c[128])
{
	memset(c, 0, 128);
	bits(c, 30, 1, 1);
	bits(c, 32, 57, XR_IOVA(XR_TXR + q * 0x10000) / 128);
	bits(c, 91, 1, o->fd);
	bits(c, 128 + 32, 1, o->head_wb);
	bits(c, 128 + 33, 13, or (o->qlen, QLEN_DEFAULT));
	if (o->head_wb)
		bits(c, 128 + 64, 64, XR_IOVA(XR_WB + q * 64));
	bits(c, 7 * 128 + 84, 10, 16); /* first queue set of VSI 0 */
}

void xr_rx_context(u32 q, const struct xr_qopt *o, u8 c[32])
{
	u32 dbuff = or (o->dbuff, XR_DBUFF);

	memset(c, 0, 32);
	bits(c, 32, 57, XR_IOVA(XR_RXR + q * 0x10000) / 128);
	bits(c, 89, 13, or (o->qlen, QLEN_DEFAULT));
	bits(c, 102, 7, dbuff / 128);
	bits(c, 116, 1, !o->d16);
	bits(c, 117, 1, !o->keep_crc);
	bits(c, 119, 1, 1);
	bits(c, 174, 14, or (o->rxmax, 5 * dbuff < 9728 ? 5 * dbuff : 9728));
	bits(c, 201, 1, 1);
}

bool xr_tx_up(u32 q, const struct xr_qopt *o)
{
	u8 c[128];

	xr_tx_context(q, o, c);
	memcpy(fpm(q * 128), c, 128);
	memset(XR_P(XR_TXR + q * 0x10000), 0, or (o->qlen, QLEN_DEFAULT) * 16);
	xr.tx_tail[q] = 0;
	xr_wr(R_QDIS + q / 128 * 4, q % 128 | 1u << 31);
	xr_wr(R_QTX_CTL + q * 4, 2);
	xr_wr(R_QTX_ENA + q * 4, 1);
	return xr_rd(R_QTX_ENA + q * 4) == 5;
}

bool xr_rx_up(u32 q, const struct xr_qopt *o)
{
	u32 n = or (o->qlen, QLEN_DEFAULT), size = o->d16 ? 16 : 32;
	u32 dbuff = or (o->dbuff, XR_DBUFF);
	u8 c[32];

	xr_rx_context(q, o, c);
	memcpy(fpm(64 * 128 + q * 32), c, 32);
	memset(XR_P(XR_RXR + q * 0x10000), 0, n * size);
	for (u32 i = 0; i < n; i++) {
		u64 at = XR_IOVA(XR_RXB + q * 0x80000 + i * dbuff);

		memcpy(XR_P(XR_RXR + q * 0x10000 + i * size), &at, 8);
	}
	xr.d32 = !o->d16;
	xr.rx_next[q] = 0;
	xr.rx_tail[q] = n - 1;
	xr_wr(R_QRX_TAIL + q * 4, n - 1);
	xr_wr(R_QRX_ENA + q * 4, 1);
	return xr_rd(R_QRX_ENA + q * 4) == 5;
}

void xr_up(u32 queues, const struct xr_qopt *o)
{
	xr_hmc(false);
	xr_vsi(queues);
	xr_promisc(7);
	for (u32 q = 0; q < queues; q++) {
		assert_true(xr_rx_up(q, o));
		assert_true(xr_tx_up(q, o));
	}
}

u64 xr_tx_data(u32 cmd, u32 off, u32 size, u16 tag)
{
	return (u64)cmd << 4 | (u64)off << 16 | (u64)size << 34 | (u64)tag << 48;
}

void xr_tx_desc(u32 q, u64 qw0, u64 qw1)
{
	u64 *d = (u64 *)(void *)XR_P(XR_TXR + q * 0x10000 + xr.tx_tail[q] * 16);

	d[0] = qw0;
	d[1] = qw1;
	xr.tx_tail[q] = (xr.tx_tail[q] + 1) % XR_RING;
}

void xr_tx_go(u32 q)
{
	xr_wr(R_QTX_TAIL + q * 4, xr.tx_tail[q]);
	nicsim_run(xr.sim, 0);
}

void xr_send(u32 q, const void *frame, u32 len, u32 cmd, u32 off, u16 tag)
{
	u32 at = XR_TXB + xr.tx_tail[q] * 16384;

	memcpy(XR_P(at), frame, len);
	xr_tx_desc(q, XR_IOVA(at), xr_tx_data(cmd | 3, off, len, tag));
	xr_tx_go(q);
}

bool xr_rx_peek(u32 q, u64 qw[4])
{
	u32 size = xr.d32 ? 32 : 16;

	memset(qw, 0, 32);
	memcpy(qw, XR_P(XR_RXR + q * 0x10000 + xr.rx_next[q] * size), size);
	return (qw[1] & 1) != 0;
}

bool xr_rx(u32 q, u64 qw[4], const u8 **data)
{
	u32 size = xr.d32 ? 32 : 16, i = xr.rx_next[q];
	u8 *d = XR_P(XR_RXR + q * 0x10000 + i * size);
	u64 at = XR_IOVA(XR_RXB + q * 0x80000 + i * XR_DBUFF);

	if (!xr_rx_peek(q, qw))
		return false;
	*data = XR_P(at - XR_GPA);
	memset(d, 0, size);
	memcpy(d, &at, 8);
	xr.rx_next[q] = (i + 1) % XR_RING;
	xr.rx_tail[q] = i;
	xr_wr(R_QRX_TAIL + q * 4, i);
	return true;
}

bool xr_wire(const void *frame, u32 len)
{
	bool taken = nicsim_rx(xr.dev, frame, len);

	nicsim_run(xr.sim, 0);
	return taken;
}

u64 xr_stat48(u32 off)
{
	return xr_rd(off) | (u64)xr_rd(off + 4) << 32;
}

/* --- packets -------------------------------------------------------------------------------- */

static void be16_put(u8 *p, u32 v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static u32 sum(const u8 *p, u32 n, u32 s)
{
	for (u32 i = 0; i < n; i++)
		s += i % 2 == 0 ? (u32)p[i] << 8 : p[i];
	while (s >> 16 != 0)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

u32 xr_packet(u8 *f, bool v6, u8 proto, u32 sport, u32 dport, u32 payload)
{
	u32 hdr = proto == 6 ? 20 : proto == 17 ? 8 : 4, l4 = v6 ? 54 : 34, n = hdr + payload, s;
	u8 *t = f + l4, *ip = f + 14;

	memset(f, 0, l4 + n);
	memcpy(f, xr_mac, 6);
	f[6] = 2;
	f[11] = 9;
	be16_put(f + 12, v6 ? 0x86dd : 0x0800);
	if (v6) {
		ip[0] = 0x60;
		be16_put(ip + 4, n);
		ip[6] = proto;
		ip[7] = 64;
		ip[8] = ip[24] = 0xfd;
		ip[23] = 1;
		ip[39] = 2;
	} else {
		ip[0] = 0x45;
		be16_put(ip + 2, 20 + n);
		ip[8] = 64;
		ip[9] = proto;
		ip[12] = ip[16] = 10;
		ip[15] = 1;
		ip[19] = 2;
		be16_put(ip + 10, ~sum(ip, 20, 0) & 0xffff);
	}
	if (proto == 6 || proto == 17) {
		be16_put(t, sport);
		be16_put(t + 2, dport);
	}
	if (proto == 6)
		t[12] = 0x50;
	if (proto == 17)
		be16_put(t + 4, n);
	for (u32 i = 0; i < payload; i++)
		t[hdr + i] = (u8)(i * 7 + 3);
	s = sum(v6 ? ip + 8 : ip + 12, v6 ? 32 : 8, proto + n);
	if (proto == 6)
		be16_put(t + 16, ~sum(t, n, s) & 0xffff);
	if (proto == 17)
		be16_put(t + 6, ~sum(t, n, s) & 0xffff);
	return l4 + n;
}
