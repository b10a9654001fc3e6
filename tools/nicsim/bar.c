// SPDX-License-Identifier: MIT
/* BAR accesses of the CPU: decoded, checked, cut to what a model wants, the MSI-X table and PBA
 * served here (PCI 3.0, 6.8.2). */
#include "tools/nicsim/sim.h"

enum { COMMAND = 0x04, COMMAND_IO = 1, COMMAND_MEM = 2, ENTRY = 16 };

static u64 ones(u32 size)
{
	return size >= 8 ? ~0ull : (1ull << 8 * size) - 1;
}

/* Is it an access that reaches a register? Reports what is wrong with it. */
static bool valid(struct nicsim_dev *dev, const char *what, u32 bar, u64 off, u32 size)
{
	u8 need;

	if (dev->removed)
		return false;
	if (bar >= NICSIM_BARS || !dev->bar[bar].size || off >= dev->bar[bar].size ||
	    size > dev->bar[bar].size - off) {
		nicsim_error(dev, NICSIM_E_ACCESS, "%s of %u bytes at BAR%u+%llx: outside", what,
			     size, bar, (unsigned long long)off);
		return false;
	}
	need = dev->bar[bar].io ? COMMAND_IO : COMMAND_MEM;
	if (!(dev->cfg[COMMAND] & need)) {
		nicsim_error(dev, NICSIM_E_ACCESS, "%s of BAR%u+%llx: decoding is off", what, bar,
			     (unsigned long long)off);
		return false;
	}
	if ((size != 1 && size != 2 && size != 4 && size != 8) || (off & (size - 1)) ||
	    (size < 4 && !dev->model->narrow)) {
		nicsim_error(dev, NICSIM_E_ACCESS, "%s of %u bytes at BAR%u+%llx: width", what,
			     size, bar, (unsigned long long)off);
		return false;
	}
	return true;
}

static bool in_table(const struct nicsim_dev *dev, u32 bar, u64 off)
{
	return dev->msix_vectors && bar == dev->msix_bar &&
	       off - dev->msix_table < (u64)dev->msix_vectors * ENTRY;
}

static bool in_pba(const struct nicsim_dev *dev, u32 bar, u64 off)
{
	return dev->msix_vectors && bar == dev->msix_bar &&
	       off - dev->msix_pba < (dev->msix_vectors + 63ull) / 64 * 8;
}

static u32 table_read(const struct nicsim_dev *dev, u64 off)
{
	const struct nicsim_msix *e = &dev->msix[off / ENTRY];

	switch (off % ENTRY / 4) {
	case 0:
		return (u32)e->addr;
	case 1:
		return (u32)(e->addr >> 32);
	case 2:
		return e->data;
	default:
		return e->masked;
	}
}

static void table_write(struct nicsim_dev *dev, u64 off, u32 v)
{
	struct nicsim_msix *e = &dev->msix[off / ENTRY];

	switch (off % ENTRY / 4) {
	case 0:
		e->addr = (e->addr & ~0xffffffffull) | (v & ~3u);
		break;
	case 1:
		e->addr = (e->addr & 0xffffffff) | (u64)v << 32;
		break;
	case 2:
		e->data = v;
		break;
	default:
		e->masked = v & 1;
		nicsim_irq_update(dev);
	}
}

static u32 pba_read(const struct nicsim_dev *dev, u64 off)
{
	u32 v = 0;

	for (u32 i = 0; i < 32; i++)
		if (off * 8 + i < dev->msix_vectors && dev->msix[off * 8 + i].pending)
			v |= 1u << i;
	return v;
}

static u32 read4(struct nicsim_dev *dev, u32 bar, u64 off, u32 size)
{
	u32 v;

	if (in_table(dev, bar, off))
		return table_read(dev, off - dev->msix_table);
	if (in_pba(dev, bar, off))
		return pba_read(dev, off - dev->msix_pba);
	v = dev->model->bar_read(dev, bar, off, size);
	/* a fault that removes the device may have struck in between */
	return dev->removed ? (u32)ones(size) : v;
}

static void write4(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u32 v)
{
	if (in_table(dev, bar, off))
		table_write(dev, off - dev->msix_table, v);
	else if (in_pba(dev, bar, off))
		nicsim_error(dev, NICSIM_E_ACCESS, "write to the MSI-X pending bits");
	else
		dev->model->bar_write(dev, bar, off, size, v);
}

u64 nicsim_bar_read(struct nicsim_dev *dev, u32 bar, u64 off, u32 size)
{
	if (!valid(dev, "read", bar, off, size))
		return ones(size);
	if (size == 8) {
		u64 low = read4(dev, bar, off, 4);

		return low | (u64)read4(dev, bar, off + 4, 4) << 32;
	}
	return read4(dev, bar, off, size) & ones(size);
}

void nicsim_bar_write(struct nicsim_dev *dev, u32 bar, u64 off, u32 size, u64 v)
{
	if (!valid(dev, "write", bar, off, size))
		return;
	write4(dev, bar, off, MIN(size, 4u), (u32)(v & ones(MIN(size, 4u))));
	if (size == 8)
		write4(dev, bar, off + 4, 4, (u32)(v >> 32));
	nicsim_kick(dev);
	if (dev->sim->eager)
		nicsim_run(dev->sim, 0);
}
