// SPDX-License-Identifier: MIT
/*
 * One point: traffic of random length, the fault armed at a random moment (an access to a register
 * or a frame that arrives, so that it falls into the middle of a burst or of a walk), then what the
 * port makes of it. Times are the device's clock.
 */
#include "tests/unit/drivers/r13.h"
#include "tests/unit/drivers/model_nicsim.h"
#include "tests/unit/unit.h"
#include "tools/nicsim/sim.h"

enum { US = 1000, MS = 1000 * US, HIT_MS = 2000, RATE = 8, EVENTS = 64, RING_WORLD = 100 };

static struct {
	const struct r13_fault *fault;
	u32 points, at;
	u64 onset, noticed, back; /* of this point; 0: not yet */
	u64 worst_noticed, worst_back;
	u64 hits, bad, resets, lost;
	bool fired;
} run;

static struct r13_port *main_port(void)
{
	return &r13_world.port[0];
}

static void wrong(const char *what)
{
	struct port *p = main_port()->port;

	fail_msg("%s, point %u: %s (fault %llu ns ago, noticed %lld, state %u, link %u, %llu "
		 "resets, bad %llu)",
		 run.fault->row, run.at, what,
		 (unsigned long long)(run.onset ? rig.now - run.onset : 0),
		 (long long)(run.noticed - run.onset), p->state, p->link,
		 (unsigned long long)p->nic.resets, (unsigned long long)r13_bad());
}

/* --- the fault ------------------------------------------------------------------------------- */

u64 r13_bad_length(void)
{
	static const u16 lengths[] = { 0, 1, 13, 1523, 2048, 0x8000, 0xffff };
	u32 k = r13_below(ARRAY_SIZE(lengths) + 2);

	if (k < ARRAY_SIZE(lengths))
		return lengths[k];
	return k & 1 ? r13_below(14) : 1921 + r13_below(0x10000 - 1921);
}

u64 r13_some(void)
{
	return 1 + r13_below(8);
}

/* Of a virtual function, its own removal; all else befalls the device it is a part of. */
static struct nicsim_dev *device(void)
{
	return run.fault->kind == R13_GONE ? model_nicsim_dev(rig.model)
					   : model_nicsim_wire(rig.model);
}

static void set(u64 count, u64 arg)
{
	const struct r13_fault *f = run.fault;
	struct nicsim_dev *dev;

	if (!f->fault || r13.model) {
		if (f->arm)
			f->arm(count, arg);
		return;
	}
	dev = device();
	if (!nicsim_fault_set(dev, f->fault, count, arg))
		fail_msg("the model has no fault %s", f->fault);
	if (count)
		nicsim_kick(dev);
}

static u64 hits(void)
{
	const struct r13_fault *f = run.fault;

	if (f->arm)
		return f->hits();
	return f->fault && !r13.model ? nicsim_fault_hits(device(), f->fault) : 0;
}

const char *r13_plant = "";

static bool planted(const char *name)
{
	return !strcmp(r13_plant, name);
}

static void fire(void)
{
	u64 arg = run.fault->arg ? run.fault->arg() : 0;

	if (planted("plausible"))
		arg = 70;

	run.fired = true;
	rig.countdown = 0;
	/* What lasts while the port starts, lasts for one look, for some, or for good. */
	if (run.fault->kind == R13_START && r13_below(2))
		set(1 + r13_below(20), arg);
	else
		set(MAX(run.fault->count, 1ull), arg);
}

/* A random event from now on brings it. */
static void fuse(enum r13_kind k)
{
	run.hits = hits();
	run.bad = r13_bad();
	run.resets = main_port()->port->nic.resets;
	run.lost = main_port()->injected - main_port()->delivered;
	run.onset = run.noticed = run.back = 0;
	run.fired = false;
	rig.expired = fire;
	if (k == R13_LINK || k == R13_GONE)
		return;
	rig.countdown = 1 + r13_below(k == R13_START ? 8 * EVENTS : EVENTS);
	if (!r13_below(8))
		fire();
}

/* Turns with traffic both ways until it has happened. */
static void until_hit(void)
{
	u64 begin = rig.now;

	while (!run.onset) {
		u64 was = rig.now;

		if (r13_below(2))
			r13_send(1);
		r13_turn();
		if (hits() != run.hits)
			run.onset = was;
		if (rig.now - begin > (u64)HIT_MS * MS)
			wrong("it never happened");
	}
}

static bool seen(void)
{
	const struct r13_port *w = main_port();

	return r13_bad() != run.bad || w->port->nic.resets != run.resets ||
	       w->port->state == PORT_FAILED;
}

static bool was_reset(void)
{
	return main_port()->port->nic.resets != run.resets;
}

static void until_noticed(bool (*how)(void))
{
	while (!how()) {
		if (rig.now - run.onset > (u64)MAX(run.fault->notice_ms, R13_NOTICE_MS + 0u) * MS)
			wrong("nobody noticed");
		if (r13_below(4) == 0)
			r13_send(1);
		r13_turn();
		if (run.fault->notice_ms) /* long: with longer turns */
			rig.now += 9ull * MS;
	}
	run.noticed = rig.now;
	run.worst_noticed = MAX(run.worst_noticed, run.noticed - run.onset);
}

/* It forwards again on all queues, in a second from `since` on. */
static void until_back(u64 since)
{
	struct r13_port *w = main_port();
	u64 limit =
		(u64)MAX(run.fault->notice_ms, R13_NOTICE_MS + 0u) + R13_BACK_MS - R13_NOTICE_MS;

	limit *= MS;
	r13_world.rate = 0;
	while (!r13_ready(w)) {
		if (w->port->state == PORT_FAILED || rig.now - since > limit)
			wrong("it did not come back");
		r13_turn();
	}
	if (r13_works(40) == ~0u)
		wrong("it is back and does not forward");
	run.back = rig.now;
	run.worst_back = MAX(run.worst_back, run.back - since);
	if (run.back - since > limit)
		wrong("it came back too late");
}

/* --- the kinds ------------------------------------------------------------------------------- */

static void costs_frames(void)
{
	u64 lost, n;

	until_hit();
	until_noticed(seen);
	set(0, 0);
	r13_works(5); /* what has no end yet ends with these */
	r13_settle();
	until_back(run.onset);
	n = hits() - run.hits;
	lost = main_port()->injected - main_port()->delivered - run.lost;
	if (was_reset())
		wrong("a reset for a frame");
	/* A frame without an end takes the next one with it. */
	if (lost < 1 || lost > 2 * n)
		wrong("more is lost than the frame");
}

static void costs_nothing(void)
{
	until_hit();
	set(0, 0);
	r13_works(5); /* what is held back comes with these */
	r13_settle();
	until_back(run.onset);
	if (was_reset() || r13_bad() != run.bad ||
	    main_port()->injected - main_port()->delivered != run.lost)
		wrong("it costs something");
}

static void costs_a_reset(void)
{
	until_hit();
	until_noticed(was_reset);
	set(0, 0);
	if (run.fault->unheard)
		nicsim_errors_clear(device());
	until_back(run.onset);
}

/* A reset or frames; what the next write-back made good again costs nothing. */
static void costs_either(void)
{
	until_hit();
	while (!seen() && rig.now - run.onset <= (u64)R13_NOTICE_MS * MS)
		r13_turn();
	if (seen())
		until_noticed(seen);
	set(0, 0);
	r13_works(5);
	r13_turns(30);
	r13_settle();
	until_back(run.onset);
	if (!seen() && main_port()->injected - main_port()->delivered != run.lost)
		wrong("nobody noticed");
}

/* Down: nothing of it is in the engine's way, and no buffer is lost. */
static void must_be_down(void)
{
	struct port *p = main_port()->port;

	if (p->link)
		wrong("failed, and has a link");
	r13_check();
}

static void starts_all_the_same(void)
{
	struct port *p = main_port()->port;
	u64 begin;

	r13_turns(r13_below(20));
	run.onset = begin = rig.now;
	r13_restart();
	while (p->state != PORT_RUNNING && p->state != PORT_FAILED) {
		if (rig.now - begin > (u64)R13_BACK_MS * MS)
			wrong("neither up nor down");
		r13_turn();
	}
	rig.countdown = 0;
	run.noticed = rig.now;
	if (p->state == PORT_RUNNING && run.fault->parks) {
		r13_world.rate = 0;
		r13_turns(20 + r13_below(600));
		if (!r13_ready(main_port()))
			must_be_down();
		set(0, 0);
		until_back(rig.now);
	} else if (p->state == PORT_RUNNING) {
		until_back(begin);
		set(0, 0);
	} else {
		run.worst_noticed = MAX(run.worst_noticed, run.noticed - begin);
		must_be_down();
		set(0, 0);
		r13_turns(r13_below(50));
		r13_restart();
		until_back(rig.now);
	}
}

/* Half a kilohertz up and down, for up to 150 ms; then there is light. */
static void link_flaps(void)
{
	u64 changes = main_port()->port->nic.link_changes;

	r13_world.dark = true;
	run.onset = rig.now;
	for (u32 n = 60 + r13_below(240); n; n--) {
		rig.model->link = !rig.model->link;
		rig.now += 300 * US + r13_below(400 * US);
		rig_tick();
		if (r13_below(2))
			r13_turn();
		if (!run.noticed && main_port()->port->nic.link_changes != changes)
			run.noticed = rig.now;
	}
	rig.model->link = false;
	while (main_port()->port->link) {
		if (rig.now - run.onset > (u64)R13_NOTICE_MS * MS + 250ull * MS)
			wrong("nobody noticed");
		r13_turn();
	}
	if (!run.noticed)
		run.noticed = rig.now;
	run.worst_noticed = MAX(run.worst_noticed, run.noticed - run.onset);
	rig.model->link = true;
	r13_world.rate = 0;
	until_back(rig.now);
	if (was_reset())
		wrong("a reset for a link");
	r13_settle();
	main_port()->aborted = main_port()->handed - main_port()->sent;
	r13_world.dark = false;
}

static void remove_it(void)
{
	run.fired = true;
	run.onset = rig.now;
	rig.countdown = 0;
	rig.model->removed = true;
	set(~0ull, 0);
}

static void plugged_in(void)
{
	if (r13.model) {
		r13.reset(rig.model);
		return;
	}
	nicsim_reset(model_nicsim_dev(rig.model));
	nicsim_cfg_write(model_nicsim_dev(rig.model), 4, 2, 7);
}

static void is_removed(void)
{
	struct port *p = main_port()->port;

	run.fired = false;
	run.onset = 0;
	rig.expired = remove_it;
	rig.countdown = 1 + r13_below(4 * EVENTS);
	if (r13_below(3) == 0)
		r13_restart();
	while (!run.fired) {
		r13_send(r13_below(3));
		r13_turn();
	}
	r13_world.dark = true;
	while (p->state != PORT_FAILED) {
		if (rig.now - run.onset > (u64)R13_BACK_MS * MS)
			wrong("gone, and not down");
		if (!run.noticed && (p->state != PORT_RUNNING || !p->link)) {
			run.noticed = rig.now;
			if (run.noticed - run.onset > (u64)R13_NOTICE_MS * MS)
				wrong("noticed late");
			run.worst_noticed = MAX(run.worst_noticed, run.noticed - run.onset);
		}
		r13_turn();
	}
	run.worst_back = MAX(run.worst_back, rig.now - run.onset);
	must_be_down();
	for (u32 q = 0; q < main_port()->queues; q++)
		if (p->ops->buffers(p, q))
			wrong("a device that is gone has buffers");
	r13_turns(r13_below(50));
	set(0, 0);
	rig.model->removed = false;
	plugged_in();
	r13_restart();
	until_back(rig.now);
	r13_world.dark = false;
}

static bool swallow(struct model *m, const u8 *f, u32 len)
{
	(void)m;
	(void)f;
	(void)len;
	return false;
}

static void point(void)
{
	static void (*const kind[])(void) = {
		[R13_FRAME] = costs_frames,        [R13_ORDER] = costs_nothing,
		[R13_RESET] = costs_a_reset,       [R13_MAYBE] = costs_either,
		[R13_START] = starts_all_the_same, [R13_LINK] = link_flaps,
		[R13_GONE] = is_removed,
	};
	enum r13_kind k = run.fault->kind;

	r13_world.rate = r13_below(RATE + 1);
	r13_turns(r13_below(60));
	r13_settle();
	/* Now and then enough for bursts, which drivers may treat apart. */
	r13_world.rate = 1 + r13_below(r13_below(4) ? RATE : 6 * RATE);
	fuse(k);
	if (planted("other"))
		rig.other_model->inject = swallow;
	if (planted("leak"))
		(void)rig_packet(64, 0);
	r13_world.beyond = planted("beyond");
	kind[k]();
	r13_settle();
	r13_check();
}

void r13_try(const struct r13_fault *f, u32 variant, u32 points, u64 seed)
{
	run.fault = f;
	r13_world.variant = variant;
	run.worst_noticed = run.worst_back = 0;
	r13_seed(seed);
	for (run.at = 0; run.at < points; run.at++) {
		if (run.at % RING_WORLD == 0)
			r13_begin();
		point();
		if (run.at % RING_WORLD == RING_WORLD - 1 || run.at + 1 == points)
			r13_end();
	}
	print_message("%-10s %-12s %-22s %5u points, seed %llu: noticed after %7.2f ms, over after "
		      "%7.2f ms at most\n",
		      r13.name, r13.variants ? r13.variants[variant] : "", run.fault->row, points,
		      (unsigned long long)seed, (double)run.worst_noticed / MS,
		      (double)run.worst_back / MS);
}
