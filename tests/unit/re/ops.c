// SPDX-License-Identifier: MIT
/* Operations and addresses that the routing engine's tests have in common (fake_engine.h). */
#include "tests/unit/re/fake_engine.h"

const u8 fake_port_mac[6] = { 0x02, 0, 0, 0, 0, 0x10 };
const u8 fake_neigh_mac[6] = { 0x02, 0xaa, 0, 0, 0, 0 };

struct pix_op op_if(u16 id, u32 addr, u8 len)
{
	return (struct pix_op){ .kind = PIX_OP_IF_SET,
				.iface = { .id = id,
					   .mode = PIX_IF_L3,
					   .up = 1,
					   .addr_count = 1,
					   .addr = { { .ip = pix_ip4(addr), .len = len } } } };
}

struct pix_op op_route(u32 addr, u8 len, u32 gateway)
{
	return (struct pix_op){ .kind = PIX_OP_ROUTE_ADD,
				.route = { .addr = pix_ip4(addr),
					   .len = len,
					   .proto = PIX_ROUTE_STATIC,
					   .gateway = gateway ? pix_ip4(gateway) : PIX_IP_NONE } };
}

struct pix_op op_neigh(u16 ifid, u32 addr, u8 mac_last)
{
	struct pix_op op = { .kind = PIX_OP_NEIGH_SET,
			     .neigh = { .ifid = ifid, .addr = pix_ip4(addr) } };

	memcpy(op.neigh.mac, fake_neigh_mac, 6);
	op.neigh.mac[5] = mac_last;
	return op;
}
