// SPDX-License-Identifier: MIT
/* The rules' common ground: what has been collected of a configuration, and how to refuse it. */
#pragma once

#include "apps/confd/model.h"

/* An interface with addresses (or with IPv6 alone), as configured. */
struct routed {
	const struct conf_node *node;
	char name[PIX_NAME];
	const char *vrf; /* "" the default one */
};

/* One address of the router, with its prefix and where it was configured. */
struct own {
	struct pix_ip ip;
	u8 len;
	const struct conf_node *node;
	u32 on; /* number of its struct routed */
};

struct checker {
	const struct conf *conf;
	const struct inventory *inv;
	struct conf_error *err;
	struct text *warn;
	struct own *own;
	struct routed *routed;
	u32 owns, routeds;
	u32 room; /* of both arrays, in interfaces */
};

/* Refuse the configuration because of this word. Returns -1. */
int check_fail(struct checker *k, const struct conf_node *at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* check_iface.c: collects k->own and k->routed on its way. */
int check_interfaces(struct checker *k);
/* check_routes.c, check_steering.c */
int check_routes(struct checker *k);
int check_steering(struct checker *k);
