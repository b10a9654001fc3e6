// SPDX-License-Identifier: MIT
/* vmxnet3 as a model of tools/nicsim: identity, registers, link. */
#include "tools/nicsim/vmxnet3/vmx.h"

#include <stdlib.h>
#include <string.h>

enum {
	IMR = 0x000,
	TXPROD = 0x600,
	RXPROD = 0x800,
	RXPROD2 = 0xa00,
	VRRS = 0x00,
	UVRS = 0x08,
	DSAL = 0x10,
	DSAH = 0x18,
	CMD = 0x20,
	MACL = 0x28,
	MACH = 0x30,
	ICR = 0x38,
	ECR = 0x40,
};

static const char *const faults[] = {
	"rx-no-dd",       /* a completion is never written */
	"rx-no-eop",      /* and one without the end of its frame */
	"rx-error",       /* one with the error bit */
	"rx-length-zero", /* one of length 0 */
	"rx-length-over", /* one longer than any buffer (or arg) */
	"rx-index",       /* one of descriptor arg */
	"rx-queue",       /* one of a queue that is not */
	"rx-skip",        /* a buffer is left out, which a device may */
	"rx-order",       /* a completion is written after the next one */
	"tx-no-dd",       /* a frame is sent and never reported */
	"tx-index",       /* a completion of descriptor arg */
	"tx-hang",        /* nothing is fetched, while armed */
	"reset-stuck",    /* quiescence and reset never end, while armed */
	"queue-error",    /* a queue is stopped by the device */
	NULL,
};
static const char *const options[] = { "revisions", NULL };

static u32 pt_read(struct vmx *v, u32 off)
{
	if (off < 8 * VMX_VECTORS && off % 8 == 0)
		return v->masked[off / 8];
	nicsim_error(v->dev, NICSIM_E_ACCESS, "read of BAR 0 at %x", off);
	return 0;
}

static void producer(struct vmx *v, struct vmx_queue *q, bool is_tx, u32 nr, u32 of, u32 x)
{
	if (!v->active)
		nicsim_error(v->dev, NICSIM_E_STATE, "doorbell of queue %u, not active", nr);
	else if (nr >= of || x >= q->ring.size)
		nicsim_error(v->dev, NICSIM_E_TAIL, "doorbell %u of queue %u", x, nr);
	else if (is_tx)
		q->prod = x;
}

static void pt_write(struct vmx *v, u32 off, u32 x)
{
	if (off % 8) {
		nicsim_error(v->dev, NICSIM_E_ACCESS, "write of BAR 0 at %x", off);
	} else if (off < 8 * VMX_VECTORS) {
		if (x > 1)
			nicsim_error(v->dev, NICSIM_E_RESERVED, "mask %x", x);
		vmx_mask(v, off / 8, x & 1);
	} else if (off >= TXPROD && off < TXPROD + 8 * VMX_QUEUES) {
		producer(v, &v->tx[(off - TXPROD) / 8], true, (off - TXPROD) / 8, v->txqs, x);
	} else if (off >= RXPROD && off < RXPROD + 8 * VMX_QUEUES) {
		producer(v, &v->rx[(off - RXPROD) / 8], false, (off - RXPROD) / 8, v->rxqs, x);
	} else {
		nicsim_error(v->dev, NICSIM_E_ACCESS, "write of BAR 0 at %x", off);
	}
}

static u32 vd_read(struct vmx *v, u32 off)
{
	const u8 *m = v->dev->mac;

	switch (off) {
	case VRRS:
		return v->revisions;
	case UVRS:
		return 1;
	case CMD:
		return vmx_answer(v);
	case MACL:
		return m[0] | (u32)m[1] << 8 | (u32)m[2] << 16 | (u32)m[3] << 24;
	case MACH:
		return m[4] | (u32)m[5] << 8;
	case ICR:
		nicsim_intx(v->dev, false);
		return 0;
	default:
		nicsim_error(v->dev, NICSIM_E_ACCESS, "read of BAR 1 at %x", off);
		return 0;
	}
}

static void acknowledge(struct vmx *v, u32 bits)
{
	u32 events;

	if (!v->active || !nicsim_dma_read(v->dev, v->shared + S_EVENTS, &events, 4))
		return;
	events &= ~bits;
	nicsim_dma_write(v->dev, v->shared + S_EVENTS, &events, 4);
}

static void vd_write(struct vmx *v, u32 off, u32 x)
{
	switch (off) {
	case VRRS:
		if (!x || x & (x - 1) || x & ~v->revisions)
			nicsim_error(v->dev, NICSIM_E_RESERVED, "revision %x", x);
		return;
	case UVRS:
		if (x != 1)
			nicsim_error(v->dev, NICSIM_E_RESERVED, "version %x", x);
		return;
	case DSAL:
		if (v->active)
			nicsim_error(v->dev, NICSIM_E_STATE, "DSAL written while active");
		v->dsal = x;
		return;
	case DSAH:
		v->shared = v->dsal | (u64)x << 32;
		return;
	case CMD:
		vmx_command(v, x);
		return;
	case MACL:
	case MACH:
		return;
	case ECR:
		acknowledge(v, x);
		return;
	default:
		nicsim_error(v->dev, NICSIM_E_ACCESS, "write of BAR 1 at %x", off);
	}
}

static u32 bar_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size)
{
	(void)size;
	return bar == 0 ? pt_read(dev->state, (u32)off) : vd_read(dev->state, (u32)off);
}

static void bar_write(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u32 x)
{
	(void)size;
	if (bar == 0)
		pt_write(dev->state, (u32)off, x);
	else
		vd_write(dev->state, (u32)off, x);
}

/* --- hooks --------------------------------------------------------------------------------- */

static int create(struct nicsim_dev *dev, const char **why)
{
	const char *revisions = nicsim_option(dev, "revisions");
	struct vmx *v = dev->state;

	(void)why;
	v->dev = dev;
	v->revisions = revisions ? (u32)strtoul(revisions, NULL, 0) : 1;
	return 0;
}

static void destroy(struct nicsim_dev *dev)
{
	struct vmx *v = dev->state;

	for (u32 i = 0; i < VMX_QUEUES; i++)
		free(v->tx[i].frame);
}

static void reset(struct nicsim_dev *dev, enum nicsim_reset kind)
{
	struct vmx *v = dev->state;

	(void)kind;
	v->stuck_until = 0;
	vmx_reset(v);
	v->link = nicsim_light(dev);
}

static void queue_error(struct vmx *v)
{
	u32 stopped = 1;

	if (!v->active || !nicsim_fault(v->dev, "queue-error", NULL))
		return;
	nicsim_dma_write(v->dev, v->rx[0].desc + Q_STOPPED, &stopped, 4);
	vmx_event(v, E_RQERR);
}

static bool work(struct nicsim_dev *dev)
{
	queue_error(dev->state);
	return vmx_tx(dev->state);
}

static bool rx(struct nicsim_dev *dev, const u8 *frame, u32 len)
{
	struct vmx *v = dev->state;

	if (len < 60) {
		memset(v->buffer, 0, 60);
		memcpy(v->buffer, frame, len);
		frame = v->buffer;
		len = 60;
	}
	return vmx_rx(v, frame, len);
}

static void light(struct nicsim_dev *dev)
{
	struct vmx *v = dev->state;

	v->link = nicsim_light(dev);
	vmx_event(v, E_LINK);
	nicsim_kick(dev);
}

const struct nicsim_model vmx_model = {
	.name = "vmxnet3",
	.text = "VMware's paravirtual NIC, eight queues each way",
	NICSIM_ID(0x15ad, 0x07b0, 0x15ad, 0x07b0),
	.revision = 1,
	.pin = 1,
	.bar = { { .size = 4096 }, { .size = 4096 }, { .size = 8192 } },
	.msi = true,
	NICSIM_MSIX(VMX_VECTORS, 2, 0x1000),
	.options = options,
	.faults = faults,
	NICSIM_LIFE(sizeof(struct vmx), create, destroy, reset),
	NICSIM_ENGINE(bar_read, bar_write, work, NULL),
	NICSIM_WIRE(rx, NULL, light),
};
