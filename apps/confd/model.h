// SPDX-License-Identifier: MIT
/*
 * What a configuration means: the interfaces, bridges and static routes that the kernel is to have.
 * The difference of two models is the list of operations of one transaction.
 */
#pragma once

#include "apps/confd/conf.h"
#include "libc/include/pix/dev.h"

/* Ids of interfaces that are no ports; confd chooses them and keeps them while they live. */
#define IF_ID_FIRST 64
#define IF_ID_LAST  511

/* inventory.c: the interfaces there are, as the kernel lists them, and the largest MTU of their
 * ports. */
struct inventory {
	struct pix_iface *iface;
	u32 *mtu; /* largest of the port */
	u32 count;
};

int inventory_read(struct inventory *inv); /* from the kernel; 0 or -errno */
void inventory_free(struct inventory *inv);
/* NULL: there is none of that name; the second: none that is a port. */
const struct pix_iface *inventory_find(const struct inventory *inv, const char *name);
const struct pix_iface *inventory_port(const struct inventory *inv, const char *name);
/* Of an element of the inventory. */
u32 inventory_mtu(const struct inventory *inv, const struct pix_iface *i);

#define MODEL_VRFS    16
#define MODEL_BRIDGES 32

#define MODEL_PORTS 64

/* Who works on what a port receives (steering.c). */
struct steering {
	struct {
		bool set;
		u16 mode; /* enum pix_steer_mode */
		u64 workers;
	} port[MODEL_PORTS]; /* [0]: the default */
	struct pix_flow flow[PIX_FLOWS_MAX];
	u32 flows;
};

struct model {
	struct pix_iface *iface; /* the ports of the inventory in its order, then all others */
	u32 ifaces, ports;
	struct pix_route *route; /* an element for each path, see route_compare() */
	u32 routes;
	struct pix_bridge bridge[MODEL_BRIDGES]; /* by domain: ageing_s and mac_limit, 0 default */
	char vrf[MODEL_VRFS][PIX_NAME];          /* names by number of the table; "" none */
	struct steering *steering;               /* NULL: none */
};

/*
 * model.c. A tree that conf_check() accepted gives a model; 0 or -1 with *err. Numbers that the
 * configuration leaves open are those of `before` (may be NULL) if it has them.
 */
int model_build(struct model *m, const struct conf *c, const struct inventory *inv,
		const struct model *before, struct conf_error *err);
void model_free(struct model *m);
/* Ports of the inventory, in service and without a use; nothing else. 0 or -ENOMEM. */
int model_blank(struct model *m, const struct inventory *inv);
/* By table, prefix, gateway and interface: paths of a route stand together. */
int route_compare(const void *a, const void *b);

/* steering.c. What the configuration, or the kernel, says; 0 or -errno. And what leads from one to
 * the other: at most MODEL_PORTS + 2 * PIX_FLOWS_MAX operations. */
int steering_build(struct model *m, const struct conf *c, const struct inventory *inv);
int steering_read(struct model *m);
u32 steering_diff(const struct model *a, const struct model *b, struct pix_op *ops);

/* difference.c. The model of a system whose kernel tables are as they are now (a restarted confd).
 * 0 or -errno */
int model_read(struct model *m, const struct inventory *inv);

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
