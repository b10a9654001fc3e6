// SPDX-License-Identifier: MIT
/* A machine's NICs: making and freeing devices, resets, the clock, and the loop over work, timers
 * and wires. */
#include "tools/nicsim/sim.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "tools/nicsim/option.h"
#include "tools/nicsim/wire.h"

enum { WIRE_BURST = 64 };

const struct nicsim_model *nicsim_model_find(const char *name)
{
	for (const struct nicsim_model *const *m = nicsim_models; *m; m++)
		if (!strcmp((*m)->name, name))
			return *m;
	return NULL;
}

struct nicsim *nicsim_create(void)
{
	struct nicsim *sim = calloc(1, sizeof(*sim));

	if (sim)
		sim->eager = true;
	return sim;
}

void nicsim_destroy(struct nicsim *sim)
{
	if (!sim)
		return;
	for (u32 i = 0; i < sim->ndevs; i++)
		nicsim_dev_free(sim->dev[i]);
	free(sim);
}

/* --- devices -------------------------------------------------------------------------------- */

void nicsim_dev_free(struct nicsim_dev *dev)
{
	for (u32 i = 0; dev->vf && i < dev->model->vfs; i++)
		if (dev->vf[i])
			nicsim_dev_free(dev->vf[i]);
	free(dev->vf);
	if (dev->state && dev->model->destroy)
		dev->model->destroy(dev);
	free(dev->state);
	nicsim_wire_destroy(dev->wire);
	nicsim_fault_free(dev);
	if (!dev->pf)
		nicsim_options_free(dev->option);
	free(dev->msix);
	free(dev);
}

static bool known(const struct nicsim_model *m, const char *name)
{
	static const char *const core[] = { "mac",   "id",  "seed", "trace",
					    "fault", "vfs", "msi",  NULL };

	for (const char *const *o = core; *o; o++)
		if (!strcmp(*o, name))
			return true;
	for (const char *const *o = m->options; o && *o; o++)
		if (!strcmp(*o, name))
			return true;
	return false;
}

static bool parse_mac(const char *text, u8 *mac)
{
	unsigned b[6];
	char end;

	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x%c", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5],
		   &end) != 6)
		return false;
	for (u32 i = 0; i < 6; i++)
		mac[i] = (u8)b[i];
	return true;
}

static bool number(const char *text, u64 *v)
{
	char *end;

	*v = strtoull(text, &end, 0);
	return *text && !*end;
}

static bool arm(struct nicsim_dev *dev, const char *text)
{
	char name[32] = "";
	unsigned long long count = 1, arg = 0;
	size_t len = strcspn(text, ":");

	if (len >= sizeof(name))
		return false;
	memcpy(name, text, len);
	if (text[len] &&
	    sscanf(text + len, ":%lli:%lli", (long long *)&count, (long long *)&arg) < 1)
		return false;
	return nicsim_fault_set(dev, name, count, arg);
}

/* Options that the core knows. */
static bool options_apply(struct nicsim_dev *dev, char *why, size_t whysize)
{
	static u32 serial;
	const char *id = nicsim_option(dev, "id"), *mac = nicsim_option(dev, "mac");

	dev->mac[0] = 0x52;
	dev->mac[1] = 0x54;
	dev->mac[4] = (u8)(++serial >> 8);
	dev->mac[5] = (u8)serial;
	dev->seed = serial;
	snprintf(dev->id, sizeof(dev->id), "%s", id ? id : dev->model->name);
	for (const struct nicsim_option *o = dev->option; o; o = o->next)
		if (!known(dev->model, o->name)) {
			snprintf(why, whysize, "%s: no option \"%s\"", dev->model->name, o->name);
			return false;
		}
	if (mac && (!parse_mac(mac, dev->mac) || (dev->mac[0] & 1))) {
		snprintf(why, whysize, "%s: mac=%s is no unicast address", dev->id, mac);
		return false;
	}
	if (nicsim_option(dev, "seed") && !number(nicsim_option(dev, "seed"), &dev->seed)) {
		snprintf(why, whysize, "%s: seed=%s is no number", dev->id,
			 nicsim_option(dev, "seed"));
		return false;
	}
	dev->trace = nicsim_option(dev, "trace") != NULL;
	return true;
}

static bool vfs_make(struct nicsim_dev *dev, char *why, size_t whysize)
{
	const struct nicsim_model *m = dev->model;
	const char *forced = nicsim_option(dev, "vfs");
	u64 on = 0;

	if (dev->pf)
		return true;
	if (forced && (!number(forced, &on) || !m->vf || on > m->vfs)) {
		snprintf(why, whysize, "%s: vfs=%s, but at most %u", dev->id, forced,
			 m->vf ? m->vfs : 0u);
		return false;
	}
	if (!m->vf)
		return true;
	dev->vf = calloc(m->vfs, sizeof(struct nicsim_dev *));
	for (u32 i = 0; i < m->vfs; i++) {
		dev->vf[i] = nicsim_dev_make(dev->sim, m->vf, dev->option, dev->bars32, dev, i, why,
					     whysize);
		if (!dev->vf[i])
			return false;
	}
	dev->vfs_on = (u32)on;
	return true;
}

struct nicsim_dev *nicsim_dev_make(struct nicsim *sim, const struct nicsim_model *model,
				   struct nicsim_option *options, bool bars32,
				   struct nicsim_dev *pf, u32 vf, char *why, size_t whysize)
{
	struct nicsim_dev *dev = calloc(1, sizeof(*dev));
	const char *reason = "cannot be made";

	dev->sim = sim;
	dev->model = model;
	dev->option = options;
	dev->bars32 = bars32;
	dev->timer = ~0ull;
	dev->pf = pf;
	dev->vf_index = vf;
	memcpy(dev->bar, model->bar, sizeof(dev->bar));
	dev->msix_vectors = model->msix_vectors;
	dev->msix_bar = model->msix_bar;
	dev->msix_table = model->msix_table;
	dev->msix_pba = model->msix_pba;
	if (pf) {
		snprintf(dev->id, sizeof(dev->id), "%.20s.vf%u", pf->id, vf);
		memcpy(dev->mac, pf->mac, 6);
		dev->seed = pf->seed + vf + 1;
		dev->trace = pf->trace;
	} else if (!options_apply(dev, why, whysize)) {
		goto fail;
	}
	dev->state = calloc(1, model->state_bytes);
	if (!dev->state)
		reason = "out of memory";
	if (!dev->state || (model->create && model->create(dev, &reason))) {
		snprintf(why, whysize, "%s: %s", dev->id, reason);
		goto fail;
	}
	dev->msix = calloc(MAX(dev->msix_vectors, (u16)1), sizeof(*dev->msix));
	nicsim_config_build(dev);
	nicsim_msix_reset(dev);
	if (!vfs_make(dev, why, whysize))
		goto fail;
	model->reset(dev, NICSIM_RESET_POWER);
	if (dev->vfs_on && model->vfs_changed)
		model->vfs_changed(dev);
	for (const struct nicsim_option *o = pf ? NULL : options; o; o = o->next)
		if (!strcmp(o->name, "fault") && !arm(dev, o->value)) {
			snprintf(why, whysize, "%s: fault=%s is not known", dev->id, o->value);
			goto fail;
		}
	return dev;
fail:
	dev->option = NULL; /* the caller's */
	nicsim_dev_free(dev);
	return NULL;
}

struct nicsim_dev *nicsim_add_model(struct nicsim *sim, const struct nicsim_model *model,
				    const char *options, bool bars32, char *why, size_t whysize)
{
	struct nicsim_option *list;
	struct nicsim_dev *dev;

	why[0] = 0;
	list = nicsim_options_parse(options, why, whysize);
	if (why[0])
		return NULL;
	if (sim->ndevs == NICSIM_DEVS) {
		snprintf(why, whysize, "more than %d devices", NICSIM_DEVS);
		nicsim_options_free(list);
		return NULL;
	}
	dev = nicsim_dev_make(sim, model, list, bars32, NULL, 0, why, whysize);
	if (dev)
		sim->dev[sim->ndevs++] = dev;
	else
		nicsim_options_free(list);
	return dev;
}

struct nicsim_dev *nicsim_add(struct nicsim *sim, const char *spec, bool bars32, char *why,
			      size_t whysize)
{
	char name[32] = "";
	size_t len = strcspn(spec, ",");
	const struct nicsim_model *model;

	if (len < sizeof(name))
		memcpy(name, spec, len);
	model = nicsim_model_find(name);
	if (!model) {
		snprintf(why, whysize, "no model \"%.*s\"", (int)MIN(len, (size_t)64), spec);
		return NULL;
	}
	return nicsim_add_model(sim, model, spec[len] ? spec + len + 1 : "", bars32, why, whysize);
}

struct nicsim_dev *nicsim_find(struct nicsim *sim, const char *id)
{
	for (u32 i = 0; i < sim->ndevs; i++) {
		struct nicsim_dev *dev = sim->dev[i];

		if (!strcmp(dev->id, id))
			return dev;
		for (u32 v = 0; dev->vf && v < dev->model->vfs; v++)
			if (!strcmp(dev->vf[v]->id, id))
				return dev->vf[v];
	}
	return NULL;
}

/* --- resets --------------------------------------------------------------------------------- */

static void reset(struct nicsim_dev *dev, enum nicsim_reset kind)
{
	u32 forced = nicsim_option(dev, "vfs") ? dev->vfs_on : 0;

	dev->timer = ~0ull;
	nicsim_intx(dev, false);
	nicsim_config_reset(dev);
	if (!dev->pf)
		dev->vfs_on = forced;
	dev->model->reset(dev, kind);
	for (u32 i = 0; dev->vf && i < dev->model->vfs; i++)
		reset(dev->vf[i], kind);
	dev->pending = true;
}

void nicsim_reset(struct nicsim_dev *dev)
{
	if (!dev->removed)
		reset(dev, NICSIM_RESET_POWER);
}

void nicsim_flr(struct nicsim_dev *dev)
{
	if (!dev->removed)
		reset(dev, NICSIM_RESET_FLR);
}

/* --- time and work -------------------------------------------------------------------------- */

u64 nicsim_now(const struct nicsim_dev *dev)
{
	const struct nicsim *sim = dev->sim;

	return sim->clock ? sim->clock(sim->clock_arg) : sim->now;
}

void nicsim_timer_at(struct nicsim_dev *dev, u64 when)
{
	dev->timer = MIN(dev->timer, when);
}

void nicsim_kick(struct nicsim_dev *dev)
{
	dev->pending = true;
}

/* xorshift64* (Vigna 2016) */
u64 nicsim_random(struct nicsim_dev *dev)
{
	u64 x = dev->seed + 0x9e3779b97f4a7c15ull;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	dev->seed = x;
	return x * 0x2545f4914f6cdd1dull;
}

void nicsim_work(struct nicsim_dev *dev)
{
	dev->pending = false;
	if (!dev->removed && dev->model->work && dev->model->work(dev))
		dev->pending = true;
}

/* One round for one function; true: something happened or is still to do. */
static bool step(struct nicsim_dev *dev)
{
	u64 now = nicsim_now(dev);
	bool did = false;

	if (dev->timer <= now && !dev->removed) {
		dev->timer = ~0ull;
		if (dev->model->timer)
			dev->model->timer(dev, now);
		if (dev->timer <= now)
			dev->timer = now + 1; /* time goes on between two calls */
		dev->pending = did = true;
	}
	if (dev->pending && !nicsim_wire_full(dev)) {
		nicsim_work(dev);
		did = true;
	}
	if (nicsim_wire_poll(dev, WIRE_BURST))
		dev->pending = did = true;
	for (u32 i = 0; dev->vf && i < dev->vfs_on; i++)
		did |= step(dev->vf[i]);
	return did;
}

bool nicsim_run(struct nicsim *sim, u32 rounds)
{
	bool more = true;

	if (sim->in_work)
		return true;
	sim->in_work = true;
	for (u32 r = 0; more && (!rounds || r < rounds); r++) {
		more = false;
		for (u32 i = 0; i < sim->ndevs; i++)
			more |= step(sim->dev[i]);
	}
	sim->in_work = false;
	return more;
}

static u64 dev_deadline(const struct nicsim_dev *dev)
{
	u64 first = dev->removed ? ~0ull : dev->timer;

	first = MIN(first, nicsim_wire_deadline(dev));
	for (u32 i = 0; dev->vf && i < dev->vfs_on; i++)
		first = MIN(first, dev_deadline(dev->vf[i]));
	return first;
}

u64 nicsim_deadline(const struct nicsim *sim)
{
	u64 first = ~0ull;

	for (u32 i = 0; i < sim->ndevs; i++)
		first = MIN(first, dev_deadline(sim->dev[i]));
	return first;
}

void nicsim_advance(struct nicsim *sim, u64 ns)
{
	u64 end = sim->now + ns;

	for (;;) {
		u64 next = nicsim_deadline(sim);

		nicsim_run(sim, 0);
		next = MIN(nicsim_deadline(sim), next);
		if (next > end)
			break;
		sim->now = MAX(sim->now, next);
		nicsim_run(sim, 0);
		if (next <= sim->now && nicsim_deadline(sim) <= sim->now)
			sim->now++; /* a wire that must wait for its NIC */
		if (sim->now > end)
			break;
	}
	sim->now = MAX(sim->now, end);
	nicsim_run(sim, 0);
}
