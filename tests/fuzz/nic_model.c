// SPDX-License-Identifier: MIT
/*
 * The driver as the attacker of a model of nicsim: a port that is up, then registers, descriptors,
 * configuration space and frames at random. The model reads and writes within its own memory and
 * within DMA memory (ASan; what is outside of it is a reported error), ends each piece of work, and
 * answers after a reset.
 */
#include "tests/fuzz/nic.h"
#include "tests/unit/drivers/model_nicsim.h"
#include "tools/nicsim/sim.h"

#include <stdio.h>
#include <stdlib.h>

enum { OPS_MAX = 400, WORK_MAX = 100000 };

static struct nicsim_dev *dev;

static u64 offset(struct fuzz_in *in, u32 bar)
{
	u32 off = in16(in);

	off |= (u32)in8(in) << 16;
	return off % MAX(dev->bar[bar].size, 4ull) & ~3ull;
}

/* A value, or an address that is DMA memory. */
static u32 value(struct fuzz_in *in)
{
	u64 iova = 0;

	switch (in8(in) % 4) {
	case 0:
		return in8(in);
	case 1:
		return 1u << in8(in) % 32;
	case 2:
		fuzz_place(in, 1, &iova);
		return (u32)(in8(in) & 1 ? iova >> 32 : iova);
	default:
		return in32(in);
	}
}

static void operation(struct fuzz_in *in, u64 *again)
{
	u32 bar = 0;

	switch (in8(in) % 12) {
	case 0:
	case 1:
	case 2:
		*again = offset(in, bar);
		nicsim_bar_write(dev, bar, *again, 4, value(in));
		break;
	case 3: /* the same register, or its neighbour */
		*again = (*again + (in8(in) & 1 ? 4 : 0)) % dev->bar[0].size;
		nicsim_bar_write(dev, 0, *again & ~3ull, 4, value(in));
		break;
	case 4:
		*again = offset(in, bar);
		nicsim_bar_read(dev, bar, *again, 4);
		break;
	case 5:
	case 6:
		fuzz_scribble(in);
		break;
	case 7:
		fuzz_inject(in);
		break;
	case 8:
		rig.now += in32(in) % 50000000;
		rig_tick();
		break;
	case 9: {
		u8 which = in8(in);

		fuzz_fault(which, in8(in), in16(in));
		break;
	}
	case 10: {
		u32 size = 1u << in8(in) % 3, off = in16(in) % 4096 & ~(size - 1);

		/* Not the place of the BARs and bus mastering: they would end all. */
		if (off >= 0x40)
			nicsim_cfg_write(dev, off, size, in32(in));
		break;
	}
	default:
		if (in8(in) % 8 == 0)
			nicsim_reset(dev);
		else
			nicsim_light_set(model_nicsim_wire(rig.model), in8(in) & 1);
		nicsim_cfg_write(dev, 4, 2, 7);
		break;
	}
	rig.model->sent_tail = rig.model->sent_head;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };
	u64 again = 0;

	fuzz_begin(&in);
	dev = model_nicsim_dev(rig.model);
	for (u32 n = 0; in.n && n < OPS_MAX; n++)
		operation(&in, &again);
	if (nicsim_run(dev->sim, WORK_MAX)) {
		fprintf(stderr, "fuzz: work without an end\n");
		abort();
	}
	nicsim_reset(dev);
	fuzz_drop();
	return 0;
}
