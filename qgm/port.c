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

/* --- what else it has to tell (portinfo.h) --------------------------------------------------- */

int port_stats_alloc(struct port *p, const char *const *names, u32 count)
{
	if (count > PORT_STATS_MAX)
		return -22; /* EINVAL */
	p->stats.value = env_alloc(ENV_COUNTERS, count * sizeof(u64), CACHE_LINE, p->numa);
	if (!p->stats.value)
		return -12; /* ENOMEM */
	p->stats.name = names;
	p->stats.count = count;
	return 0;
}

int port_regs_alloc(struct port *p, const struct port_reg *table, u32 count)
{
	if (count > PORT_REGS_MAX)
		return -22; /* EINVAL */
	p->regs.value = env_alloc(ENV_COUNTERS, count * sizeof(u64), CACHE_LINE, p->numa);
	if (!p->regs.value)
		return -12; /* ENOMEM */
	p->regs.table = table;
	p->regs.count = count;
	return 0;
}

void port_module_set(struct port *p, const struct port_module *m)
{
	struct port_module_box *box = &p->module;

	store_relaxed(&box->version, box->version + 1);
	fence_release(); /* odd before the contents */
	box->m = *m;
	store_release(&box->version, box->version + 1); /* pairs with port_module_get() */
}

bool port_module_get(const struct port *p, struct port_module *m)
{
	const struct port_module_box *box = &p->module;

	for (u32 tries = 0; tries < 100; tries++) {
		u32 before = load_acquire(&box->version);

		*m = box->m;
		fence_acquire();
		if (!(before & 1) && load_relaxed(&box->version) == before)
			return true;
		cpu_pause();
	}
	return false;
}

void port_module_text(char *to, u32 room, const u8 *from, u32 len)
{
	u32 n = 0;

	for (u32 i = 0; i < len && i + 1 < room; i++) {
		to[i] = from[i] >= 0x20 && from[i] < 0x7f ? (char)from[i] : '?';
		if (from[i] != ' ' && from[i])
			n = i + 1;
	}
	to[n] = 0;
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
