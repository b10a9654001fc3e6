// SPDX-License-Identifier: MIT
#include "tests/fuzz/nic.h"
#include "tests/unit/drivers/model_nicsim.h"
#include "tests/unit/unit.h"
#include "tools/host/host.h"
#include "tools/nicsim/sim.h"

#include <sanitizer/asan_interface.h>

enum { MS = 1000000, STEP_MS = 10, BUFFERS = 2048 };

static struct {
	struct pool_cache *pc[PORT_QUEUES];
	u32 queues, turns;
	bool restart;
	u64 next_step;
	u32 sum; /* of what was received: each byte is read */
} w;

u8 in8(struct fuzz_in *in)
{
	if (!in->n)
		return 0;
	in->n--;
	return *in->p++;
}

u16 in16(struct fuzz_in *in)
{
	u8 low = in8(in);

	return (u16)(low | in8(in) << 8);
}

u32 in32(struct fuzz_in *in)
{
	u16 low = in16(in);

	return low | (u32)in16(in) << 16;
}

static struct model *fresh(u32 variant)
{
	if (fuzz_chip.model)
		return fuzz_chip.model(variant);
	return fuzz_chip.guest ? model_nicsim_vf(fuzz_chip.spec) : model_nicsim(fuzz_chip.spec);
}

void fuzz_plug(bool in)
{
	struct nicsim_dev *dev;

	rig.model->removed = !in;
	if (!in)
		return;
	if (fuzz_chip.model) {
		fuzz_chip.reset(rig.model);
		return;
	}
	dev = model_nicsim_dev(rig.model);
	nicsim_fault_set(dev, "removed", 0, 0);
	nicsim_reset(dev);
	nicsim_cfg_write(dev, 4, 2, 7);
}

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "fuzz: %s\n", what);
	abort();
}

/* --- a port in its turn ---------------------------------------------------------------------- */

static void poll_queue(u32 q)
{
	struct packet *pkt[BURST_MAX];
	struct port *p = rig.port;
	u32 n = p->ops->rx(p, q, w.pc[q], pkt, BURST_MAX), took;

	must(n <= BURST_MAX, "more frames than asked for");
	for (u32 i = 0; i < n; i++) {
		must((pkt[i]->len >= 14 || fuzz_chip.runts) &&
			     pkt[i]->len <= pool_packet_room(w.pc[q], pkt[i]),
		     "a frame longer than its buffer");
		for (u32 k = 0; k < pkt[i]->len; k++)
			w.sum += pkt[i]->data[k];
	}
	took = n && w.turns & 1 ? p->ops->tx(p, q, pkt, n) : 0;
	must(took <= n, "more frames taken than given");
	if (took < n)
		pool_put(w.pc[q], &pkt[took], n - took);
	p->ops->reclaim(p, q, w.pc[q]);
}

static void drained(void)
{
	struct port *p = rig.port;

	if (p->ops->drain)
		for (u32 q = 0; q < w.queues; q++)
			p->ops->drain(p, q, w.pc[q]);
	for (u32 q = 0; q < w.queues; q++)
		must(p->ops->buffers(p, q) == 0, "a queue that keeps buffers");
	p->state = w.restart ? PORT_STARTING : PORT_STOPPED;
	w.restart = false;
}

static void running(void)
{
	struct port *p = rig.port;

	for (u32 q = 0; q < w.queues && p->state == PORT_RUNNING; q++)
		poll_queue(q);
	if (p->state != PORT_RUNNING || rig.now < w.next_step)
		return;
	w.next_step = rig.now + STEP_MS * MS;
	p->ops->step(p, rig.now);
	if (p->want_reset && p->state == PORT_RUNNING)
		fuzz_restart(true);
	p->want_reset = 0;
}

void fuzz_turn(u32 cycles)
{
	struct port *p = rig.port;
	int err;

	w.turns++;
	if (p->state == PORT_RUNNING) {
		running();
	} else if (p->state == PORT_STOPPING) {
		err = p->ops->stop(p, rig.now);
		if (err && err != -EAGAIN)
			p->state = PORT_FAILED;
		if (!err)
			drained();
	} else if (p->state == PORT_STARTING) {
		err = p->ops->start(p, rig.now);
		if (err != -EAGAIN)
			p->state = err ? PORT_FAILED : PORT_RUNNING;
	}
	rig.model->sent_tail = rig.model->sent_head;
	rig.now += cycles;
	rig_tick();
}

void fuzz_restart(bool again)
{
	w.restart = again;
	if (rig.port->state != PORT_STOPPED)
		rig.port->state = PORT_STOPPING;
	else if (again)
		rig.port->state = PORT_STARTING;
}

u32 fuzz_queues(void)
{
	return w.queues;
}

struct pool_cache *fuzz_cache(u32 queue)
{
	return w.pc[queue];
}

/* An error of the target's own, which must be found (run.sh). */
static bool planted(const char *what)
{
	const char *plant = getenv("FUZZ_PLANT");

	return plant && !strcmp(plant, what);
}

void fuzz_send(u32 queue, u32 len)
{
	struct packet *pkt = rig_packet(MIN(len, 1500u), len);

	if (!pkt || planted("leak"))
		return;
	pkt->len = (u16)len;
	if (rig.port->state != PORT_RUNNING || !rig.port->ops->tx(rig.port, queue, &pkt, 1))
		pool_put(w.pc[0], &pkt, 1);
}

/* Ethernet and IPv4 so that it passes filters; some bytes of the input in it. */
void fuzz_inject(struct fuzz_in *in)
{
	static u8 f[16384];
	u32 len = in16(in) % 9300 + 14, at = in8(in) % 64;

	frame_fill(f, len, len);
	memcpy(f, rig.port->mac, 6);
	f[12] = 8;
	f[13] = 0;
	f[14] = 0x45;
	if (len > 24)
		f[23] = at & 1 ? 6 : 17;
	for (u32 n = in8(in) % 32; n && at < len; n--)
		f[at++] = in8(in);
	if (planted("bounds"))
		w.sum += *(const volatile u8 *)(f + sizeof(f) + (len & 1));
	rig.model->inject(rig.model, f, len);
}

void fuzz_fault(u8 which, u64 count, u64 arg)
{
	struct nicsim_dev *dev;
	u32 n = 0;

	if (fuzz_chip.model) {
		if (which % 3 == 0)
			rig.model->stall_tx = count != 0;
		else if (which % 3 == 1)
			rig.model->stuck_reset = count != 0;
		return;
	}
	dev = model_nicsim_wire(rig.model);
	while (dev->model->faults[n])
		n++;
	if (!count && which >= n)
		return;
	nicsim_fault_set(dev, dev->model->faults[which % n], count, arg);
	if (count)
		nicsim_kick(dev);
}

u8 *fuzz_place(struct fuzz_in *in, u32 bytes, u64 *iova)
{
	u64 base, len, off;
	u32 n = 0;
	u8 which = in8(in);

	while (rig_dma_piece(n, &base, &len))
		n++;
	/* The pool is the first piece, and the least interesting. */
	rig_dma_piece(which % n, &base, &len);
	off = (u64)in16(in) * 8 % len;
	if (bytes > len - off)
		bytes = 0;
	*iova = base + off;
	return bytes ? rig_dma_find(*iova, bytes) : NULL;
}

void fuzz_scribble(struct fuzz_in *in)
{
	u32 n = 1 + in8(in) % 16;
	u64 iova;
	u8 *at = fuzz_place(in, n, &iova);

	if (!at)
		return;
	__asan_unpoison_memory_region(at, n);
	while (n--)
		*at++ = in8(in);
}

/* --- life ------------------------------------------------------------------------------------ */

void fuzz_begin(const struct fuzz_in *in)
{
	u32 variant = in->n ? in->p[in->n - 1] % MAX(fuzz_chip.variants, 1u) : 0;
	struct port *p;

	memset(&w, 0, sizeof(w));
	rig_pairs = fuzz_chip.queues;
	must(rig_start(fresh(variant), fuzz_chip.driver, fuzz_chip.vendor, fuzz_chip.device,
		       BUFFERS) == 0,
	     "the probe fails");
	p = rig.port;
	rig.irq_kind = 1;
	w.queues = MIN(fuzz_chip.queues, MAX((u32)p->rx_queues, 1u));
	p->rx_queues = p->tx_queues = (u16)w.queues;
	for (u32 q = 0; q < w.queues; q++)
		w.pc[q] = q ? pool_cache_create(rig.pool, 64, 0) : rig.pc;
	p->pc = w.pc[0];
	p->state = PORT_STARTING;
	for (u32 n = 0; n < 1000 && !(p->state == PORT_RUNNING && p->link); n++)
		fuzz_turn(MS);
	must(p->link, "it does not come up");
}

static void forget(void)
{
	rig.fault[0] = 0;
	if (rig.model->end)
		rig.model->end(rig.model);
	rig.fault[0] = 0;
	free(rig.model->sent);
	free(rig.model);
	host_reset();
}

void fuzz_drop(void)
{
	forget();
}

void fuzz_end(void)
{
	struct port *p = rig.port;

	rig.spoil = NULL;
	rig.model->stall_tx = rig.model->stuck_reset = false;
	rig.model->link = true;
	for (u32 i = 0; i < 256; i++)
		fuzz_fault((u8)i, 0, 0);
	fuzz_plug(true);
	fuzz_restart(false);
	for (u32 n = 0; n < 12000 && p->state != PORT_STOPPED; n++) {
		fuzz_turn(MS);
		if (p->state == PORT_FAILED)
			fuzz_restart(false);
	}
	must(p->state == PORT_STOPPED, "it does not stop");
	must(pool_free_count(rig.pool) == pool_size(rig.pool), "buffers are lost");
	forget();
}
