// SPDX-License-Identifier: MIT
/* virtio-net and the model of its unit tests: split, packed, with and without pairs, mergeable. */
#include "tests/fuzz/nic.h"
#include "tests/unit/drivers/model_virtio.h"

enum { PAIRS = 1, EVENT = 2, PACKED = 4, MERGE = 8, VARIANTS = 9 };

static struct model *model(u32 variant)
{
	u64 more = (variant & PAIRS ? MODEL_MQ | MODEL_RSS : 0) |
		   (variant & EVENT ? MODEL_EVENT : 0) | (variant & PACKED ? MODEL_PACKED : 0);
	struct model *m = model_virtio_with(more, variant & PAIRS ? 2 : 1);
	struct model_virtio *d = (struct model_virtio *)m;

	if (variant & MERGE)
		d->wanted = MODEL_MRG;
	d->hash_at = 33;
	m->tick = m->run;
	return m;
}

const struct fuzz_chip fuzz_chip = {
	.model = model,
	.reset = model_virtio_reset,
	.variants = VARIANTS,
	.runts = true,
	.driver = &virtio_net_driver,
	.vendor = 0x1af4,
	.device = 0x1041,
	.queues = 2,
};
