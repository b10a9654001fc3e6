// SPDX-License-Identifier: MIT
/*
 * Duplicate address detection (RFC 4862 5.4): a tentative address is asked for from nobody
 * (DupAddrDetectTransmits times, RetransTimer apart); whoever answers, or asks the same, has it.
 * The engine does not use the address until it is told the verdict.
 */
#include "apps/arpd/inner.h"

#include <stdio.h>
#include <string.h>

#include "apps/lib/netaddr.h"

static void probe(struct arpd *a, struct iface *i, const struct own_addr *o)
{
	struct nd_packet p = { .type = ND_NEIGHBOR_SOLICIT,
			       .dst = netaddr_solicited_node(o->addr),
			       .target = o->addr };
	u8 frame[ND_FRAME_MAX];

	nd_multicast_mac(p.eth_dst, p.dst);
	memcpy(p.eth_src, i->mac, 6);
	if (arpd_send(a, i, frame, nd_build(frame, &p)))
		a->count.nd_tx_solicit++;
}

void dad_step(struct arpd *a, struct iface *i, struct own_addr *o, u64 now)
{
	if (o->probes) {
		u8 all = i->dad ? i->dad : 1;

		a->count.dad_started += o->probes == all;
		o->probes--;
		probe(a, i, o);
		o->due_at = now + NEIGH_RETRANS_MS;
		return;
	}
	o->state = PIX_ADDR_VALID;
	o->announce = ANNOUNCE_NUM;
	a->io.addr_state(a->io.ctx, i->id, o->addr, PIX_ADDR_VALID);
	nd_announce(a, i, o, now);
	ra_update(a, i, &i->ra.conf, true, now); /* one more prefix, or the address to send from */
}

void dad_duplicate(struct arpd *a, struct iface *i, struct own_addr *o, const u8 *mac)
{
	char text[160], ip[NETADDR_IP], rival[NETADDR_MAC];

	a->count.dad_duplicate++;
	o->state = PIX_ADDR_DUPLICATE;
	o->probes = 0;
	o->conflicts++;
	memcpy(o->rival, mac, 6);
	a->io.addr_state(a->io.ctx, i->id, o->addr, PIX_ADDR_DUPLICATE);
	snprintf(text, sizeof(text),
		 "%s: address %s is a duplicate, %s has it: not used until the interface is set up "
		 "anew",
		 i->name, netaddr_print_ip(ip, o->addr), netaddr_print_mac(rival, mac));
	a->io.log(a->io.ctx, text);
}
