// SPDX-License-Identifier: MIT
/*
 * rig: a switch in one process: QGMs, memory ports, single frames in and all frames out. After each
 * frame the laws of conservation are checked.
 */
#pragma once

#include "qgm/fe/fdb.h"
#include "tools/host/world.h"

enum { RIG_PORTS = 8, RIG_OUT = 256, RIG_FRAME = 256, RIG_RE = 16 };

struct rig_frame {
	u32 len;
	u8 data[RIG_FRAME];
};

struct rig {
	struct world w;
	struct rig_frame in[RIG_PORTS + 1][RIG_OUT]; /* what the wire of a port still has */
	u32 in_n[RIG_PORTS + 1], in_at[RIG_PORTS + 1];
	struct rig_frame out[RIG_PORTS + 1][RIG_OUT]; /* came out since rig_clear() */
	u32 out_n[RIG_PORTS + 1];
};

/* A fresh world: `nports` ports without interfaces. `plants`: planted bugs. */
void rig_make(struct rig *r, u32 nqgm, u32 nports, const char *plants);

/* One epoch with these interfaces (mtu and up are filled in when 0). */
void rig_set(struct rig *r, struct iface *want, u32 n);

/* Interfaces of bridge 1, by their VLAN mode. */
struct iface rig_port(u16 port, enum pix_vlan_mode mode, u16 pvid);
struct iface rig_trunk(u16 port, u16 native, u16 from, u16 to, u16 from2, u16 to2);
struct iface rig_sub(u16 id, u16 port, u16 outer, u16 inner, enum pix_vlan_mode mode, u16 pvid);
struct iface rig_irb(u16 id, u16 vid, u8 mac_last);

/*
 * A frame from text: "DST SRC [TAG]... TYPE", DST and SRC the last byte of 02:00:00:00:00:XX, or
 * "*" broadcast, "m" 01:00:5e:00:00:05, "l" 01:80:c2:00:00:0e; TAG c or s (TPID) and the TCI in
 * decimal; TYPE 4 hex digits. The payload is 46 bytes that follow from the addresses.
 */
struct rig_frame rig_frame(const char *text);

void rig_clear(struct rig *r);

/* Put a frame on the wire of a port. */
void rig_put(struct rig *r, u32 port, const struct rig_frame *f);

/* Let it run until nothing moves; fails the test when a law does not hold. */
void rig_run(struct rig *r);

/* The same for one frame of text, what came out before is forgotten. */
void rig_send(struct rig *r, u32 port, const char *text);

/*
 * What came out since: "PORT FRAME; PORT FRAME; ...", in any order, must be all. Fails the test
 * with both lists otherwise.
 */
#define rig_expect(r, text) rig_expect_at(r, text, __FILE__, __LINE__)
void rig_expect_at(struct rig *r, const char *text, const char *file, int line);

/* Exactly one more drop than before of that name, nothing out. */
#define rig_expect_drop(r, port, text, why) \
	rig_expect_drop_at(r, port, text, why, __FILE__, __LINE__)
void rig_expect_drop_at(struct rig *r, u32 port, const char *text, enum drop_reason why,
			const char *file, int line);

/* Stations known. */
u32 rig_stations(void);

/* Is (bridge 1, vid, 02:..:XX) known, and on which interface (0: not). */
u16 rig_where(u16 vid, u8 last);

/* Seconds pass. */
void rig_pass(struct rig *r, u32 seconds);

/* The next frame that was punted, NULL none: its class and interface are in the slot. */
const struct frame_slot *rig_punted(struct rig *r);
