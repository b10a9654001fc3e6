// SPDX-License-Identifier: MIT
/*
 * ifcount: what went in and out of each sub-interface. Each QGM counts for itself, the frames that
 * it parsed and those that it gave to a NIC; ports have counters of their own (qgm.h), and a burst
 * of a port without sub-interfaces costs one look at its map of VLANs.
 */
#pragma once

#include "qgm/iface.h"

struct packet;
struct qgm;

/* Written by one QGM, in ENV_COUNTERS memory. */
struct ifcount {
	u64 rx, rx_bytes, tx, tx_bytes;
};

enum { IFCOUNT_FIRST = PORT_MAX, IFCOUNTS = IFACE_MAX - PORT_MAX }; /* lower ids are ports' */

/* QGM: n frames of a port with sub-interfaces were parsed; were given to its NIC, or (undo) were
 * not taken. */
void ifcount_rx(struct qgm *q, struct packet *const *p, u32 n);
void ifcount_tx(struct qgm *q, struct packet *const *p, u32 n, bool undo);

/* Generic side: the interface is new, it counts from 0. */
void ifcount_born(u16 ifid);

/* Generic side: counters of the sub-interfaces from number `start` on; returns how many were
 * written, *total: how many there are. */
u32 ifcount_list(u32 start, struct pix_if_count *out, u32 max, u32 *total);
