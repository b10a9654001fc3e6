// SPDX-License-Identifier: MIT
/* What the parts of arpd's core ask of each other: core.c has the neighbours, arp.c, nd.c, dad.c
 * and ra.c the protocols. */
#pragma once

#include "apps/arpd/core.h"

/* core.c */
u32 arpd_random(struct arpd *a);
/* A timer has to run at `when` (ms; 0: none). */
void arpd_due(struct arpd *a, u64 when);
/* Sends a frame; false and counted when the kernel refuses it. */
bool arpd_send(struct arpd *a, const struct iface *i, const u8 *frame, size_t n);
/* NULL and counted when the interface is unknown or down. */
struct iface *arpd_live_iface(struct arpd *a, u16 ifid);
/* One step of an entry and what follows from it. The entry may be gone afterwards. */
void arpd_step(struct arpd *a, struct iface *i, struct entry *e, struct neigh_input in);
/* A new entry that we have been told of; NULL and counted when there is no room. */
struct entry *arpd_learn(struct arpd *a, struct iface *i, struct pix_ip addr, u64 now);
/* Somebody else uses an own address. True: it is time to defend it, and the log was told. */
bool arpd_conflict(struct arpd *a, struct iface *i, struct own_addr *o, const u8 *mac, u64 now);

/* arp.c: ask a neighbour (dst: its MAC, or NULL for all); an own address is announced. */
void arp_ask(struct arpd *a, struct iface *i, struct pix_ip addr, const u8 *dst);
void arp_announce(struct arpd *a, struct iface *i, struct own_addr *o, u64 now);

/* nd.c: the same; true if a solicitation went out. */
void nd_ask(struct arpd *a, struct iface *i, struct pix_ip addr, const u8 *dst);
void nd_announce(struct arpd *a, struct iface *i, struct own_addr *o, u64 now);

/* dad.c: the next probe, or the verdict, of a tentative address. */
void dad_step(struct arpd *a, struct iface *i, struct own_addr *o, u64 now);
void dad_duplicate(struct arpd *a, struct iface *i, struct own_addr *o, const u8 *mac);

/* ra.c */
void ra_update(struct arpd *a, struct iface *i, const struct pix_ra *conf, bool changed, u64 now);
void ra_solicited(struct arpd *a, struct iface *i, u64 now);
/* Sends what is due; asks for the next timer. */
void ra_due(struct arpd *a, struct iface *i, u64 now);
/* Seconds that hosts use this router, as it is announced. */
u16 ra_lifetime(const struct iface *i);
/* Adds the networks that are announced to *r, which has none. */
void ra_prefixes(struct nd_router *r, const struct iface *i);
void ra_stop(struct arpd *a, struct iface *i, u64 now);
