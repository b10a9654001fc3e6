// SPDX-License-Identifier: MIT
/* The 82576 as a whole: resets (4.3), master disable (5.2.3.3), work, time, faults. */
#include "tools/nicsim/82576/n576.h"

#include <stdlib.h>
#include <string.h>

enum { RESET_NS = 1000000, GATHER_BYTES = 256 << 10, TICK_NS = 1000000 };

static struct n576 *state(struct nicsim_dev *dev)
{
	return dev->state;
}

bool n576_reached(struct n576 *n, u64 at, u32 *polls)
{
	return nicsim_now(n->dev) >= at || ++*polls >= N576_POLLS;
}

/* Everything but the PHY: CTRL.RST does not touch it. */
static void all(struct n576 *n)
{
	n576_regs_reset(n);
	n576_rxq_reset(n);
	n576_txq_reset(n);
	n576_rx_forget(n);
	n576_irq_reset(n);
	n->eerd_at = n->mdic_at = 0;
	n->dead = false;
	n576_eeprom_load(n);
	n576_set(n, N576_CTRL, n576_get(n, N576_CTRL) | CTRL_SLU); /* word 0fh of the EEPROM */
}

static void reset(struct nicsim_dev *dev, enum nicsim_reset kind)
{
	struct n576 *n = state(dev);

	if (kind == NICSIM_RESET_POWER)
		n576_eeprom_make(n);
	n->reset_busy = false;
	all(n);
	n576_phy_reset(n);
}

void n576_reset_begin(struct n576 *n)
{
	nicsim_trace(n->dev, "reset");
	/* 4.3.1: masters are to be off first */
	if (!(n576_get(n, N576_CTRL) & CTRL_MASTER_DISABLE) &&
	    (n576_get(n, N576_RCTL) & RCTL_EN || n576_get(n, N576_TCTL) & TCTL_EN))
		nicsim_error(n->dev, NICSIM_E_STATE,
			     "CTRL.RST while data moves, without GIO_MASTER_DISABLE");
	n->reset_busy = true;
	n->reset_at = nicsim_now(n->dev) + RESET_NS;
	n->reset_polls = 0;
	nicsim_timer_at(n->dev, n->reset_at);
}

static void reset_look(struct n576 *n)
{
	if (!n->reset_busy || nicsim_now(n->dev) < n->reset_at ||
	    nicsim_fault(n->dev, "reset-stuck", NULL))
		return;
	n->reset_busy = false;
	all(n);
	n576_set(n, N576_ICR, ICR_DRSTA);
	n576_link_look(n);
}

u32 n576_ctrl(struct n576 *n)
{
	/* Where the clock stands still, many polls are as good as a millisecond. */
	if (n->reset_busy && ++n->reset_polls >= 1000)
		n->reset_at = 0;
	reset_look(n);
	return n576_get(n, N576_CTRL) | (n->reset_busy ? (u32)CTRL_RST : 0);
}

u32 n576_status(struct n576 *n)
{
	u32 v = n576_get(n, N576_STATUS) | 1 | 2 << 6 | 2 << 8; /* full duplex, 1000 Mb/s */

	reset_look(n);
	if (n->dev->nfaults)
		n576_link_look(n);
	if (n->link_up)
		v |= STATUS_LU;
	if (!(n576_get(n, N576_CTRL) & CTRL_MASTER_DISABLE) ||
	    nicsim_fault(n->dev, "master-stuck", NULL))
		v |= STATUS_MASTER;
	return v;
}

static bool work(struct nicsim_dev *dev)
{
	struct n576 *n = state(dev);

	if (n->fifo_frames)
		n576_rx_drain(n);
	return n576_tx_work(n);
}

static void timer(struct nicsim_dev *dev, u64 now)
{
	struct n576 *n = state(dev);

	if (n->reset_busy) {
		reset_look(n);
		if (n->reset_busy)
			nicsim_timer_at(dev, MAX(n->reset_at, now + TICK_NS));
	}
	n576_link_timer(n, now);
	n576_irq_timer(n, now);
	nicsim_kick(dev);
}

static void light(struct nicsim_dev *dev)
{
	n576_link_look(state(dev));
}

static int create(struct nicsim_dev *dev, const char **why)
{
	const char *train = nicsim_option(dev, "train");
	struct n576 *n = state(dev);

	*why = "out of memory";
	n->dev = dev;
	n->fifo = malloc(N576_FIFO);
	n->tx_frame = malloc(GATHER_BYTES);
	n->train_ns = (train ? strtoull(train, NULL, 10) : 10) * 1000000;
	return n->fifo && n->tx_frame ? 0 : -1;
}

static void destroy(struct nicsim_dev *dev)
{
	free(state(dev)->fifo);
	free(state(dev)->tx_frame);
}

static const char *const options[] = { "train", NULL };

/* Their places ask for them by name. */
static const char *const faults[] = {
	/* receive descriptors */
	"rx-no-dd", "rx-no-length", "rx-length", "rx-no-eop", "rx-error", "rx-head-jump",
	"rx-order", "rx-hang",
	/* transmit */
	"tx-no-dd", "tx-hang", "tx-head-wb",
	/* frames */
	"crc", "undersize",
	/* link, EEPROM, PHY, handshakes */
	"link-flap", "eeprom-timeout", "eeprom-checksum", "phy-timeout", "reset-stuck",
	"master-stuck", "rx-enable-stuck", "tx-enable-stuck", "semaphore-stuck", "ecc", NULL
};

const struct nicsim_model n576_model = {
	.name = "82576",
	.text = "Intel 82576 1 GbE (8086:10c9); train=MS of auto-negotiation",
	NICSIM_ID(0x8086, 0x10c9, 0x8086, 0xa03c),
	.revision = 1,
	.pin = 1,
	.bar = { [0] = { .size = N576_CSR },
		 [2] = { .size = 32, .io = true },
		 [3] = { .size = 0x4000 } },
	.msi = true,
	NICSIM_MSIX(N576_VECTORS, 3, 0x2000),
	.options = options,
	.faults = faults,
	NICSIM_LIFE(sizeof(struct n576), create, destroy, reset),
	NICSIM_ENGINE(n576_read, n576_write, work, timer),
	NICSIM_WIRE(n576_rx, n576_rx_ready, light),
};
