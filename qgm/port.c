// SPDX-License-Identifier: MIT
/* port: the registry of network ports. Filled by drivers on the boot CPU, constant afterwards. */
#include "qgm/port.h"

#include "qgm/env.h"

static struct port *ports[PORT_MAX] __boot_const;
static u16 nports __boot_const;

struct port *port_alloc(u32 node)
{
	struct port *p = env_alloc(ENV_COUNTERS, sizeof(struct port), CACHE_LINE, node);

	if (p)
		p->numa = (u16)node;
	return p;
}

int port_register(struct port *p)
{
	u16 id = MAX(nports, (u16)1); /* 0 is the host pseudo-port */

	if (id >= PORT_MAX)
		return -28; /* ENOSPC */
	p->id = id;
	p->name[0] = 'e';
	p->name[1] = 't';
	p->name[2] = 'h';
	if (id > 10) {
		p->name[3] = (char)('0' + (id - 1) / 10);
		p->name[4] = (char)('0' + (id - 1) % 10);
	} else {
		p->name[3] = (char)('0' + (id - 1));
	}
	if (!p->mtu)
		p->mtu = PORT_MTU_DEFAULT;
	p->mtu_max = MAX(p->mtu_max, p->mtu);
	ports[id] = p;
	nports = (u16)(id + 1);
	return 0;
}

struct port *port_get(u16 id)
{
	return id < nports ? ports[id] : NULL;
}

u16 port_count(void)
{
	return MAX(nports, (u16)1);
}

void port_forget_all(void)
{
	nports = 0;
}
