// SPDX-License-Identifier: MIT
/*
 * What a configuration means: the interfaces, bridges and static routes that the kernel is to have.
 * The difference of two models is the list of operations of one transaction.
 */
#pragma once

#include "apps/confd/conf.h"
#include "libc/include/pix/dev.h"

/* The interfaces there are, as the kernel lists them, and the largest MTU of their ports. */
struct inventory {
	struct pix_iface *iface;
	u32 *mtu; /* of the port, its default too */
	u32 count;
};

int inventory_read(struct inventory *inv); /* from the kernel; 0 or -errno */
void inventory_free(struct inventory *inv);
const struct pix_iface *inventory_find(const struct inventory *inv, const char *name);

struct model {
	struct pix_iface *iface; /* one per interface of the inventory, in its order */
	u32 ifaces;
	struct pix_route *route; /* sorted by address, then length */
	u32 routes;
	u32 ageing[64]; /* seconds by bridge domain number, 0: default */
};

/* model.c. A tree that conf_check() accepted gives a model; 0 or -1 with *err. */
int model_build(struct model *m, const struct conf *c, const struct inventory *inv,
		struct conf_error *err);
/* The model of a system whose kernel tables are as they are now (a restarted confd). 0 or -errno */
int model_read(struct model *m, const struct inventory *inv);
void model_free(struct model *m);

/*
 * Operations that lead from a to b, in an order in which each step is valid: what goes away first.
 * *ops is malloc'ed. Returns their number or -1 without memory.
 */
int model_diff(const struct model *a, const struct model *b, struct pix_op **ops);

/* Who an operation is about, for messages: "eth0", "route 10.0.0.0/8", "br0". Returns buf. */
char *op_subject(char *buf, size_t n, const struct pix_op *op);

/*
 * check.c: rules that a single value cannot break. 0, or -1 with the first broken one in *err (line
 * and text). warn takes sentences that do not forbid a commit, one per line.
 */
int conf_check(const struct conf *c, const struct inventory *inv, struct conf_error *err,
	       struct text *warn);
