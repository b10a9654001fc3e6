// SPDX-License-Identifier: MIT
/* ifcheck: which interfaces may be configured (ifset.h), each refusal with its reason. */
#include "qgm/re/errno.h"
#include "qgm/re/ifset.h"
#include "qgm/re/ipv6.h"
#include "qgm/re/prefix.h"
#include "qgm/re/refuse.h"

enum { MTU_MIN = 68 /* RFC 791 3.2 */, VID_MAX = 4094 };

static int invalid(const char *why)
{
	return refuse(-EINVAL, why);
}

static bool vid_ok(u32 vid)
{
	return vid >= 1 && vid <= VID_MAX;
}

/* --- addresses ------------------------------------------------------------------------------ */

/* A unicast host address (RFC 1812 4.2.2.11, 4.2.3.1). */
static int address4_check(const struct pix_addr *a)
{
	u32 top = pix_ip_to4(a->ip) >> 24;

	if (a->len < 1 || a->len > 32)
		return invalid("an IPv4 prefix length is 1..32");
	if (!top || top == 127 || top >= 224)
		return invalid("not a unicast address");
	return 0;
}

/* RFC 4291 2.4: unicast, and 2.5.6: fe80::/64 is what link-local addresses are in. */
static int address6_check(const struct pix_addr *a)
{
	if (a->len < 1 || a->len > 128)
		return invalid("an IPv6 prefix length is 1..128");
	if (pix_ip_none(a->ip) || pix_ip_eq(a->ip, IP6_LOOPBACK) || pix_ip6_multicast(a->ip))
		return invalid("not a unicast address");
	if (pix_ip_linklocal(a->ip) && (a->ip.hi != 0xfe80ull << 48 || a->len != 64))
		return invalid("a link-local address is fe80::/64");
	return 0;
}

/* Do two subnets share addresses? */
static bool overlap(const struct pix_addr *a, const struct pix_addr *b)
{
	return prefix_match(a->ip, b->ip, a->len < b->len ? a->len : b->len);
}

static bool same_subnet(const struct pix_addr *a, const struct pix_addr *b)
{
	return a->len == b->len && prefix_match(a->ip, b->ip, a->len);
}

static int addresses_check(const struct pix_iface *want)
{
	bool v6 = want->v6, linklocal = false;

	for (u32 i = 0; i < want->addr_count; i++) {
		const struct pix_addr *a = &want->addr[i];
		int err = pix_ip_is4(a->ip) ? address4_check(a) : address6_check(a);

		if (err)
			return err;
		if (!ifset_is_host(a->ip, a->len))
			return invalid("the address is that of the network or of broadcasts");
		for (u32 k = 0; k < i; k++) {
			const struct pix_addr *b = &want->addr[k];

			if (pix_ip_eq(a->ip, b->ip) || (overlap(a, b) && !same_subnet(a, b)))
				return invalid("two addresses of the interface overlap");
		}
		v6 |= !pix_ip_is4(a->ip);
		linklocal |= pix_ip_linklocal(a->ip);
	}
	if (v6 && !linklocal && want->kind != PIX_IF_LOOPBACK && want->addr_count == PIX_IF_ADDRS)
		return invalid("no room for the link-local address");
	if (v6 && want->mtu && want->mtu < IPV6_MIN_MTU)
		return invalid("IPv6 needs an MTU of 1280");
	return 0;
}

/* --- one wish ------------------------------------------------------------------------------- */

static int l2_check(const struct pix_iface *w)
{
	if (!w->bridge || w->bridge >= BRIDGE_MAX)
		return invalid("no such bridge");
	if (w->addr_count || w->v6)
		return invalid("an interface of a bridge has no addresses");
	if (w->vlan_mode > PIX_VLAN_TUNNEL)
		return invalid("no such VLAN mode");
	if (w->pvid > VID_MAX)
		return invalid("a VLAN is 1..4094");
	if ((w->vlan_mode == PIX_VLAN_ACCESS || w->vlan_mode == PIX_VLAN_TUNNEL) && !w->pvid)
		return invalid("an access or tunnel port needs a VLAN");
	if (w->vlan_count > PIX_IF_VLANS)
		return invalid("too many VLAN ranges");
	for (u32 i = 0; i < w->vlan_count; i++)
		if (!vid_ok(w->vlan[i].from) || !vid_ok(w->vlan[i].to) ||
		    w->vlan[i].from > w->vlan[i].to)
			return invalid("a VLAN range is 1..4094, lower end first");
	return 0;
}

static int mtu_check(const struct pix_iface *w)
{
	const struct port *port = port_get(w->kind == PIX_IF_PORT ? w->id : w->port);

	if (!w->mtu)
		return 0;
	if (w->mtu < MTU_MIN)
		return invalid("an MTU is at least 68");
	if (w->kind == PIX_IF_LOOPBACK)
		return w->mtu <= 65535 ? 0 : invalid("an MTU is at most 65535");
	if (w->kind == PIX_IF_IRB)
		return w->mtu <= IFSET_LINK_MTU_MAX ? 0 : invalid("an MTU is at most 9216");
	return w->mtu <= MAX(port->mtu, port->mtu_max)
		       ? 0
		       : invalid("the MTU is larger than the port's");
}

static int kind_check(const struct pix_iface *w)
{
	switch (w->kind) {
	case PIX_IF_PORT:
		return w->id < IFSET_FIRST_ID && port_get(w->id) ? 0 : invalid("no such port");
	case PIX_IF_SUB:
		if (!port_get(w->port))
			return invalid("no such port");
		if (!vid_ok(w->vlan_outer) || w->vlan_inner > VID_MAX)
			return invalid("a VLAN is 1..4094");
		return 0;
	case PIX_IF_IRB:
		if (!w->bridge || w->bridge >= BRIDGE_MAX)
			return invalid("no such bridge");
		return w->vlan_outer <= VID_MAX ? 0 : invalid("a VLAN is 1..4094");
	case PIX_IF_LOOPBACK:
		return 0;
	default:
		return invalid("no such kind of interface");
	}
}

int ifset_check(const struct pix_iface *w)
{
	int err;

	if (!w->id || w->id >= IFACE_MAX || (w->id < IFSET_FIRST_ID && !port_get(w->id)))
		return invalid("no such interface");
	if (w->mode > PIX_IF_L2)
		return invalid("no such mode");
	if (w->addr_count > PIX_IF_ADDRS)
		return invalid("too many addresses");
	if (w->mode == PIX_IF_UNUSED)
		return w->addr_count ? invalid("an unused interface has no addresses") : 0;
	if ((w->id >= IFSET_FIRST_ID) == (w->kind == PIX_IF_PORT))
		return invalid("ids below 64 are ports, ids from 64 on are not");
	err = kind_check(w);
	if (err)
		return err;
	if (w->vrf >= VRF_MAX)
		return invalid("no such VRF");
	if (w->up > 1 || w->v6 > 1)
		return invalid("up and v6 are 0 or 1");
	if (w->mode == PIX_IF_L2 && (w->kind == PIX_IF_IRB || w->kind == PIX_IF_LOOPBACK))
		return invalid("only ports and sub-interfaces can be in a bridge");
	if (w->urpf > PIX_URPF_STRICT)
		return invalid("no such uRPF mode");
	if (w->ra.preference > 3 || w->ra.preference == 2 || w->ra.dns_count > PIX_RA_DNS)
		return invalid("bad router advertisement settings");
	err = mtu_check(w);
	if (err)
		return err;
	return w->mode == PIX_IF_L2 ? l2_check(w) : addresses_check(w);
}

/* --- against the others --------------------------------------------------------------------- */

static bool same_place(const struct pix_iface *a, const struct pix_iface *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == PIX_IF_SUB)
		return a->port == b->port && a->vlan_outer == b->vlan_outer &&
		       a->vlan_inner == b->vlan_inner;
	return a->kind == PIX_IF_IRB && a->bridge == b->bridge && a->vlan_outer == b->vlan_outer;
}

static bool addresses_clash(const struct pix_iface *a, const struct pix_iface *b)
{
	for (u32 i = 0; i < a->addr_count; i++)
		for (u32 k = 0; k < b->addr_count; k++)
			if (!pix_ip_linklocal(a->addr[i].ip) && overlap(&a->addr[i], &b->addr[k]))
				return true;
	return false;
}

int ifset_agree(u16 id)
{
	const struct pix_iface *a = ifset_get(id);

	if (!a || a->mode == PIX_IF_UNUSED)
		return 0;
	for (u16 other = ifset_next(0); other; other = ifset_next(other)) {
		const struct pix_iface *b = ifset_get(other);

		if (other == id || b->mode == PIX_IF_UNUSED)
			continue;
		if (same_place(a, b))
			return refuse(-EEXIST, "another interface has these VLAN tags");
		if (a->mode == PIX_IF_L3 && b->mode == PIX_IF_L3 && a->vrf == b->vrf &&
		    addresses_clash(a, b))
			return refuse(-EEXIST, "a subnet of another interface overlaps");
	}
	return 0;
}
