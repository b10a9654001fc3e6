// SPDX-License-Identifier: MIT
/* Guest memory that came as file descriptors, mapped here, and made known to a device. */
#pragma once

#include "tools/nicsim/sim.h"

struct guestmem {
	struct guestmem_map {
		u64 gpa, size, offset, dev, ino;
		void *map; /* page aligned, map_len bytes */
		u64 map_len;
	} map[NICSIM_REGIONS];
	u32 n;
};

/* Map [offset, offset+size) of fd at guest address gpa. NULL, or what is wrong; fd stays open. */
const char *guestmem_add(struct guestmem *g, struct nicsim_dev *dev, int fd, u64 gpa, u64 size,
			 u64 offset);
/* The region that is exactly that; false: there is none. */
bool guestmem_del(struct guestmem *g, struct nicsim_dev *dev, u64 gpa, u64 size);
/* Is the region there already, of the same file? */
bool guestmem_same(const struct guestmem *g, u32 i, int fd, u64 gpa, u64 size, u64 offset);
void guestmem_clear(struct guestmem *g, struct nicsim_dev *dev);
