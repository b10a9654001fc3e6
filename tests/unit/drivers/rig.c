// SPDX-License-Identifier: MIT
#include "tests/unit/drivers/rig.h"
#include "tests/unit/unit.h"
#include "tools/host/host.h"

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(p, n)   ((void)(p), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(p, n) ((void)(p), (void)(n))
#endif

enum { REGIONS = 256, MS = 1000000 /* cycles at the host's 1 GHz */ };

struct rig rig;
u32 rig_pairs;
bool rig_poison;
static struct {
	u64 base, len;
} regions[REGIONS];
static u32 nregions;

void rig_fault(const char *fmt, ...)
{
	va_list ap;

	if (rig.fault[0])
		return;
	va_start(ap, fmt);
	vsnprintf(rig.fault, sizeof(rig.fault), fmt, ap);
	va_end(ap);
}

/* --- memory -------------------------------------------------------------------------------- */

static void region_add(const void *va, u64 len)
{
	assert_true(nregions < REGIONS);
	regions[nregions].base = (u64)(uintptr_t)va;
	regions[nregions++].len = len;
}

void *rig_dma_find(u64 iova, u64 len)
{
	u64 va = iova - HOST_IOVA_DELTA;

	for (u32 i = 0; i < nregions; i++)
		if (va >= regions[i].base && len <= regions[i].len &&
		    va - regions[i].base <= regions[i].len - len)
			return (void *)(uintptr_t)va;
	return NULL;
}

void *rig_dma(u64 iova, u64 len)
{
	void *va = rig_dma_find(iova, len);

	if (va) {
		rig_written(iova, len);
		return va;
	}
	rig_fault("DMA to %llx, %llu bytes: not DMA memory", (unsigned long long)iova,
		  (unsigned long long)len);
	return NULL;
}

bool rig_dma_piece(u32 i, u64 *iova, u64 *len)
{
	if (i >= nregions)
		return false;
	*iova = regions[i].base + HOST_IOVA_DELTA;
	*len = regions[i].len;
	return true;
}

/* The buffers of the pool: the first one, and how far they are apart. */
static struct {
	u64 low, high, stride;
} buffers_at;

void rig_written(u64 iova, u64 len)
{
	u64 va = iova - HOST_IOVA_DELTA, end;

	if (!rig_poison || va < buffers_at.low || va >= buffers_at.high)
		return;
	end = va - (va - buffers_at.low) % buffers_at.stride + rig.buffer_size;
	ASAN_POISON_MEMORY_REGION((void *)(uintptr_t)va, end - va);
	ASAN_UNPOISON_MEMORY_REGION((void *)(uintptr_t)va, len);
}

void *dma_alloc(struct device *d, size_t size, size_t align, iova_t *iova)
{
	void *va = env_alloc(ENV_PRIVATE, size, align, (u32)d->node);

	if (va) {
		region_add(va, size);
		*iova = dma_map(va);
	}
	return va;
}

iova_t dma_map(const void *va)
{
	return (u64)(uintptr_t)va + HOST_IOVA_DELTA;
}

void *dev_alloc(struct device *d, size_t size, size_t align)
{
	return env_alloc(ENV_PRIVATE, size, align, (u32)d->node);
}

struct port *dev_port_alloc(struct device *d)
{
	struct port *p = port_alloc((u32)d->node);

	if (p)
		p->mtu = PORT_MTU_DEFAULT;
	return p;
}

/* A pool whose buffers are DMA memory, and nothing else near them is. */
static void pool_start(u32 buffers)
{
	struct packet **all = calloc(buffers, sizeof(*all));
	u32 n = 0;

	rig.pool = pool_create(0, rig.buffer_size, buffers, 0);
	assert_non_null(rig.pool);
	rig.pc = pool_cache_create(rig.pool, 64, 0);
	assert_non_null(rig.pc);
	for (u32 got; (got = pool_get(rig.pc, &all[n], MIN(buffers - n, 32u))) != 0;)
		n += got;
	assert_int_equal(n, buffers);
	u64 low = ~0ull, high = 0;

	for (u32 i = 0; i < n; i++) {
		low = MIN(low, (u64)(uintptr_t)all[i]->data - PACKET_HEADROOM);
		high = MAX(high, (u64)(uintptr_t)all[i]->data - PACKET_HEADROOM + rig.buffer_size);
	}
	region_add((void *)(uintptr_t)low, high - low + PACKET_HEADROOM); /* pool.c */
	buffers_at.low = low;
	buffers_at.high = high;
	buffers_at.stride = n > 1 ? (high - rig.buffer_size - low) / (n - 1) : rig.buffer_size;
	for (u32 i = 0; i < n; i++) {
		assert_true(((u64)(uintptr_t)all[i]->data - PACKET_HEADROOM - low) %
				    buffers_at.stride ==
			    0);
		pool_put(rig.pc, &all[i], 1);
	}
	free(all);
}

/* --- device -------------------------------------------------------------------------------- */

void rig_event(void)
{
	if (rig.countdown && --rig.countdown == 0)
		rig.expired();
}

static u64 bar_rd(void *model, u32 bar, u64 off, u32 bytes)
{
	struct model *m = model;
	u64 v;

	if (m == rig.model)
		rig_event();
	if (m->removed)
		return bytes < 8 ? (1ull << 8 * bytes) - 1 : ~0ull;
	v = m->rd(m, bar, off, bytes);
	return rig.spoil && m == rig.model ? rig.spoil(bar, off, v) : v;
}

static void bar_wr(void *model, u32 bar, u64 off, u32 bytes, u64 v)
{
	struct model *m = model;

	if (m == rig.model)
		rig_event();
	if (!m->removed)
		m->wr(m, bar, off, bytes, v);
}

static const struct mmio_model access = { bar_rd, bar_wr };

static struct model *model_of(const struct device *d)
{
	return d == &rig.other_dev ? rig.other_model : rig.model;
}

int dev_map_bar(struct device *d, unsigned bar, u64 off, u64 len, struct mmio *out)
{
	struct model *m = model_of(d);

	if (bar >= DEV_BARS || !m->bar_size[bar])
		return -ENODEV;
	if (off >= m->bar_size[bar] || len > m->bar_size[bar] - off)
		return -EINVAL;
	*out = (struct mmio){ &access, m, bar, off, len };
	return 0;
}

u8 pci_cfg_rd8(struct device *d, u16 off)
{
	return model_of(d)->cfg[off];
}

u16 pci_cfg_rd16(struct device *d, u16 off)
{
	return (u16)(pci_cfg_rd8(d, off) | pci_cfg_rd8(d, (u16)(off + 1)) << 8);
}

u32 pci_cfg_rd32(struct device *d, u16 off)
{
	return pci_cfg_rd16(d, off) | (u32)pci_cfg_rd16(d, (u16)(off + 2)) << 16;
}

u8 pci_cap_find(struct device *d, u8 id, u8 after)
{
	u8 off = pci_cfg_rd8(d, after ? (u16)(after + 1) : 0x34);

	while (off && pci_cfg_rd8(d, off) != id)
		off = pci_cfg_rd8(d, (u16)(off + 1));
	return off;
}

int dev_reject(struct device *d, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(d->reason, sizeof(d->reason), fmt, ap);
	va_end(ap);
	return -ENODEV;
}

void dev_log(const struct device *d, const char *fmt, ...)
{
	(void)d;
	(void)fmt;
}

u64 dev_clock_hz(void)
{
	return env_clock_hz();
}

u32 dev_queue_pairs(void)
{
	return MAX(rig_pairs, 1u);
}

/* Before the start only: time passes, and the device works. */
void dev_delay_us(u32 us)
{
	rig.now += (u64)us * (MS / 1000);
	if (rig.model->run)
		rig.model->run(rig.model);
	if (rig.other_model && rig.other_model->run)
		rig.other_model->run(rig.other_model);
}

/* --- interrupts ---------------------------------------------------------------------------- */

static int attach(struct device *d, u32 kind)
{
	if (rig.irq_kind != kind)
		return -ENODEV;
	d->irq = &rig.irq;
	rig.irq.kind = kind == 3 ? DEV_IRQ_CORE : DEV_IRQ_MSG;
	return 0;
}

int dev_irq_attach_msix(struct device *d, u16 entry, u16 qgm)
{
	(void)entry;
	(void)qgm;
	return attach(d, 1);
}

/* Each vector once. */
int dev_irq_attach_vector(struct device *d, u16 entry, u16 qgm)
{
	(void)d;
	if (rig.irq_kind != 1 || entry >= rig.vectors)
		return -ENODEV;
	if (rig.vector_qgm[entry])
		rig_fault("vector %u is given twice", entry);
	rig.vector_qgm[entry] = (u16)(qgm + 1);
	return 0;
}

int dev_irq_attach_msi(struct device *d, u16 qgm)
{
	(void)qgm;
	return attach(d, 2);
}

/* As the kernel does: the device must assert its line when asked, and let go when asked. */
int dev_irq_attach_intx(struct device *d, u16 qgm, const struct dev_irq_test *test, bool *can_wake)
{
	u32 before = rig.model->interrupts;

	(void)qgm;
	(void)can_wake;
	rig.line = *test;
	test->trigger(test->arg);
	if (rig.model->interrupts == before)
		return -ENODEV;
	test->quiet(test->arg);
	return attach(d, 3);
}

void dev_irq_rearm(struct dev_irq *irq)
{
	(void)irq;
	rig.rearmed++;
}

/* --- life ---------------------------------------------------------------------------------- */

static int start(struct model *m, const struct net_driver *drv, u16 vendor, u16 device, u32 buffers,
		 u32 buffer_size)
{
	int err;

	host_reset();
	nregions = 0;
	memset(&rig, 0, sizeof(rig));
	rig.model = m;
	rig.buffer_size = buffer_size;
	rig.now = env_clock();
	rig.dev.vendor = vendor;
	rig.dev.device = device;
	rig.dev.irq_pin = 1;
	rig.vectors = RIG_VECTORS;
	m->sent = calloc(SENT_MAX, sizeof(*m->sent));
	pool_start(buffers);
	err = drv->probe(&rig.dev);
	if (!err) { /* every pair of queues is of a QGM */
		rig.port = port_get(1);
		assert_non_null(rig.port);
		rig.port->pc = rig.pc;
		rig.port->jumbo = buffer_size == POOL_CLASS_JUMBO;
		for (u16 i = 0; i < PORT_QUEUES; i++)
			rig.port->queue_qgm[i] = i;
	}
	return err;
}

int rig_start(struct model *m, const struct net_driver *drv, u16 vendor, u16 device, u32 buffers)
{
	return start(m, drv, vendor, device, buffers, POOL_CLASS_STD);
}

int rig_start_jumbo(struct model *m, const struct net_driver *drv, u16 vendor, u16 device,
		    u32 buffers)
{
	return start(m, drv, vendor, device, buffers, POOL_CLASS_JUMBO);
}

int rig_add(struct model *m, const struct net_driver *drv, u16 vendor, u16 device)
{
	int err;

	rig.other_model = m;
	rig.other_dev = (struct device){ .vendor = vendor, .device = device, .irq_pin = 1 };
	m->sent = calloc(SENT_MAX, sizeof(*m->sent));
	err = drv->probe(&rig.other_dev);
	if (err)
		return err;
	rig.other = port_get(2);
	assert_non_null(rig.other);
	rig.other->jumbo = rig.port->jumbo;
	for (u16 i = 0; i < PORT_QUEUES; i++)
		rig.other->queue_qgm[i] = i;
	return 0;
}

void rig_tick(void)
{
	if (rig.model->tick)
		rig.model->tick(rig.model);
	if (rig.other_model && rig.other_model->tick)
		rig.other_model->tick(rig.other_model);
}

/* Time passes, and the device works. */
static void advance(u64 cycles)
{
	rig.now += cycles;
	rig_tick();
}

static void end(struct model *m)
{
	if (m->end)
		m->end(m);
	assert_string_equal(rig.fault, "");
	free(m->sent);
	free(m);
}

void rig_end(void)
{
	for (u32 i = 0; rig.port && rig.port->ops->buffers && i < rig_queues_in_use(); i++)
		assert_int_equal(rig.port->ops->buffers(rig.port, i), 0);
	assert_int_equal(pool_free_count(rig.pool), pool_size(rig.pool));
	end(rig.model);
	if (rig.other_model)
		end(rig.other_model);
	host_reset();
}

static int drive(int (*op)(struct port *, u64), u32 ms)
{
	int err;

	do {
		err = op(rig.port, rig.now);
		advance(MS);
	} while (err == -EAGAIN && ms--);
	return err;
}

int rig_up(u32 ms)
{
	int err = drive(rig.port->ops->start, ms);

	rig.port->want_reset = 0;
	rig.port->state = err ? PORT_FAILED : PORT_RUNNING;
	return err;
}

u32 rig_queues_in_use(void)
{
	return MAX(MAX(rig.port->rx_queues, rig.port->tx_queues), (u16)1);
}

int rig_down(u32 ms)
{
	int err = drive(rig.port->ops->stop, ms);

	rig.port->link = false;
	for (u32 i = 0; !err && rig.port->ops->drain && i < rig_queues_in_use(); i++)
		rig.port->tx_aborted += rig.port->ops->drain(rig.port, i, rig.pc);
	return err;
}

/* As the engine does when the driver asks for it. */
static void reset(void)
{
	struct port *p = rig.port;

	p->want_reset = 0;
	p->nic.resets++;
	p->nic.link_changes += p->link;
	p->link = false;
	p->state = PORT_STOPPING;
	if (rig_down(2000))
		p->state = PORT_FAILED;
	else
		rig_up(2000);
}

struct port_nic_counters rig_nic(void)
{
	struct port_nic_counters n = rig.port->nic;

	for (u32 i = 0; i < PORT_QUEUES; i++) {
		n.rx_nobuf += rig.port->qnic[i].rx_nobuf;
		n.rx_crc += rig.port->qnic[i].rx_errors;
		n.tx_errors += rig.port->qnic[i].tx_errors;
		n.bad_descriptor += rig.port->qnic[i].bad_descriptor;
	}
	return n;
}

u32 rig_run(u32 ms)
{
	struct packet *pkt[BURST_MAX];
	u32 total = 0;

	for (u32 i = 0; i < ms; i++) {
		for (u32 q = 0; q < rig_queues_in_use(); q++) {
			u32 n = rig.port->ops->rx(rig.port, q, rig.pc, pkt, BURST_MAX);

			if (n)
				pool_put(rig.pc, pkt, n);
			total += n;
			rig.port->ops->reclaim(rig.port, q, rig.pc);
		}
		if (++rig.turn_ms % 10 == 0) {
			rig.port->ops->step(rig.port, rig.now);
			if (rig.port->want_reset && rig.port->state == PORT_RUNNING)
				reset();
		}
		advance(MS);
	}
	return total;
}

/* --- frames -------------------------------------------------------------------------------- */

void model_sent(struct model *m, const u8 *data, u32 len)
{
	struct sent *s = &m->sent[m->sent_head % SENT_MAX];

	if (m->sent_head - m->sent_tail == SENT_MAX) {
		rig_fault("the wire is full");
		return;
	}
	if (len > sizeof(s->data)) {
		rig_fault("frame of %u bytes", len);
		return;
	}
	memcpy(s->data, data, len);
	s->len = len;
	m->sent_head++;
}

const struct sent *rig_sent(void)
{
	struct model *m = rig.model;

	return m->sent_head == m->sent_tail ? NULL : &m->sent[m->sent_tail++ % SENT_MAX];
}

static const u8 own[6] = { 0x52, 0x54, 0, 0x12, 0x34, 0x56 };

static u8 byte_of(u32 seed, u32 i)
{
	u32 x = (seed * 2654435761u) ^ (i * 40503u);

	return (u8)(x >> 13 ^ x >> 5);
}

void frame_fill(u8 *f, u32 len, u32 seed)
{
	for (u32 i = 0; i < len; i++)
		f[i] = i < 6 ? own[i] : byte_of(seed, i);
}

bool frame_is(const u8 *f, u32 len, u32 seed)
{
	for (u32 i = 0; i < len; i++)
		if (f[i] != (i < 6 ? own[i] : byte_of(seed, i)))
			return false;
	return true;
}

struct packet *rig_packet(u32 len, u32 seed)
{
	struct packet *pkt = NULL;

	if (!pool_get(rig.pc, &pkt, 1))
		return NULL;
	memset(pkt->data, 0xa5, MAX(len, 128u)); /* what an earlier frame left there */
	frame_fill(pkt->data, len, seed);
	pkt->len = (u16)len;
	return pkt;
}
