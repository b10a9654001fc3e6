// SPDX-License-Identifier: MIT
/* A driver gone mad on the 82599 model: random registers, random descriptors, random frames, VFs
 * and faults. Whatever it does is at most a reported error: no crash, no access outside
 * (sanitizers), no endless work, and a reset brings a working device back. Replay: FUZZ_SEED=N. */
#include "tests/unit/nicsim/rig_82599.h"

enum { STEPS = 60000 };

static u64 state;

static u32 any(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (u32)(state >> 16);
}

static u32 below(u32 n)
{
	return any() % n;
}

/* Registers with an effect, more often than others. */
static const u32 busy[] = { 0x18,   RXDCTL, RDBAL,   RDLEN,   RDH,     RDT,     SRRCTL,
			    TDBAL,  TDLEN,  TDH,     TDT,     TXDCTL,  TDWBAL,  DMATXCTL,
			    RXCTRL, HLREG0, MAXFRS,  MRQC,    FCTRL,   0xee00,  0xee2c,
			    0xee28, 0x3c00, 0x51b0,  0x8120,  0x102c,  RDRXCTL, EIMS,
			    EICS,   GPIE,   IVAR,    EITR,    0x28,    0x18,    0x51e0,
			    0x8110, 0xf000, 0x10010, 0x10014, VLNCTRL, 0x2fc };

static u32 value(void)
{
	switch (below(6)) {
	case 0:
		return below(256);
	case 1:
		return MEM + (below(1 << 20) & ~127u);
	case 2:
		return ENABLE | below(2);
	case 3:
		return 1u << below(32);
	case 4:
		return below(64) * 128;
	default:
		return any();
	}
}

static void registers(void)
{
	u32 off = busy[below(ARRAY_SIZE(busy))];

	if (off >= RDBAL && off < RDBAL + 0x40)
		off = rxo(off, below(8) ? below(4) : below(128));
	else if (off >= TDBAL && off < TDBAL + 0x40)
		off = txo(off, below(8) ? below(4) : below(128));
	if (!below(40))
		off = below(0x20000) & ~3u;
	if (below(3))
		wr(off, value());
	else
		rd(off);
	if (!below(50))
		for (u32 i = 0; i < 64; i++)
			b.mem[below(1 << 20)] = (u8)any();
}

/* Set-up as a sane driver makes it, out of whatever state: four rings each way. */
static void sane(void)
{
	wr(CTRL, 1 << 26);
	for (u32 i = 0; i < 20; i++)
		rd(CTRL);
	nicsim_advance(b.sim, 30000000);
	wr(RDRXCTL, 2);
	wr(FCTRL, 0x700);
	wr(DMATXCTL, 0x81000001);
	for (u32 q = 0; q < 4; q++) {
		wr(rxo(RDBAL, q), MEM + q * 0x10000);
		wr(rxo(RDLEN, q), (8 + below(56)) / 8 * 8 * 16);
		wr(rxo(SRRCTL, q), (1 + below(4)) | below(2) << 25 | below(2) << 28);
		wr(rxo(RXDCTL, q), ENABLE | (below(2) ? 1u << 30 : 0));
		wr(txo(TDBAL, q), MEM + 0x80000 + q * 0x10000);
		wr(txo(TDLEN, q), 64 * 16);
		wr(txo(TDWBAL, q), below(2) ? MEM + 0xf0000 + 1 : 0);
		wr(txo(TXDCTL, q), ENABLE | (below(2) ? below(20) << 16 : 0));
		for (u32 i = 0; i < 8; i++) {
			rd(rxo(RXDCTL, q));
			rd(txo(TXDCTL, q));
		}
		for (u32 i = 0; i < 64; i++) {
			u64 *d = mem(MEM + q * 0x10000 + 16 * i);
			u32 *t = mem(MEM + 0x80000 + q * 0x10000 + 16 * i), len = 60 + below(900);

			d[0] = MEM + 0x100000 + below(1 << 22);
			d[1] = 0;
			t[0] = MEM + 0x100000 + below(1 << 22);
			t[1] = 0;
			t[2] = len | FULL | (below(8) ? 0 : VLE) | (below(8) ? 0 : TSE);
			t[3] = len << 14 | (below(4) ? 0 : 0x300);
			if (!below(5)) {
				t[0] = any();
				t[2] = (u32)DEXT | 2 << 20 | (any() & 0x1ffe00);
				t[3] = any() & 0xffffff1f;
			}
		}
		wr(rxo(RDT, q), below(8));
	}
	if (below(2)) {
		wr(RDRXCTL, 2 | 1 << 25);
		wr(0x102c, 1 | below(4) << 2);
	}
	wr(MRQC, below(2) ? 1 | any() << 16 : 0);
	wr(RXCTRL, 1);
	for (u32 q = 0; q < 4; q++)
		wr(txo(TDT, q), below(64));
}

static void descriptors(void)
{
	u32 *d = (u32 *)(void *)(b.mem + (below(1 << 20) & ~15u));

	for (u32 i = 0; i < 16; i++, d += 4) {
		d[0] = below(20) ? MEM + below(MEM_SIZE) : any();
		d[1] = below(50) ? 0 : any();
		d[2] = below(4) ? below(2048) | FULL | (below(8) ? 0 : any()) : any();
		d[3] = below(3) ? below(2048) << 14 | (any() & 0x3f00) : any();
	}
}

static void frames(void)
{
	static u8 f[16384];
	u32 len = below(4) ? 60 + below(1500) : 14 + below(16000);

	for (u32 i = 0; i < 64; i++)
		f[i] = (u8)any();
	if (below(4))
		memcpy(f, b.dev->mac, 6);
	if (below(3)) {
		if (below(2))
			make_tcp4(f, any() & 3, any() & 3, (u16)below(4), (u16)below(4),
				  below(1400));
		else
			make_udp4(f, any() & 3, any() & 3, (u16)below(4), (u16)below(4),
				  below(1400));
		for (u32 i = below(3); i; i--)
			f[below(64)] = (u8)any();
	}
	inject(f, len);
}

static void vfs(void)
{
	struct nicsim_dev *vf = b.dev->vf[below(4)];

	if (below(20) == 0)
		nicsim_cfg_write(b.dev, b.dev->cap_sriov + 0x10, 2, below(8));
	if (below(20) == 0)
		nicsim_cfg_write(b.dev, b.dev->cap_sriov + 0x08, 2, below(2) * 9);
	nicsim_cfg_write(vf, 4, 2, below(8));
	if (nicsim_cfg_read(vf, 4, 2) & 2)
		nicsim_bar_write(vf, 0, below(0x4000) & ~3u, 4, value());
	if (nicsim_cfg_read(vf, 4, 2) & 2)
		nicsim_bar_read(vf, 0, below(0x4000) & ~3u, 4);
}

static void faults(void)
{
	const char *const *list = b.dev->model->faults;
	u32 n = 0;

	while (list[n])
		n++;
	nicsim_fault_set(b.dev, list[below(n)], below(3), value());
}

static void run(const char *options, u64 seed)
{
	printf("seed %llu %s\n", (unsigned long long)seed, options ? options : "");
	state = seed * 0x9e3779b97f4a7c15ull + 1;
	bench_begin(options);
	for (u32 i = 0; i < 4; i++)
		nicsim_mem_add(b.dev->vf[i], MEM, MEM_SIZE, b.mem);
	for (u32 i = 0; i < STEPS; i++) {
		if (i % 400 == 0)
			sane();
		switch (below(12)) {
		case 0:
			descriptors();
			break;
		case 1:
		case 2:
			frames();
			break;
		case 3:
			vfs();
			break;
		case 4:
			if (!below(20))
				faults();
			nicsim_advance(b.sim, below(100000));
			break;
		default:
			registers();
			break;
		}
	}
	printf("  %u frames sent, %llu taken, %llu errors of the driver\n", b.nsent,
	       (unsigned long long)b.dev->received, (unsigned long long)b.dev->nerrors);
	/* all faults off, PCI reset: it works */
	for (const char *const *l = b.dev->model->faults; *l; l++)
		nicsim_fault_set(b.dev, *l, 0, 0);
	nicsim_reset(b.dev);
	nicsim_cfg_write(b.dev, 0x04, 2, 6);
	nicsim_advance(b.sim, 100000000);
	nicsim_errors_clear(b.dev);
	if (!options) {
		static u8 f[100];

		rx_start(0, 2);
		rx_on();
		memcpy(f, b.dev->mac, 6);
		assert_true(inject(f, 100));
		assert_int_equal(rx_take(0)[3] & 0xffff, 100);
	}
	bench_end();
}

static void test_fuzz(void **s)
{
	const char *seed = getenv("FUZZ_SEED");

	(void)s;
	if (seed) {
		run(NULL, strtoull(seed, NULL, 10));
		return;
	}
	for (u64 i = 1; i <= 6; i++)
		run(i & 1 ? NULL : "vfs=3", i);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fuzz),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
