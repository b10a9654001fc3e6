// SPDX-License-Identifier: MIT
/* Steering in the model: modes of ports and rules for flows, see model.h. */
#include "apps/confd/model.h"

#include "apps/lib/netaddr.h"
#include "apps/lib/pixdev.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static u16 number(const char *s)
{
	return s ? (u16)strtoul(s, NULL, 10) : 0;
}

static void build_port(struct steering *s, u16 port, const struct conf_node *n)
{
	const char *mode = conf_value(n, "mode"), *workers = conf_value(n, "workers");

	if (!mode && !workers)
		return;
	s->port[port].set = true;
	s->port[port].mode = !mode || strcmp(mode, "run-to-completion") == 0 ? PIX_STEER_RTC
			     : strcmp(mode, "rps") == 0                      ? PIX_STEER_RPS
									     : PIX_STEER_PIPELINE;
	s->port[port].workers = workers ? value_qgms(workers) : 0;
}

static u8 protocol(const char *word, bool v6)
{
	if (!word)
		return 0;
	if (strcmp(word, "tcp") == 0)
		return 6;
	if (strcmp(word, "udp") == 0)
		return 17;
	if (strcmp(word, "sctp") == 0)
		return 132;
	if (strcmp(word, "icmp") == 0)
		return v6 ? 58 : 1;
	return (u8)number(word);
}

static void build_flow(struct pix_flow *f, const struct conf_node *n)
{
	const char *src = conf_value(n, "source"), *dst = conf_value(n, "destination");

	if (src)
		netaddr_parse_ip(src, &f->src);
	if (dst)
		netaddr_parse_ip(dst, &f->dst);
	f->proto = protocol(conf_value(n, "protocol"),
			    (src && !pix_ip_is4(f->src)) || (dst && !pix_ip_is4(f->dst)));
	f->sport = number(conf_value(n, "source-port"));
	f->dport = number(conf_value(n, "destination-port"));
	f->qgm = number(conf_value(n, "qgm"));
}

int steering_build(struct model *m, const struct conf *c, const struct inventory *inv)
{
	const struct conf_node *all = conf_child(c->root, "steering"), *n;
	const struct conf_node *ports = conf_child(all, "interface"),
			       *flows = conf_child(all, "flow");

	m->steering = calloc(1, sizeof(*m->steering));
	if (!m->steering)
		return -ENOMEM;
	build_port(m->steering, 0, all);
	for (n = ports ? ports->child : NULL; n; n = n->next) {
		const struct pix_iface *i = inventory_port(inv, n->word);

		if (i && i->id < MODEL_PORTS)
			build_port(m->steering, i->id, n);
	}
	for (n = flows ? flows->child : NULL; n && m->steering->flows < PIX_FLOWS_MAX; n = n->next)
		build_flow(&m->steering->flow[m->steering->flows++], n);
	return 0;
}

int steering_read(struct model *m)
{
	void *ports, *flows;
	u32 n, count;
	int r;

	m->steering = calloc(1, sizeof(*m->steering));
	if (!m->steering)
		return -ENOMEM;
	r = pixdev_list(PIX_LIST_STEER, sizeof(struct pix_steer), &ports, &n);
	if (r)
		return r;
	for (u32 i = 0; i < n; i++) {
		const struct pix_steer *p = (struct pix_steer *)ports + i;

		if (p->port >= MODEL_PORTS || (p->port && !p->own) ||
		    (!p->port && p->mode == PIX_STEER_RTC))
			continue;
		m->steering->port[p->port].set = true;
		m->steering->port[p->port].mode = p->mode;
		m->steering->port[p->port].workers = p->workers;
	}
	free(ports);
	r = pixdev_list(PIX_LIST_FLOW, sizeof(struct pix_flow), &flows, &count);
	if (r)
		return r;
	m->steering->flows = count < PIX_FLOWS_MAX ? count : PIX_FLOWS_MAX;
	if (count)
		memcpy(m->steering->flow, flows, m->steering->flows * sizeof(struct pix_flow));
	free(flows);
	return 0;
}

static bool same_match(const struct pix_flow *a, const struct pix_flow *b)
{
	return pix_ip_eq(a->src, b->src) && pix_ip_eq(a->dst, b->dst) && a->proto == b->proto &&
	       a->sport == b->sport && a->dport == b->dport;
}

static const struct pix_flow *find_flow(const struct steering *s, const struct pix_flow *f)
{
	for (u32 i = 0; i < s->flows; i++)
		if (same_match(&s->flow[i], f))
			return &s->flow[i];
	return NULL;
}

u32 steering_diff(const struct model *a, const struct model *b, struct pix_op *ops)
{
	static const struct steering none;
	const struct steering *x = a->steering ? a->steering : &none,
			      *y = b->steering ? b->steering : &none;
	u32 n = 0;

	for (u16 i = 0; i < MODEL_PORTS; i++) {
		u16 unset = i ? PIX_STEER_DEFAULT : PIX_STEER_RTC;

		if (x->port[i].set == y->port[i].set && x->port[i].mode == y->port[i].mode &&
		    x->port[i].workers == y->port[i].workers)
			continue;
		ops[n++] = (struct pix_op){
			.kind = PIX_OP_STEER_SET,
			.steer = { .port = i,
				   .mode = y->port[i].set ? y->port[i].mode : unset,
				   .workers = y->port[i].set ? y->port[i].workers : 0 }
		};
	}
	for (u32 i = 0; i < x->flows; i++)
		if (!find_flow(y, &x->flow[i]))
			ops[n++] = (struct pix_op){ .kind = PIX_OP_FLOW_DEL, .flow = x->flow[i] };
	for (u32 i = 0; i < y->flows; i++) {
		const struct pix_flow *was = find_flow(x, &y->flow[i]);

		if (!was || was->qgm != y->flow[i].qgm)
			ops[n++] = (struct pix_op){ .kind = PIX_OP_FLOW_SET, .flow = y->flow[i] };
	}
	return n;
}
