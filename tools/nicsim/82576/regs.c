// SPDX-License-Identifier: MIT
/* Registers of the 82576, 8.1.3: which there are, what plain ones hold, who serves the others. */
#include "tools/nicsim/82576/n576.h"

#include <string.h>

/* Plain registers: read as written, in these bits. */
static const struct plain {
	u32 off, count, mask, reset;
} plain[] = {
	{ 0x00018, 1, 0xffffffff, 0 },          /* CTRL_EXT */
	{ 0x00024, 1, 0xffffffff, 0 },          /* SCTL */
	{ 0x00028, 1, 0xffffffff, 0x00c28001 }, /* FCAL */
	{ 0x0002c, 1, 0x0000ffff, 0x0100 },     /* FCAH */
	{ 0x00030, 1, 0x0000ffff, 0x8808 },     /* FCT */
	{ 0x00034, 1, 0xffffffff, 0 },          /* CONNSW */
	{ 0x00038, 1, 0xffffffff, 0x81008100 }, /* VET, outer one above */
	{ 0x00170, 1, 0x0000ffff, 0 },          /* FCTTV */
	{ 0x00400, 1, 0x03fffffa, 0x01000008 }, /* TCTL */
	{ 0x00404, 1, 0xffffffff, 0x00010840 }, /* TCTL_EXT */
	{ 0x00410, 1, 0x3fffffff, 0x00601008 }, /* TIPG */
	{ 0x00e00, 1, 0xffffffff, 0x00078406 }, /* LEDCTL */
	{ 0x00e04, 1, 0xffffffff, 0 },          /* MDICNFG */
	{ 0x00c00, 8, 0xffffffff, 0 },          /* P2VMAILBOX */
	{ 0x00c80, 5, 0xffffffff, 0 },          /* MBVFICR, MBVFIMR, VFLRE, VFRE, VFTE */
	{ 0x02160, 1, 0x8000fff0, 0 },          /* FCRTL0 */
	{ 0x02168, 1, 0x0000fff0, 0 },          /* FCRTH0 */
	{ 0x02404, 1, 0x0000007f, 0x40 },       /* RXPBS, KiB */
	{ 0x02408, 1, 0x0000ffff, 0 },          /* QDE */
	{ 0x02460, 1, 0x0000ffff, 0 },          /* FCRTV */
	{ 0x03404, 1, 0x0000007f, 0x28 },       /* TXPBS */
	{ 0x03500, 1, 0xffffffff, 0 },          /* DTXSWC */
	{ 0x03540, 1, 0x00000fff, 0x10 },       /* DTXMXSZRQ */
	{ 0x03548, 1, 0xffffffff, 0 },          /* LVMMC */
	{ 0x03590, 1, 0xffffffff, 4 },          /* DTXCTL */
	{ 0x0359c, 2, 0xffffffff, 0x0ff60ff6 }, /* DTXTCPFLGL, H */
	{ 0x03700, 8, 0xffffffff, 0 },          /* VMVIR */
	{ 0x04200, 4, 0xffffffff, 0 },          /* PCS_CFG, -, PCS_LCTL, PCS_LSTAT */
	{ 0x05000, 1, 0x00003fff, 0 },          /* RXCSUM */
	{ 0x05004, 1, 0x00003fff, 0x2600 },     /* RLPML */
	{ 0x05008, 1, 0x0007ffff, 0 },          /* RFCTL */
	{ 0x05200, 128, 0xffffffff, 0 },        /* MTA */
	{ 0x05480, 8, 0xffffffff, 0 },          /* PSRTYPE */
	{ 0x055b0, 1, 0xffffffff, 0 },          /* VLAPQF */
	{ 0x055fc, 1, 0xffffffff, 0 },          /* SYNQF */
	{ 0x05600, 128, 0xffffffff, 0 },        /* VFTA */
	{ 0x05800, 1, 0xffffffff, 0 },          /* WUC */
	{ 0x05808, 1, 0xffffffff, 0 },          /* WUFC */
	{ 0x05810, 1, 0xffffffff, 0 },          /* WUS */
	{ 0x05818, 1, 0xffff000f, 0 },          /* MRQC */
	{ 0x0581c, 1, 0xffffffff, 0 },          /* VT_CTL */
	{ 0x05820, 1, 0xffffffff, 0 },          /* MANC */
	{ 0x05838, 1, 0xffffffff, 0 },          /* IPAV */
	{ 0x05900, 1, 0xffffffff, 0 },          /* WUPL */
	{ 0x05980, 8, 0xffffffff, 0 },          /* SAQF */
	{ 0x059a0, 8, 0xffffffff, 0 },          /* DAQF */
	{ 0x059c0, 8, 0xffffffff, 0 },          /* SPQF */
	{ 0x059e0, 8, 0xffffffff, 0 },          /* FTQF */
	{ 0x05a80, 17, 0xffffffff, 0 },         /* IMIR, IMIREXT, IMIRVP */
	{ 0x05acc, 1, 0xffffffff, 0 },          /* TXSWC */
	{ 0x05ad0, 8, 0xffffffff, 0 },          /* VMOLR */
	{ 0x05af0, 1, 0xffffffff, 0 },          /* RPLOLR */
	{ 0x05b00, 1, 0xffffffff, 0 },          /* GCR */
	{ 0x05b30, 1, 0, 0 },                   /* FACTPS */
	{ 0x05b74, 1, 0xffffffff, 0 },          /* DCA_CTRL */
	{ 0x05bb8, 2, 0xffffffff, 0 },          /* PCIEMISC, IOVTCL */
	{ 0x05c00, 32, 0x0f0f0f0f, 0 },         /* RETA: four bits an entry, 8.10.13 */
	{ 0x05c80, 10, 0xffffffff, 0 },         /* RSSRK */
	{ 0x05cb0, 8, 0xffffffff, 0 },          /* ETQF */
	{ 0x05d00, 32, 0xffffffff, 0 },         /* VLVF */
	{ 0x0a000, 128, 0xffffffff, 0 },        /* UTA */
	{ 0x0b600, 32, 0xffffffff, 0 },         /* time stamps */
};

static const struct plain *find(u32 off)
{
	for (u32 i = 0; i < ARRAY_SIZE(plain); i++)
		if (off - plain[i].off < 4 * plain[i].count)
			return &plain[i];
	return NULL;
}

/* Receive addresses keep what they hold over a software reset but for the first, 4.3. */
static bool is_ra(u32 off)
{
	return (off >= N576_RA && off < N576_RA + 128) || (off >= N576_RA2 && off < N576_RA2 + 64);
}

void n576_regs_reset(struct n576 *n)
{
	memset(n->reg, 0, sizeof(n->reg));
	for (u32 i = 0; i < ARRAY_SIZE(plain); i++)
		for (u32 k = 0; k < plain[i].count; k++)
			n576_set(n, plain[i].off + 4 * k, plain[i].reset);
	/* Memories hold anything after power-on: redirection table, key, filters. */
	for (u32 i = 0; i < 42; i++)
		n576_set(n, N576_RETA + 4 * i,
			 (u32)nicsim_random(n->dev) & (i < 32 ? 0x0f0f0f0fu : ~0u));
	for (u32 i = 0; i < 128; i++) {
		n576_set(n, N576_MTA + 4 * i, (u32)nicsim_random(n->dev));
		n576_set(n, N576_VFTA + 4 * i, (u32)nicsim_random(n->dev));
	}
	n576_set(n, N576_CTRL, 0x00100201);
	n576_set(n, N576_RCTL, 0);
}

/* The other names of a register: queues 0 to 3, the legacy causes' second place. */
static u32 canonical(u32 off)
{
	if (off >= 0x2800 && off < 0x2c00 && (off & 0xff) < 0x40)
		return N576_RXQ + (off >> 8 & 3) * 0x40 + (off & 0x3f);
	if (off >= 0x3800 && off < 0x3c00 && (off & 0xff) < 0x40)
		return N576_TXQ + (off >> 8 & 3) * 0x40 + (off & 0x3f);
	if (off >= 0x1500 && off <= 0x1510)
		return N576_ICR + (off - 0x1500) * 2;
	return off;
}

static bool is_eeprom(u32 off)
{
	return off == N576_EECD || off == N576_EERD || off == N576_EEWR || off == N576_SWSM ||
	       off == N576_FWSM || off == N576_SW_FW_SYNC || off == N576_EEMNGCTL;
}

static bool is_queue(u32 off, u32 base)
{
	return off >= base && off < base + 0x40 * N576_QUEUES;
}

static void unknown(struct n576 *n, const char *what, u32 off)
{
	nicsim_error(n->dev, NICSIM_E_ACCESS, "%s of register %05x: there is none", what, off);
}

u32 n576_read(struct nicsim_dev *dev, u32 bar, u64 off64, u32 size)
{
	struct n576 *n = dev->state;
	u32 off = canonical((u32)off64), v;

	(void)size;
	if (bar)
		return 0;
	v = n576_get(n, off);
	if (off == N576_CTRL || off == 4)
		return n576_ctrl(n);
	if (off == N576_STATUS)
		return n576_status(n);
	if (is_eeprom(off))
		return n576_eeprom_read(n, off, v);
	if (off == N576_MDIC)
		return n576_mdic_read(n);
	if (n576_irq_is(off))
		return n576_irq_read(n, off);
	if (is_queue(off, N576_RXQ))
		return n576_rxq_read(n, (off - N576_RXQ) / 0x40, off & 0x3f, v);
	if (is_queue(off, N576_TXQ))
		return n576_txq_read(n, (off - N576_TXQ) / 0x40, off & 0x3f, v);
	if (off >= N576_STATS && off < N576_STATS_END + 0x10)
		return nicsim_mac_read(n->reg, off);
	if (off == 0x1048) /* FRTIMER: microseconds */
		return (u32)(nicsim_now(dev) / 1000);
	if (find(off) || is_ra(off) || off == N576_RCTL)
		return v;
	unknown(n, "read", off);
	return 0;
}

static void write_ctrl(struct n576 *n, u32 v)
{
	if (v & CTRL_RST) {
		n576_set(n, N576_CTRL, v & ~((u32)CTRL_RST | CTRL_PHY_RST));
		n576_reset_begin(n);
		return;
	}
	n576_set(n, N576_CTRL, v & ~CTRL_PHY_RST);
	if (v & CTRL_PHY_RST) {
		n576_phy_reset(n);
		n576_set(n, N576_STATUS, n576_get(n, N576_STATUS) | STATUS_PHYRA);
	}
	n576_link_look(n);
}

static void write_rctl(struct n576 *n, u32 v)
{
	if (v & ~0x07dfffffu & ~1u)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "RCTL %08x", v);
	if (v & 0xc0)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "RCTL %08x: loop-back is not modelled", v);
	n576_set(n, N576_RCTL, v & 0x07dffffe);
	if (v & RCTL_EN)
		n576_rx_drain(n);
	else
		n576_rx_forget(n);
}

static void write_plain(struct n576 *n, u32 off, u32 v)
{
	const struct plain *p = find(off);

	if (!p) {
		unknown(n, "write", off);
		return;
	}
	if (v & ~p->mask && off != N576_MRQC)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "register %05x: %08x has reserved bits",
			     off, v);
	if (off == N576_MRQC && (v & 7) != 0 && (v & 7) != 2)
		nicsim_error(n->dev, NICSIM_E_RESERVED, "MRQC %08x: mode is not modelled", v);
	n576_set(n, off, v & p->mask);
}

void n576_write(struct nicsim_dev *dev, u32 bar, u64 off64, u32 size, u32 v)
{
	struct n576 *n = dev->state;
	u32 off = canonical((u32)off64);

	(void)size;
	if (bar)
		return;
	if (n->reset_busy && off != N576_CTRL) {
		nicsim_error(dev, NICSIM_E_STATE, "register %05x written during a reset", off);
		return;
	}
	if (off == N576_CTRL || off == 4)
		write_ctrl(n, v);
	else if (off == N576_STATUS)
		n576_set(n, off, n576_get(n, off) & (v | ~(u32)STATUS_PHYRA));
	else if (off == N576_RCTL)
		write_rctl(n, v);
	else if (is_eeprom(off))
		n576_eeprom_write(n, off, v);
	else if (off == N576_MDIC)
		n576_mdic_write(n, v);
	else if (n576_irq_is(off))
		n576_irq_write(n, off, v);
	else if (is_queue(off, N576_RXQ))
		n576_rxq_write(n, (off - N576_RXQ) / 0x40, off & 0x3f, v);
	else if (is_queue(off, N576_TXQ))
		n576_txq_write(n, (off - N576_TXQ) / 0x40, off & 0x3f, v);
	else if (off >= N576_STATS && off < N576_STATS_END + 0x10)
		nicsim_error(dev, NICSIM_E_ACCESS, "write of statistics register %05x", off);
	else if (is_ra(off))
		n576_set(n, off, off & 4 ? v & 0x93fdffffu : v);
	else
		write_plain(n, off, v);
}
