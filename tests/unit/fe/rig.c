// SPDX-License-Identifier: MIT
/* rig: single frames through a switch (rig.h). */
#include "tests/unit/fe/rig.h"

#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>

#include "qgm/control.h"

static struct rig *the;

static u32 source(struct memport *m, u8 *data, u32 room)
{
	u32 p = m->port->id;
	const struct rig_frame *f = &the->in[p][the->in_at[p]];

	(void)room;
	if (the->in_at[p] == the->in_n[p])
		return 0;
	memcpy(data, f->data, f->len);
	the->in_at[p]++;
	return f->len;
}

static void sink(struct memport *m, const u8 *data, u32 len)
{
	u32 p = m->port->id;
	struct rig_frame *f = &the->out[p][the->out_n[p]];

	if (the->out_n[p] == RIG_OUT)
		return;
	f->len = MIN(len, (u32)RIG_FRAME);
	memcpy(f->data, data, f->len);
	the->out_n[p]++;
}

void rig_make(struct rig *r, u32 nqgm, u32 nports, const char *plants)
{
	host_reset();
	host_plant(plants);
	the = r;
	memset(r, 0, sizeof(*r));
	world_make(&r->w, 32ull << 20, nqgm, nports);
	for (u32 i = 1; i <= nports; i++) {
		r->w.m[i]->source = source;
		r->w.m[i]->sink = sink;
	}
	world_settle(&r->w, 4, 100);
}

void rig_set(struct rig *r, struct iface *want, u32 n)
{
	struct tables *draft = tables_begin();

	for (u32 i = 0; i < n; i++) {
		if (!want[i].mtu)
			want[i].mtu = 1500;
		want[i].up = true;
		assert_int_equal(iface_set(draft, &want[i]), 0);
	}
	tables_commit(draft);
	world_settle(&r->w, 4, 100);
	tables_reclaim();
}

struct iface rig_port(u16 port, enum pix_vlan_mode mode, u16 pvid)
{
	return (struct iface){ .id = port,
			       .kind = IFACE_PORT,
			       .mode = IFACE_MODE_L2,
			       .port = port,
			       .bridge = 1,
			       .vlan_mode = (u8)mode,
			       .pvid = pvid };
}

struct iface rig_trunk(u16 port, u16 native, u16 from, u16 to, u16 from2, u16 to2)
{
	struct iface i = rig_port(port, PIX_VLAN_TRUNK, native);

	i.vlan_count = from2 ? 2 : 1;
	i.vlan[0] = (struct pix_vlan_range){ from, to };
	i.vlan[1] = (struct pix_vlan_range){ from2, to2 };
	return i;
}

struct iface rig_sub(u16 id, u16 port, u16 outer, u16 inner, enum pix_vlan_mode mode, u16 pvid)
{
	struct iface i = rig_port(port, mode, pvid);

	i.id = id;
	i.kind = IFACE_SUB;
	i.vlan_outer = outer;
	i.vlan_inner = inner;
	return i;
}

struct iface rig_irb(u16 id, u16 vid, u8 mac_last)
{
	return (struct iface){ .id = id,
			       .kind = IFACE_IRB,
			       .mode = IFACE_MODE_L3,
			       .bridge = 1,
			       .vlan_outer = vid,
			       .mac = { 2, 0, 0, 0, 0, mac_last } };
}

/* --- frames ----------------------------------------------------------------------------------- */

static const char *put_mac(const char *s, u8 *mac)
{
	static const u8 broadcast[6] = { 255, 255, 255, 255, 255, 255 };
	static const u8 multicast[6] = { 1, 0, 0x5e, 0, 0, 5 };
	static const u8 local[6] = { 1, 0x80, 0xc2, 0, 0, 0x0e };
	char *end = (char *)(uintptr_t)s + 1;

	while (*s == ' ')
		end = (char *)(uintptr_t)++s + 1;
	if (*s == '*')
		memcpy(mac, broadcast, 6);
	else if (*s == 'm')
		memcpy(mac, multicast, 6);
	else if (*s == 'l')
		memcpy(mac, local, 6);
	else
		memcpy(mac, (const u8[]){ 2, 0, 0, 0, 0, (u8)strtoul(s, &end, 16) }, 6);
	return end;
}

struct rig_frame rig_frame(const char *s)
{
	struct rig_frame f = { .len = 12 };
	u32 type;

	s = put_mac(s, f.data);
	s = put_mac(s, f.data + 6);
	for (;;) {
		char *end;
		u32 tci;

		while (*s == ' ')
			s++;
		if ((*s != 'c' && *s != 's') || s[1] < '0' || s[1] > '9')
			break;
		tci = (u32)strtoul(s + 1, &end, 10);
		memcpy(f.data + f.len, *s == 'c' ? "\x81\x00" : "\x88\xa8", 2);
		f.data[f.len + 2] = (u8)(tci >> 8);
		f.data[f.len + 3] = (u8)tci;
		f.len += 4;
		s = end;
	}
	type = (u32)strtoul(s, NULL, 16);
	f.data[f.len++] = (u8)(type >> 8);
	f.data[f.len++] = (u8)type;
	for (u32 i = 0; i < 46; i++)
		f.data[f.len++] = (u8)(f.data[5] * 7 + f.data[11] * 13 + i);
	return f;
}

static void describe(char *to, size_t room, u32 port, const struct rig_frame *f)
{
	const u8 *d = f->data;
	u32 at = 12;
	int n = snprintf(to, room, "%u %02x>%02x", port, d[11], d[5]);

	while ((d[at] == 0x81 && !d[at + 1]) || (d[at] == 0x88 && d[at + 1] == 0xa8)) {
		n += snprintf(to + n, room - (size_t)n, " %c%u", d[at] == 0x81 ? 'c' : 's',
			      (u32)(d[at + 2] << 8 | d[at + 3]));
		at += 4;
	}
	snprintf(to + n, room - (size_t)n, " %02x%02x +%u", d[at], d[at + 1], f->len - at - 2);
}

/* --- in and out ------------------------------------------------------------------------------- */

void rig_clear(struct rig *r)
{
	memset(r->out_n, 0, sizeof(r->out_n));
	memset(r->in_n, 0, sizeof(r->in_n));
	memset(r->in_at, 0, sizeof(r->in_at));
}

void rig_put(struct rig *r, u32 port, const struct rig_frame *f)
{
	assert_true(r->in_n[port] < RIG_OUT);
	r->in[port][r->in_n[port]++] = *f;
}

void rig_run(struct rig *r)
{
	const char *bad;

	world_settle(&r->w, 4, 2000);
	bad = world_law(&r->w);
	if (bad)
		fail_msg("%s", bad);
}

void rig_send(struct rig *r, u32 port, const char *text)
{
	struct rig_frame f = rig_frame(text);

	rig_clear(r);
	rig_put(r, port, &f);
	rig_run(r);
}

/* True: the frame is among what came out of the port and is taken from it. */
static bool take(struct rig *r, u32 port, const struct rig_frame *f)
{
	for (u32 i = 0; i < r->out_n[port]; i++) {
		if (r->out[port][i].len != f->len ||
		    memcmp(r->out[port][i].data, f->data, f->len) != 0)
			continue;
		r->out[port][i] = r->out[port][--r->out_n[port]];
		return true;
	}
	return false;
}

void rig_expect_at(struct rig *r, const char *text, const char *file, int line)
{
	char one[256], wrong[2048] = "";
	const char *s = text;

	while (*s) {
		size_t n = strcspn(s, ";");
		struct rig_frame f;
		char *rest;
		u32 port;

		memcpy(one, s, n);
		one[n] = 0;
		port = (u32)strtoul(one, &rest, 10);
		f = rig_frame(rest);
		if (!take(r, port, &f)) {
			strcat(wrong, " missing:");
			describe(wrong + strlen(wrong), 128, port, &f);
		}
		s += n + (s[n] == ';');
		while (*s == ' ')
			s++;
	}
	for (u32 p = 1; p <= RIG_PORTS; p++) {
		for (u32 i = 0; i < MIN(r->out_n[p], 8u); i++) {
			strcat(wrong, " unexpected:");
			describe(wrong + strlen(wrong), 128, p, &r->out[p][i]);
		}
	}
	if (*wrong) {
		print_error("%s:%d: \"%s\":%s\n", file, line, text, wrong);
		fail();
	}
}

void rig_expect_drop_at(struct rig *r, u32 port, const char *text, enum drop_reason why,
			const char *file, int line)
{
	u64 before = world_drops(&r->w, why), all = world_drops_all(&r->w);

	rig_send(r, port, text);
	if (world_drops(&r->w, why) != before + 1 || world_drops_all(&r->w) != all + 1) {
		print_error("%s:%d: \"%s\" was not one drop %s:", file, line, text,
			    drop_infos[why].name);
		for (u32 i = 0; i < DROP_COUNT; i++)
			if (world_drops(&r->w, (enum drop_reason)i))
				print_error(" %s", drop_infos[i].name);
		print_error("\n");
		fail();
	}
	rig_expect_at(r, "", file, line);
}

/* --- stations --------------------------------------------------------------------------------- */

static struct pix_mac macs[70000];

u32 rig_stations(void)
{
	u32 total;

	fdb_list(0, macs, 0, &total);
	return total;
}

u16 rig_where(u16 vid, u8 last)
{
	u32 total, n = fdb_list(0, macs, ARRAY_SIZE(macs), &total);

	for (u32 i = 0; i < n; i++)
		if (macs[i].bridge == 1 && macs[i].vid == vid && macs[i].mac[5] == last &&
		    !macs[i].mac[4] && macs[i].mac[0] == 2)
			return macs[i].ifid;
	return 0;
}

void rig_pass(struct rig *r, u32 seconds)
{
	for (u32 i = 0; i < seconds * 100; i++) {
		host_clock_advance(env_clock_hz() / 100);
		world_turn(&r->w);
	}
}

const struct frame_slot *rig_punted(struct rig *r)
{
	static struct frame_slot slot;

	for (u32 i = 0; i < r->w.nqgm; i++) {
		struct framering *ring = ctl_block()->qgm[i].punt;
		const struct frame_slot *s = framering_peek(ring);

		if (!s)
			continue;
		slot = *s;
		framering_release(ring);
		return &slot;
	}
	return NULL;
}
