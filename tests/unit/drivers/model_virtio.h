// SPDX-License-Identifier: MIT
/*
 * A model of a virtio 1.x network device behind PCI, from the OASIS specification: capabilities in
 * configuration space, the status machine, two split virtqueues, no offloads. Checks the driver
 * at each step, and lies in the used rings on command.
 */
#pragma once

#include "tests/unit/drivers/rig.h"

struct model_virtio {
	struct model m; /* first */
	u64 offered;    /* features */
	u64 taken;
	u32 feature_sel, driver_sel;
	u8 status;
	u8 generation;
	bool unstable; /* the generation moves at each read */
	bool refuse;   /* FEATURES_OK does not stick */
	bool polls;    /* asks for no doorbells */
	u16 mtu;
	u16 queue_max;
	u16 selected;
	struct vq {
		u16 size, vector, enabled;
		u64 desc, avail, used;
		u16 seen; /* of the available ring */
		u32 kicks;
	} q[2];
	/* Lies in the next receive entries: -1 none. */
	s64 lie_id, lie_len;
	int lie_index; /* added to used.idx */
	u32 reads;
	bool needs_reset;
};

struct model *model_virtio(void);
/* Write one used entry of queue q as it is. */
void model_virtio_used(struct model_virtio *d, u32 q, u32 id, u32 len);
