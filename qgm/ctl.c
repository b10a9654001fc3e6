// SPDX-License-Identifier: MIT
/*
 * The control block (ctl.h): made once at boot. Its constant part (magic, version, counts, ring
 * addresses) is covered by a checksum, so that a restarted generic partition knows what it found.
 */
#include "qgm/ctl.h"

#include "qgm/env.h"

static struct ctl *the_ctl __boot_const;

struct ctl *ctl_block(void)
{
	return the_ctl;
}

int ctl_init(void)
{
	struct ctl *c = env_alloc(ENV_CTL, sizeof(*c), 4096, 0);

	if (!c)
		return -12; /* ENOMEM */
	c->magic = CTL_MAGIC;
	c->version = CTL_VERSION;
	the_ctl = c;
	return 0;
}

int ctl_add_region(u64 base, u64 len, u32 node)
{
	if (the_ctl->region_count == CTL_REGIONS)
		return -28; /* ENOSPC */
	the_ctl->region[the_ctl->region_count++] = (struct ctl_region){ base, len, node, 0 };
	return 0;
}

/* FNV-1a, 32 bits, over one word. */
static u32 mix(u32 h, u64 v)
{
	for (u32 i = 0; i < 8; i++) {
		h = (h ^ (u32)(v & 0xff)) * 16777619u;
		v >>= 8;
	}
	return h;
}

u32 ctl_checksum(const struct ctl *c)
{
	u32 h = 2166136261u;

	h = mix(h, (u64)c->magic << 32 | c->version);
	h = mix(h, c->qgm_count);
	h = mix(h, (u64)c->writer);
	h = mix(h, c->region_count);
	for (u32 i = 0; i < MIN(c->region_count, (u32)CTL_REGIONS); i++) {
		h = mix(h, c->region[i].base);
		h = mix(h, c->region[i].len);
		h = mix(h, c->region[i].node);
	}
	for (u32 i = 0; i < MIN(c->qgm_count, (u32)QGM_MAX); i++) {
		const struct ctl_qgm *q = &c->qgm[i];

		h = mix(h, (u64)q->cmd);
		h = mix(h, (u64)q->event);
		h = mix(h, (u64)q->punt);
		h = mix(h, (u64)q->inject);
		h = mix(h, (u64)q->counters);
		h = mix(h, (u64)q->ifcount);
		h = mix(h, (u64)q->snapshot);
		h = mix(h, (u64)q->fdb);
	}
	return h;
}

void ctl_seal(void)
{
	the_ctl->checksum = ctl_checksum(the_ctl);
}

bool ctl_valid(const struct ctl *c)
{
	return c && c->magic == CTL_MAGIC && c->version == CTL_VERSION && c->qgm_count <= QGM_MAX &&
	       c->checksum == ctl_checksum(c);
}
