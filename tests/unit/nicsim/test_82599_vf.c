// SPDX-License-Identifier: MIT
/* Virtual functions of the 82599 model: SR-IOV capability, mailbox from both sides, function reset,
 * the model's own PF driver (option vfs=), rings in a VF's own memory, frames between pools. */
#include "tests/unit/nicsim/rig_82599.h"

enum {
	VFCTRL = 0,
	VFLINKS = 0x10,
	VTEICR = 0x100,
	VTEIMS = 0x108,
	VTEIAC = 0x110,
	VTIVAR = 0x120,
	VTIVAR_MISC = 0x140,
	VFPSRTYPE = 0x300,
	MBMEM = 0x200,
	MAILBOX = 0x2fc,
	VFMEM = 0x40000000, /* bus address of a VF's memory */
	VFMEM_SIZE = 1 << 20,
	VF_TX = 0x2000,
	QDE = 0x2f04,
};

static u8 f[2048];
static u8 *vfmem[2];

static u32 vrd(u32 vf, u32 off)
{
	return (u32)nicsim_bar_read(b.dev->vf[vf], 0, off, 4);
}

static void vwr(u32 vf, u32 off, u32 v)
{
	nicsim_bar_write(b.dev->vf[vf], 0, off, 4, v);
}

static void vf_begin(const char *options)
{
	bench_begin(options);
	for (u32 i = 0; i < 2; i++) {
		vfmem[i] = calloc(1, VFMEM_SIZE);
		assert_true(nicsim_mem_add(b.dev->vf[i], VFMEM, VFMEM_SIZE, vfmem[i]));
		nicsim_cfg_write(b.dev->vf[i], 4, 2, 6);
	}
}

static void vf_end(void)
{
	for (u32 i = 0; i < 2; i++) {
		assert_int_equal(b.dev->vf[i]->nerrors, 0);
		free(vfmem[i]);
	}
	bench_end();
}

/* A request as a driver makes it; returns word 0 of the answer. */
static u32 request(u32 vf, u32 words, u32 *m)
{
	u32 v;

	vwr(vf, MAILBOX, 4);
	assert_true(vrd(vf, MAILBOX) & 4);
	for (u32 i = 0; i < words; i++)
		vwr(vf, MBMEM + 4 * i, m[i]);
	vwr(vf, MAILBOX, 1);
	v = vrd(vf, MAILBOX);
	assert_true(v & 0x20); /* PFACK */
	assert_true(v & 0x10); /* PFSTS */
	assert_false(vrd(vf, MAILBOX) & 0x30);
	for (u32 i = 0; i < 16; i++)
		m[i] = vrd(vf, MBMEM + 4 * i);
	vwr(vf, MAILBOX, 2);
	return m[0];
}

static void vf_start(u32 vf)
{
	u32 m[16] = { 1 };

	while (vrd(vf, MAILBOX) & 0xc0)
		;
	assert_int_equal(request(vf, 1, m) & 0xc000ffff, 0x80000001);
	assert_int_equal(m[1], 0x12005452); /* the PF's address, the last byte moved on */
	assert_int_equal(m[2], 0x5634 + ((vf + 1) << 8));
	m[0] = 8;
	m[1] = 2; /* API 1.1 */
	assert_int_equal(request(vf, 2, m), 0xa0000008);
	m[0] = 9;
	assert_int_equal(request(vf, 1, m), 0xa0000009);
	assert_int_equal(m[1], 4);
	assert_int_equal(m[2], 4);
}

static void vf_rings(u32 vf)
{
	u32 polls = 0;

	vwr(vf, RDBAL, VFMEM);
	vwr(vf, RDLEN, RING * 16);
	vwr(vf, SRRCTL, 2 | 1 << 25 | 1 << 28);
	vwr(vf, RXDCTL, ENABLE);
	while (!(vrd(vf, RXDCTL) & ENABLE))
		assert_true(++polls < 20);
	for (u32 i = 0; i < RING; i++)
		((u64 *)(void *)vfmem[vf])[2 * i] = VFMEM + 0x10000 + i * 2048;
	vwr(vf, RDT, RING - 1);
	vwr(vf, VF_TX, VFMEM + 0x1000);
	vwr(vf, VF_TX + 8, RING * 16);
	vwr(vf, VF_TX + 0x28, ENABLE);
	while (!(vrd(vf, VF_TX + 0x28) & ENABLE))
		assert_true(++polls < 40);
}

static const u32 *vf_rx(u32 vf, u32 i)
{
	const u32 *d = (const u32 *)(const void *)(vfmem[vf] + 16 * i);

	return d[2] & 1 ? d : NULL;
}

static void vf_send(u32 vf, u32 i, u32 len)
{
	u32 *d = (u32 *)(void *)(vfmem[vf] + 0x1000 + 16 * i);

	memcpy(vfmem[vf] + 0x80000, f, len);
	d[0] = VFMEM + 0x80000;
	d[1] = 0;
	d[2] = len | FULL;
	d[3] = len << 14;
	vwr(vf, VF_TX + 0x18, i + 1);
}

static void test_own_pf(void **s)
{
	u32 len;

	(void)s;
	vf_begin("vfs=2");
	vf_start(0);
	vf_start(1);
	assert_true(vrd(0, VFLINKS) & 1 << 30);
	vf_rings(0);
	vf_rings(1);
	vwr(1, VTIVAR, 0x81);
	vwr(1, VTEIMS, 2);
	vwr(1, VTEIAC, 2);
	/* from the wire to VF 1 */
	len = make_udp4(f, 1, 2, 3, 4, 50);
	f[5] = 0x58;
	assert_true(inject(f, len));
	assert_null(vf_rx(0, 0));
	assert_non_null(vf_rx(1, 0));
	assert_memory_equal(vfmem[1] + 0x10000, f, len);
	assert_int_equal(vrd(1, VTEICR), 0); /* cleared by itself */
	/* to nobody, to everybody */
	f[5] = 0x99;
	assert_false(inject(f, len));
	memset(f, 0xff, 6);
	assert_true(inject(f, len));
	assert_non_null(vf_rx(0, 0));
	assert_non_null(vf_rx(1, 1));
	/* VF 0 to VF 1 stays inside; to a stranger it leaves */
	len = make_udp4(f, 1, 2, 3, 4, 51);
	f[5] = 0x58;
	vf_send(0, 0, len);
	assert_int_equal(b.nsent, 0);
	assert_int_equal(vf_rx(1, 2)[3], len);
	assert_true(vf_rx(1, 2)[2] & 1 << 18); /* LB */
	f[5] = 0x77;
	vf_send(0, 1, len);
	assert_int_equal(b.nsent, 1);
	/* a broadcast does both, but does not come back */
	memset(f, 0xff, 6);
	vf_send(0, 2, len);
	assert_int_equal(b.nsent, 2);
	assert_non_null(vf_rx(1, 3));
	assert_null(vf_rx(0, 1));
	assert_int_equal(vrd(0, 0x201c), 3); /* VFGPTC */
	assert_int_equal(vrd(1, 0x101c), 4); /* VFGPRC, not cleared by the read */
	assert_int_equal(vrd(1, 0x101c), 4);
	/* multicast: by the request's hash */
	{
		u32 m[16] = { 3 | 1 << 16, 0x050 };

		memcpy(f, "\x01\x00\x5e\x00\x00\x05", 6);
		assert_false(inject(f, len));
		request(0, 2, m);
		assert_true(inject(f, len));
		assert_non_null(vf_rx(0, 1));
	}
	/* a reset of the VF takes its rings */
	vwr(0, VFCTRL, 1 << 26);
	assert_false(vrd(0, RXDCTL) & ENABLE);
	assert_true(vrd(1, RXDCTL) & ENABLE);
	vf_start(0);
	vf_end();
}

/* --- RSS inside of a pool --------------------------------------------------------------------- */

enum { SPREAD_RING = 512, SPREAD_FRAMES = 400, SPREAD_AT = 0x20000 };

/* Receive ring q of VF 0 beside the others, all its descriptors with one buffer. */
static void spread_ring(u32 q)
{
	u32 at = SPREAD_AT + q * SPREAD_RING * 16, polls = 0;

	for (u32 i = 0; i < SPREAD_RING; i++) {
		u64 *d = (u64 *)(void *)(vfmem[0] + at + 16 * i);

		d[0] = VFMEM + 0x90000;
		d[1] = 0;
	}
	vwr(0, rxo(RDBAL, q), VFMEM + at);
	vwr(0, rxo(RDLEN, q), SPREAD_RING * 16);
	vwr(0, rxo(SRRCTL, q), 2 | 1 << 25 | 1 << 28);
	vwr(0, rxo(RXDCTL, q), ENABLE);
	while (!(vrd(0, rxo(RXDCTL, q)) & ENABLE))
		assert_true(++polls < 20);
	vwr(0, rxo(RDT, q), SPREAD_RING - 1);
}

/* The hash that the key of the verification suite gives, bit by bit. */
static u32 suite_hash(const u8 *in, u32 len)
{
	static const u8 key[40] = { 0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
				    0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
				    0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
				    0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa };
	u32 hash = 0;

	for (u32 bit = 0; bit < 8 * len; bit++)
		for (u32 i = 0; in[bit / 8] & 0x80 >> bit % 8 && i < 32; i++)
			if (key[(bit + i) / 8] & 0x80 >> (bit + i) % 8)
				hash ^= 1u << (31 - i);
	return hash;
}

static u32 written(u32 q, u32 *hash)
{
	u32 n = 0, at = SPREAD_AT + q * SPREAD_RING * 16;

	for (u32 i = 0; i < SPREAD_RING; i++) {
		const u32 *d = (const u32 *)(const void *)(vfmem[0] + at + 16 * i);

		if (!(d[2] & 1))
			break;
		*hash = d[1];
		assert_int_equal(d[0] & 15, 7); /* RSS type: UDP over IPv4 */
		n++;
	}
	return n;
}

/* Flows to VF 0, which uses 2^rqpl queues: each in the queue that the key and the table say. */
static void spread(const char *options, u32 rqpl)
{
	u32 queues = 1u << rqpl, count[4] = { 0 }, want[4] = { 0 }, m[16] = { 1 };
	double chi = 0;

	vf_begin(options);
	while (vrd(0, MAILBOX) & 0xc0)
		;
	assert_int_equal(request(0, 1, m) & 0xc000ffff, 0x80000001);
	vwr(0, VFPSRTYPE, 0x1330 | rqpl << 29);
	assert_int_equal(vrd(0, VFPSRTYPE), 0x1330 | rqpl << 29);
	for (u32 q = 0; q < queues; q++)
		spread_ring(q);
	for (u32 i = 0; i < SPREAD_FRAMES; i++) {
		u32 len = make_udp4(f, 0x0a000001 + i * 7, 0x0a010002, (u16)(1000 + i), 9, 50), q;
		u32 hash, now;

		f[5] = 0x57; /* VF 0's address */
		hash = suite_hash(f + 26, 12);
		q = hash & 3 & (queues - 1);
		assert_true(inject(f, len));
		assert_int_equal(written(q, &now), ++want[q]);
		assert_int_equal(now, hash);
	}
	for (u32 q = 0; q < queues; q++) {
		double e = (double)SPREAD_FRAMES / queues;
		u32 last;

		count[q] = written(q, &last);
		chi += (count[q] - e) * (count[q] - e) / e;
	}
	assert_true(chi < 16.27); /* 3 degrees of freedom, p = 0.001 */
	vf_end();
}

static void test_vf_spread(void **s)
{
	(void)s;
	spread("vfs=2", 2); /* pools of four queues */
	spread("vfs=2", 1);
	spread("vfs=2", 0);
	spread("vfs=40", 1); /* of two */
}

/* More queues than a pool has, bits that are none: the driver is told. */
static void test_vf_spread_wrong(void **s)
{
	(void)s;
	vf_begin("vfs=2");
	vwr(0, VFPSRTYPE, 3u << 29);
	vwr(0, VFPSRTYPE, 1 << 2);
	assert_int_equal(b.dev->vf[0]->errors[NICSIM_E_RESERVED], 2);
	nicsim_errors_clear(b.dev->vf[0]);
	vf_end();
}

static void test_vf_dma(void **s)
{
	(void)s;
	vf_begin("vfs=2");
	vf_start(0);
	vf_rings(0);
	nicsim_cfg_write(b.dev->vf[0], 4, 2, 2); /* mastering off for the VF only */
	make_udp4(f, 1, 2, 3, 4, 50);
	f[5] = 0x57;
	inject(f, 100);
	assert_int_equal(b.dev->vf[0]->errors[NICSIM_E_MASTER], 1);
	nicsim_errors_clear(b.dev->vf[0]);
	assert_int_equal(vrd(0, 0x11c0 + 0x40), 0); /* queues 4.. are not the VF's */
	assert_int_equal(b.dev->vf[0]->errors[NICSIM_E_ACCESS], 1);
	nicsim_errors_clear(b.dev->vf[0]);
	vf_end();
}

/* The VF's memory is its own: the head is written back there, and what is wrong with its rings is
 * the VF's fault. The PF's function does no DMA for it and may even have mastering off. */
static void test_vf_head(void **s)
{
	const u32 *head;
	u32 polls = 0;

	(void)s;
	vf_begin("vfs=2");
	nicsim_cfg_write(b.dev, 4, 2, 0);
	vf_start(1);
	head = (const u32 *)(const void *)(vfmem[1] + 0x2000);
	vwr(1, VF_TX, VFMEM + 0x1000);
	vwr(1, VF_TX + 8, RING * 16);
	vwr(1, VF_TX + 0x3c, 0);
	vwr(1, VF_TX + 0x38, (VFMEM + 0x2000) | 1);
	vwr(1, VF_TX + 0x28, ENABLE);
	while (!(vrd(1, VF_TX + 0x28) & ENABLE))
		assert_true(++polls < 40);
	make_udp4(f, 1, 2, 3, 4, 50);
	for (u32 i = 0; i < 5; i++) {
		vf_send(1, i, 100);
		assert_int_equal(*head, i + 1);
	}
	assert_int_equal(b.nsent, 5);
	assert_int_equal(b.dev->nerrors, 0);
	/* out of its memory, though the PF has something there */
	vwr(1, VF_TX + 0x28, 0);
	while (vrd(1, VF_TX + 0x28) & ENABLE)
		assert_true(++polls < 80);
	vwr(1, VF_TX + 0x38, 0x10000 | 1);
	vwr(1, VF_TX + 0x28, ENABLE);
	while (!(vrd(1, VF_TX + 0x28) & ENABLE))
		assert_true(++polls < 120);
	vf_send(1, 5, 100);
	assert_int_equal(b.dev->vf[1]->errors[NICSIM_E_DMA], 1);
	vwr(1, VF_TX + 0x18, RING); /* beyond the ring */
	assert_int_equal(b.dev->vf[1]->errors[NICSIM_E_TAIL], 1);
	assert_int_equal(b.dev->nerrors, 0);
	nicsim_errors_clear(b.dev->vf[1]);
	vf_end();
}

/* A frame for one VF waits for its ring as the PF's would, until PFQDE says otherwise; a reset of
 * the VF's machine takes its queues. */
static void test_vf_waits(void **s)
{
	u32 len;

	(void)s;
	vf_begin("vfs=2");
	vf_start(0);
	vf_rings(0);
	vwr(0, RXDCTL, 0);
	while (vrd(0, RXDCTL) & ENABLE)
		;
	vwr(0, SRRCTL, 2 | 1 << 25);
	vwr(0, RDT, 0);
	vwr(0, RXDCTL, ENABLE);
	while (!(vrd(0, RXDCTL) & ENABLE))
		;
	vwr(0, RDT, (vrd(0, RDH) + 2) % RING);
	len = make_udp4(f, 1, 2, 3, 4, 50);
	f[5] = 0x57;
	for (u32 i = 0; i < 5; i++)
		assert_true(inject(f, len)); /* two in the ring, three in the packet buffer */
	assert_int_equal(vrd(0, 0x101c), 2);
	vwr(0, RDT, (vrd(0, RDH) + 3) % RING);
	assert_int_equal(vrd(0, 0x101c), 5);
	wr(QDE, 1 << 16 | 1);
	wr(QDE, 1 << 17);
	assert_int_equal(rd(QDE) & 1, 1);
	for (u32 i = 0; i < 5; i++)
		inject(f, len);
	vwr(0, RDT, (vrd(0, RDH) + 3) % RING);
	assert_null(vf_rx(0, 5));
	nicsim_reset(b.dev->vf[0]);
	nicsim_cfg_write(b.dev->vf[0], 4, 2, 6);
	assert_false(vrd(0, RXDCTL) & ENABLE);
	assert_int_equal(rd(QDE) & 1, 1); /* the PF's setting */
	vf_end();
}

/* What a VF may ask of the model's PF: all multicasts, not all frames; VLANs, which are then its
 * own. */
static void test_vf_requests(void **s)
{
	u32 m[16] = { 12, 2 }, len;

	(void)s;
	vf_begin("vfs=2");
	vf_start(0);
	vf_start(1);
	vf_rings(0);
	vf_rings(1);
	len = make_udp4(f, 1, 2, 3, 4, 50);
	memcpy(f, "\x33\x33\x00\x00\x00\x01", 6);
	assert_false(inject(f, len));
	assert_int_equal(request(1, 2, m), 0xa000000c);
	assert_true(inject(f, len));
	assert_non_null(vf_rx(1, 0));
	assert_null(vf_rx(0, 0));
	m[0] = 12;
	m[1] = 3;
	assert_int_equal(request(1, 2, m), 0x6000000c);
	m[0] = 12;
	m[1] = 0;
	request(1, 2, m);
	assert_false(inject(f, len));
	/* tagged frames: only with a VLAN that the VF has */
	f[5] = 0x57;
	memcpy(f, "\x52\x54\x00\x12\x34", 5);
	memmove(f + 16, f + 12, len - 12);
	memcpy(f + 12, "\x81\x00\x20\x64", 4);
	assert_false(inject(f, len + 4));
	m[0] = 4 | 1 << 16;
	m[1] = 100;
	assert_int_equal(request(1, 2, m), 0xa0010004);
	assert_false(inject(f, len + 4)); /* the other one's */
	m[0] = 4 | 1 << 16;
	m[1] = 100;
	request(0, 2, m);
	assert_true(inject(f, len + 4));
	assert_non_null(vf_rx(0, 0));
	assert_memory_equal(vfmem[0] + 0x10000, f, len + 4);
	m[0] = 4; /* out again */
	m[1] = 100;
	request(0, 2, m);
	assert_false(inject(f, len + 4));
	f[5] = 0x58; /* it is still VF 1's */
	assert_true(inject(f, len + 4));
	assert_non_null(vf_rx(1, 1));
	vf_end();
}

/* A PF driver in the guest: SR-IOV capability, PFMAILBOX, VFLRE. */
static void test_guest_pf(void **s)
{
	(void)s;
	vf_begin(NULL);
	assert_int_equal(nicsim_cfg_read(b.dev, b.dev->cap_sriov + 0x0e, 2), 63);
	assert_int_equal(nicsim_cfg_read(b.dev, b.dev->cap_sriov + 0x1a, 2), 0x10ed);
	nicsim_cfg_write(b.dev, b.dev->cap_sriov + 0x10, 2, 2);
	nicsim_cfg_write(b.dev, b.dev->cap_sriov + 0x08, 2, 9);
	assert_int_equal(b.dev->vfs_on, 2);
	nicsim_cfg_write(b.dev->vf[0], 4, 2, 6); /* they came out of reset */
	nicsim_cfg_write(b.dev->vf[1], 4, 2, 6);
	assert_int_equal(rd(STATUS) >> 10 & 0xff, 2);
	wr(GPIE, 1 << 4);
	rd(EICR);
	wr(EIMS, 1 << 19);
	/* reset indication until the PF says done */
	assert_int_equal(vrd(1, MAILBOX) & 0xc0, 0x40);
	wr(0x18, 1 << 14);
	assert_int_equal(vrd(1, MAILBOX) & 0xc0, 0x80);
	assert_int_equal(vrd(1, MAILBOX) & 0xc0, 0);
	/* VF asks */
	vwr(1, MAILBOX, 4);
	vwr(1, MBMEM, 0xabcd);
	wr(0x4b04, 8); /* the PF cannot take what the VF owns */
	assert_int_equal(rd(0x4b04), 4);
	vwr(1, MAILBOX, 1);
	assert_true(b.level || b.interrupts[0] || rd(EICR) & 1 << 19);
	assert_int_equal(rd(0x710), 2); /* MBVFICR: request of VF 1 */
	assert_int_equal(rd(0x13040), 0xabcd);
	wr(0x710, 2);
	assert_int_equal(rd(0x710), 0);
	/* PF answers */
	wr(0x4b04, 8);
	assert_int_equal(rd(0x4b04), 8);
	wr(0x13040, 0x80001234);
	wr(0x4b04, 3);
	assert_int_equal(vrd(1, MAILBOX) & 0x30, 0x30);
	assert_int_equal(vrd(1, MBMEM), 0x80001234);
	vwr(1, MAILBOX, 2);
	assert_int_equal(rd(0x710), 0x20000);
	/* FLR of a VF */
	nicsim_flr(b.dev->vf[0]);
	assert_int_equal(rd(0x600), 1);
	wr(0x700, 1);
	assert_int_equal(rd(0x600), 0);
	vf_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own_pf),      cmocka_unit_test(test_vf_dma),
		cmocka_unit_test(test_vf_head),     cmocka_unit_test(test_vf_waits),
		cmocka_unit_test(test_vf_requests), cmocka_unit_test(test_guest_pf),
		cmocka_unit_test(test_vf_spread),   cmocka_unit_test(test_vf_spread_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
