// SPDX-License-Identifier: MIT
/*
 * The contents of the lists of /dev/pix/stat. Each function writes up to `max` elements from number
 * `start` on to `out`, sets *total, and returns how many it wrote. Control lock held.
 */
#pragma once

#include "kernel/types.h"
#include "libc/include/pix/dev.h"

void stat_info(struct pix_info *i);

u32 stat_cpus(u32 start, void *out, u32 max, u32 *total);
u32 stat_ports(u32 start, void *out, u32 max, u32 *total);
u32 stat_ifaces(u32 start, void *out, u32 max, u32 *total);
u32 stat_qgms(u32 start, void *out, u32 max, u32 *total);
u32 stat_drops(u32 start, void *out, u32 max, u32 *total);
/* Goes on at the cursor (struct control_routes, zero to begin with) and moves it. */
u32 stat_routes(u64 cursor[4], void *out, u32 max, u32 *total);
/* Of port cursor[0], from number cursor[1] on. */
u32 stat_statistics(u64 cursor[4], void *out, u32 max, u32 *total);
u32 stat_registers(u64 cursor[4], void *out, u32 max, u32 *total);
u32 stat_tables(u32 start, void *out, u32 max, u32 *total);
u32 stat_gateways(u32 start, void *out, u32 max, u32 *total);
u32 stat_neighs(u32 start, void *out, u32 max, u32 *total);
u32 stat_macs(u32 start, void *out, u32 max, u32 *total);
u32 stat_bridges(u32 start, void *out, u32 max, u32 *total);
u32 stat_pools(u32 start, void *out, u32 max, u32 *total);
u32 stat_conservation(u32 start, void *out, u32 max, u32 *total);
u32 stat_port_law(u32 start, void *out, u32 max, u32 *total);
u32 stat_steer(u32 start, void *out, u32 max, u32 *total);
u32 stat_flows(u32 start, void *out, u32 max, u32 *total);
u32 stat_if_counts(u32 start, void *out, u32 max, u32 *total);
