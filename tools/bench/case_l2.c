// SPDX-License-Identifier: MIT
/*
 * The learning switch: 65,536 stations in 256 VLANs, half behind each of two null ports (trunks),
 * against a DPDK loop of equal duties on rte_hash: parse the tag, look up and learn the source,
 * look up the destination, count, send. All stations are learned before anything is timed; then
 * nothing may be flooded or dropped.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/cases.h"
#include "tools/bench/hosted.h"
#include "tools/bench/peer/peer.h"
#include "tools/bench/routes.h"

enum { SIDE = 32768, VLANS = 256, FRAMES = 1 << 19, LEN = 60 };

static u8 (*patches[3])[NULL_PATCH]; /* MAC addresses and tag, by ingress port */
static const u8 model[64] = { [16] = 8, [17] = 0, [18] = 0x45 };

static u64 run_qgm(void *arg, u64 packets)
{
	struct qgm *q = arg;
	u64 start = q->c->tx, end = start + packets;

	while (q->c->tx < end)
		qgm_turn(q);
	return q->c->tx - start;
}

/* Station i behind a port; its VLAN follows from i. */
static void mac_of(u8 *mac, u32 port, u32 i)
{
	u32 h = (i + 1) * 0x9e3779b1u;

	memcpy(mac, (const u8[]){ 2, (u8)port, (u8)(h >> 24), (u8)(h >> 16), (u8)(i >> 8), (u8)i },
	       6);
}

static void make_patch(u8 *d, u32 in, u32 src, u32 dst)
{
	u32 vid = 1 + src % VLANS;

	mac_of(d, 3 - in, dst);
	mac_of(d + 6, in, src);
	memcpy(d + 12, (const u8[]){ 0x81, 0, (u8)(vid >> 8), (u8)vid }, 4);
}

/* The first frames of a direction bring each station once; the rest is random. */
static void make_patches(void)
{
	u64 seed = 5;

	for (u32 in = 1; in <= 2; in++) {
		patches[in] = memory_map(FRAMES * sizeof(*patches[in]), PAGES_BEST, NULL);
		for (u32 i = 0; i < FRAMES; i++) {
			u32 src = i < SIDE ? i : (u32)rng_next(&seed) % SIDE;
			u32 dst = (u32)rng_next(&seed) % (SIDE / VLANS) * VLANS + src % VLANS;

			make_patch(patches[in][i], in, src, dst);
		}
	}
}

static void trunks(struct hosted *h)
{
	struct pix_op ops[2];

	memset(ops, 0, sizeof(ops));
	for (u16 i = 1; i <= 2; i++) {
		struct pix_iface *f = &ops[i - 1].iface;

		ops[i - 1].kind = PIX_OP_IF_SET;
		f->id = f->port = i;
		f->kind = PIX_IF_PORT;
		f->mode = PIX_IF_L2;
		f->up = 1;
		f->bridge = 1;
		f->vlan_mode = PIX_VLAN_TRUNK;
		f->vlan_count = 1;
		f->vlan[0] = (struct pix_vlan_range){ 1, 4094 };
	}
	hosted_txn(ops, 2);
	hosted_settle(h);
}

static void generate(struct hosted *h, u64 count)
{
	const struct null_frame template = { model, LEN };

	for (u32 i = 1; i <= 2; i++)
		null_port_generate_patched(h->port[i], &template, 0,
					   (const u8(*)[NULL_PATCH])patches[i], count ? FRAMES : 0,
					   count, 32);
}

void case_l2fwd(void)
{
	const char *vdevs[] = { "net_null0,size=60,copy=0", "net_null1,size=60,copy=0", NULL };
	struct peer_l2 *peer;
	struct hosted h;
	u64 copies;

	make_patches();
	hosted_make(&h, 512, 1, 2, PAGES_BEST);
	hosted_bind(&h, PIX_IF_L2, false);
	trunks(&h);
	peer_start(options.core, 256, vdevs);
	peer = peer_l2_create(
		0, 1, peer_hash_create(4 * SIDE),
		&(struct peer_traffic){ model, (const uint8_t(*)[16])patches[1], FRAMES, 0 },
		&(struct peer_traffic){ model, (const uint8_t(*)[16])patches[2], FRAMES, 0 });
	for (u32 pass = 0; pass < 2; pass++) { /* all stations have spoken */
		generate(&h, SIDE);
		hosted_settle(&h);
	}
	peer_l2_run(peer, 4 * SIDE);
	copies = h.q[0]->c->copies;
	generate(&h, ~0ull);
	report_sides(&(struct report){ "l2fwd-64k", "Mpps", REPORT_RATE, 1, 1.5,
				       "65,536 stations in 256 VLANs, tagged frames, burst 32" },
		     (struct side[]){ { "pix", run_qgm, h.q[0], { 0 } },
				      { "rte_hash bulk l2 loop", peer_l2_run, peer, { 0 } } },
		     2);
	generate(&h, 0);
	hosted_settle(&h);
	hosted_check(&h, 0);
	if (h.q[0]->c->copies != copies || peer_l2_flooded(peer) > 4ull * SIDE)
		report_wrong("flooded: PIX %lu, peer %lu", h.q[0]->c->copies - copies,
			     peer_l2_flooded(peer));
}
