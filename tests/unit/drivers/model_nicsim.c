// SPDX-License-Identifier: MIT
#include "tests/unit/drivers/model_nicsim.h"
#include "tests/unit/unit.h"
#include "tools/nicsim/wire.h"

enum { COMMAND = 0x04, COMMAND_ALL = 0x0007, MSI_ENABLE = 0x0001, MSIX_ENABLE = 0x8000 };

struct model_nicsim {
	struct model m; /* first */
	struct nicsim *sim;
	struct nicsim_dev *dev;
	struct nicsim_dev *wire; /* the function that has it: dev, or the PF of a VF */
	bool stall_tx, stuck_reset, link;
	u32 irq_kind;
	bool can_hang, can_stick;
};

static struct model_nicsim *of(void *m)
{
	return m;
}

struct nicsim_dev *model_nicsim_dev(struct model *m)
{
	return of(m)->dev;
}

struct nicsim_dev *model_nicsim_wire(struct model *m)
{
	return of(m)->wire;
}

/* What the kernel does when interrupts are attached. */
static void interrupts_on(struct nicsim_dev *dev, u32 kind)
{
	if (kind == 1 && dev->cap_msix) {
		nicsim_cfg_write(dev, dev->cap_msix + 2u, 2, MSIX_ENABLE);
		for (u32 v = 0; v < dev->msix_vectors; v++)
			nicsim_bar_write(dev, dev->msix_bar, dev->msix_table + 16u * v + 12, 4, 0);
	}
	if (kind == 2 && dev->cap_msi)
		nicsim_cfg_write(dev, dev->cap_msi + 2u, 2, MSI_ENABLE);
}

/* The test's flags and the time have moved. */
static void sync(struct model_nicsim *n)
{
	if (n->irq_kind != rig.irq_kind) {
		n->irq_kind = rig.irq_kind;
		interrupts_on(n->dev, n->irq_kind);
	}
	if (n->link != n->m.link) {
		n->link = n->m.link;
		nicsim_light_set(n->wire, n->link);
	}
	if (n->stall_tx != n->m.stall_tx) {
		n->stall_tx = n->m.stall_tx;
		assert_true(nicsim_fault_set(n->wire, "tx-hang", n->stall_tx ? ~0ull : 0, 0));
		nicsim_kick(n->wire);
	}
	if (n->stuck_reset != n->m.stuck_reset) {
		n->stuck_reset = n->m.stuck_reset;
		assert_true(
			nicsim_fault_set(n->wire, "reset-stuck", n->stuck_reset ? ~0ull : 0, 0));
	}
	nicsim_run(n->sim, 0);
}

static u64 rd(void *m, u32 bar, u64 off, u32 bytes)
{
	sync(of(m));
	return nicsim_bar_read(of(m)->dev, bar, off, bytes);
}

static void wr(void *m, u32 bar, u64 off, u32 bytes, u64 v)
{
	sync(of(m));
	nicsim_bar_write(of(m)->dev, bar, off, bytes, v);
}

static bool inject(struct model *m, const u8 *frame, u32 len)
{
	bool taken;

	sync(of(m));
	taken = nicsim_rx(of(m)->wire, frame, len);
	nicsim_run(of(m)->sim, 0);
	return taken;
}

static void run(struct model *m)
{
	if (!m->removed)
		sync(of(m));
}

static void end(struct model *m)
{
	struct nicsim_dev *dev = of(m)->dev->nerrors ? of(m)->dev : of(m)->wire;

	if (dev->nerrors)
		rig_fault("%s: %s", nicsim_error_name(dev->error[0].kind), dev->error[0].text);
	nicsim_destroy(of(m)->sim);
}

static void sent(void *m, const u8 *frame, u32 len)
{
	model_sent(m, frame, len);
}

static void irq(void *m, struct nicsim_dev *dev, u16 vector, bool level)
{
	(void)dev;
	(void)vector;
	if (level)
		of(m)->m.interrupts++;
}

static void *resolve(void *m, u64 iova, u64 len)
{
	(void)m;
	return rig_dma_find(iova, len);
}

static void wrote(void *m, u64 iova, u64 len)
{
	(void)m;
	rig_written(iova, len);
}

static u64 now(void *m)
{
	(void)m;
	return rig.now;
}

static struct model *make(const char *spec, bool bars32, bool vf)
{
	struct model_nicsim *n = calloc(1, sizeof(*n));
	char why[160] = "";

	rig.now = 0; /* the bench begins later */
	n->sim = nicsim_create();
	n->sim->clock = now;
	n->dev = nicsim_add(n->sim, spec, bars32, why, sizeof(why));
	assert_string_equal(why, "");
	assert_non_null(n->dev);
	if (getenv("NICSIM_LOG")) { /* for whoever debugs */
		n->sim->log = stderr;
		n->dev->trace = true;
	}
	n->wire = n->dev;
	if (vf)
		n->dev = n->wire->vf[0];
	n->m.name = n->wire->model->name;
	n->m.rd = rd;
	n->m.wr = wr;
	n->m.inject = inject;
	n->m.run = run;
	n->m.tick = run;
	n->m.end = end;
	n->m.link = n->link = true;
	for (u32 i = 0; i < DEV_BARS; i++)
		n->m.bar_size[i] = n->dev->bar[i].size;
	n->dev->resolve = resolve;
	n->dev->wrote = wrote;
	n->dev->irq = irq;
	n->dev->irq_arg = n;
	assert_true(nicsim_wire_function(n->wire, sent, n));
	nicsim_cfg_write(n->wire, COMMAND, 2, COMMAND_ALL);
	nicsim_cfg_write(n->dev, COMMAND, 2, COMMAND_ALL);
	for (u16 i = 0; i < 256; i++)
		n->m.cfg[i] = n->dev->cfg[i];
	return &n->m;
}

struct model *model_nicsim(const char *spec)
{
	return make(spec, true, false);
}

struct model *model_nicsim_bars64(const char *spec)
{
	return make(spec, false, false);
}

struct model *model_nicsim_vf(const char *spec)
{
	return make(spec, true, true);
}
