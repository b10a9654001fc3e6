// SPDX-License-Identifier: MIT
/* The shows: each builds JSON (docs/json.md) and renders its text from that JSON. */
#pragma once

#include "apps/pash/grammar.h"

extern const struct show show_version, show_cpu, show_memory, show_log; /* show_system.c */
extern const struct show show_interfaces;                               /* show_interfaces.c */
extern const struct show show_registers;                                /* show_port.c */
extern const struct show show_routes, show_route_summary;               /* show_routes.c */
extern const struct show show_vrfs;                                     /* vrfs.c */
extern const struct show show_arp, show_neighbors, show_ra;             /* show_tables.c */
extern const struct show show_mac, show_bridges;
extern const struct show show_steering, show_flows;        /* show_steering.c */
extern const struct show show_qgm, show_drops;             /* show_qgm.c */
extern const struct show show_conservation;                /* show_conservation.c */
extern const struct show show_services, show_arp_counters; /* services.c */
extern const struct show show_history;                     /* conf.c */

/* Names of interfaces by id, read once per show (names.c). */
struct names;
struct names *names_read(void); /* never NULL but without memory */
/* "eth0", "" for id 0, "if7" for an unknown one; valid until the next call. */
const char *names_of(const struct names *n, unsigned id);
void names_free(struct names *n);

/* The name of a VRF's table, "" for the default one or without confd; valid until the next call. */
const char *vrf_names_of(struct session *s, unsigned table);

/* Read a whole table or fail with a sentence that names it. 0 or -1. */
int show_list(struct session *s, unsigned what, unsigned elem_size, void **array, unsigned *count);
/* show_port.c: what the driver of a port tells besides: queues, module, statistics. */
struct pix_port;
void put_port_detail(struct session *s, struct json_writer *w, const struct pix_port *p);
void render_port_detail(const struct json *i, struct text *out);

/* A pool's counters, as in `show conservation` and `show memory`. */
int show_pools(struct session *s, struct json_writer *w, unsigned long long *lost);
void render_pools(const struct json *doc, struct text *out);

/* busy / total in thousandths, without overflow. */
static inline unsigned load_permille(unsigned long long busy, unsigned long long total)
{
	while (total >> 50) {
		total >>= 1;
		busy >>= 1;
	}
	return !total ? 0 : busy >= total ? 1000 : (unsigned)(busy * 1000 / total);
}
