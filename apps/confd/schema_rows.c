// SPDX-License-Identifier: MIT
/*
 * The table of everything that can be configured. To add an item: a row here, its meaning in
 * model.c, its rules in check.c. A row stands behind its parent; siblings are printed in the order
 * of the table. What several places share (a routed interface, static routes) is a macro of rows.
 */
#include "apps/confd/schema.h"

#define NODE(path_, help_)                                 \
	{                                                  \
		path_, SCHEMA_NODE, TYPE_WORD, 0, 0, help_ \
	}
#define LEAF(path_, help_)                                 \
	{                                                  \
		path_, SCHEMA_LEAF, TYPE_WORD, 0, 0, help_ \
	}
#define LIST(path_, help_)                                 \
	{                                                  \
		path_, SCHEMA_LIST, TYPE_WORD, 0, 0, help_ \
	}
#define TAG(path_, help_)                                 \
	{                                                 \
		path_, SCHEMA_TAG, TYPE_WORD, 0, 0, help_ \
	}
#define OPTION(path_, help_)                                 \
	{                                                    \
		path_, SCHEMA_OPTION, TYPE_WORD, 0, 0, help_ \
	}
#define FLAG(path_, help_)                                 \
	{                                                  \
		path_, SCHEMA_FLAG, TYPE_WORD, 0, 0, help_ \
	}
#define CHOICE(path_, help_)                                \
	{                                                   \
		path_, SCHEMA_VALUE, TYPE_WORD, 0, 0, help_ \
	}
#define NAME(path_, type_, help_)                      \
	{                                              \
		path_, SCHEMA_NODE, type_, 0, 0, help_ \
	}
#define VALUE(path_, type_, help_)                      \
	{                                               \
		path_, SCHEMA_VALUE, type_, 0, 0, help_ \
	}
#define NUMBER(path_, min_, max_, help_)                            \
	{                                                           \
		path_, SCHEMA_VALUE, TYPE_NUMBER, min_, max_, help_ \
	}

/* RFC 4861 6.2.1, RFC 4191 2.1, RFC 8106. */
#define RA_ROWS(P)                                                                         \
	OPTION(P, "tell IPv6 hosts of this router and its prefixes"),                      \
		LEAF(P " interval", "longest time between two advertisements"),            \
		NUMBER(P " interval <seconds>", 4, 1800, "seconds, 4..1800, default 600"), \
		LEAF(P " lifetime", "how long hosts use this router"),                     \
		NUMBER(P " lifetime <seconds>", 0, 9000,                                   \
		       "seconds, default three intervals; 0: not a default router"),       \
		FLAG(P " managed", "hosts get their addresses by DHCPv6"),                 \
		FLAG(P " other", "hosts get other settings by DHCPv6"),                    \
		LEAF(P " preference", "of this router among several"),                     \
		CHOICE(P " preference low", "low"),                                        \
		CHOICE(P " preference medium", "medium, the default"),                     \
		CHOICE(P " preference high", "high"),                                      \
		LEAF(P " valid-lifetime", "of addresses that hosts make"),                 \
		NUMBER(P " valid-lifetime <seconds>", 60, 4294967295u,                     \
		       "seconds, default 2592000 (30 days)"),                              \
		LEAF(P " preferred-lifetime", "how long such addresses are preferred"),    \
		NUMBER(P " preferred-lifetime <seconds>", 60, 4294967295u,                 \
		       "seconds, default 604800 (7 days)"),                                \
		LIST(P " dns", "name server; several allowed"),                            \
		VALUE(P " dns <address>", TYPE_ADDRESS6, "IPv6 address of a name server")

/* What every routed interface has: a port, a sub-interface, a bridge's station, lo. */
#define ROUTED_ROWS(P)                                                                             \
	LEAF(P " description", "free text"),                                                       \
		VALUE(P " description <text>", TYPE_TEXT,                                          \
		      "text, in double quotes if it has blanks"),                                  \
		LIST(P " address", "IPv4 or IPv6 address of the router; several allowed"),         \
		VALUE(P " address <address/length>", TYPE_IFADDR,                                  \
		      "address and prefix length, such as 10.0.0.1/24 or 2001:db8::1/64"),         \
		FLAG(P " ipv6", "IPv6 without another address than the link-local one"),           \
		LEAF(P " dad", "duplicate address detection of IPv6"),                             \
		NUMBER(P " dad <number>", 0, 10, "probes, 0..10, default 1; 0: none"),             \
		RA_ROWS(P " router-advertisement"), LEAF(P " vrf", "routing table it belongs to"), \
		VALUE(P " vrf <vrf>", TYPE_VRF, "name of a VRF"),                                  \
		LEAF(P " urpf", "drop packets whose source has no route back (RFC 3704)"),         \
		CHOICE(P " urpf strict", "the route has to leave through this interface"),         \
		CHOICE(P " urpf loose", "any route will do")

#define LINK_ROWS(P)                                                                  \
	LEAF(P " mtu", "largest IP packet in bytes"),                                 \
		NUMBER(P " mtu <number>", 68, 9216, "bytes, 68..9216, default 1500"), \
		FLAG(P " disable", "take it out of service")

#define STATIC_ROWS(P)                                                                             \
	NODE(P, "routes given by hand"), NODE(P " static", "static routes"),                       \
		NAME(P " static <prefix>", TYPE_PREFIX,                                            \
		     "destination, such as 10.9.0.0/16, 0.0.0.0/0 or 2001:db8::/32"),              \
		TAG(P " static <prefix> next-hop",                                                 \
		    "send to this router; several: shared by flow"),                               \
		NAME(P " static <prefix> next-hop <address>", TYPE_ADDRESS,                        \
		     "address of a neighbour"),                                                    \
		LEAF(P " static <prefix> next-hop <address> interface",                            \
		     "where the neighbour is; needed for a link-local address"),                   \
		VALUE(P " static <prefix> next-hop <address> interface <interface>",               \
		      TYPE_ANY_INTERFACE, "an interface such as eth0 or eth0.100"),                \
		LEAF(P " static <prefix> next-hop <address> weight", "its share of the flows"),    \
		NUMBER(P " static <prefix> next-hop <address> weight <number>", 1, 16,             \
		       "1..16, default 1"),                                                        \
		FLAG(P " static <prefix> blackhole", "discard silently"),                          \
		FLAG(P " static <prefix> unreachable", "discard and answer ICMP net unreachable"), \
		LEAF(P " static <prefix> distance", "preference, the lowest wins"),                \
		NUMBER(P " static <prefix> distance <number>", 1, 255, "1..255, default 1")

#define STEER_ROWS(P)                                                                  \
	LEAF(P " mode", "how the work is shared"),                                     \
		CHOICE(P " mode run-to-completion",                                    \
		       "by the QGM that received the packet (default)"),               \
		CHOICE(P " mode rps", "spread by flow over the workers"),              \
		CHOICE(P " mode pipeline", "the same, over QGMs that do not receive"), \
		LEAF(P " workers", "QGMs that share the work"),                        \
		VALUE(P " workers <qgms>", TYPE_QGMS, "numbers and ranges, such as 1 or 0-3,5")

#define IF  "interfaces <interface>"
#define VIF IF " vif <vlan>"

const struct schema schema_rows[] = {
	NODE("system", "this router itself"),
	LEAF("system host-name", "name of this router, shown in the prompt"),
	VALUE("system host-name <name>", TYPE_HOSTNAME, "letters, digits and hyphens, at most 63"),

	NODE("interfaces", "ports, bridges, loopback: addresses, VLANs, MTU"),
	NAME(IF, TYPE_INTERFACE, "eth0, eth1, ... in PCI order; br0 ... br30; lo"),
	ROUTED_ROWS(IF),
	LEAF(IF " bridge", "make it a port of a bridge"),
	VALUE(IF " bridge <bridge>", TYPE_BRIDGE, "br0 ... br30"),
	NODE(IF " vlan", "what this port of a bridge does with VLAN tags"),
	LEAF(IF " vlan access", "untagged frames belong to this VLAN, tagged ones are dropped"),
	NUMBER(IF " vlan access <vlan>", 1, 4094, "1..4094"),
	LIST(IF " vlan trunk", "carry tagged frames of these VLANs; several allowed"),
	VALUE(IF " vlan trunk <vlans>", TYPE_VLANS, "VLANs and ranges, such as 10 or 10,20-30"),
	LEAF(IF " vlan native", "untagged frames of the trunk belong to this VLAN"),
	NUMBER(IF " vlan native <vlan>", 1, 4094, "1..4094"),
	LEAF(IF " vlan tunnel", "QinQ: carry every frame in this service VLAN"),
	NUMBER(IF " vlan tunnel <vlan>", 1, 4094, "1..4094"),
	NODE(IF " storm-control", "packets a second that this port of a bridge lets in"),
	LEAF(IF " storm-control broadcast", "broadcasts"),
	NUMBER(IF " storm-control broadcast <number>", 1, 100000000, "packets a second"),
	LEAF(IF " storm-control multicast", "multicasts"),
	NUMBER(IF " storm-control multicast <number>", 1, 100000000, "packets a second"),
	LEAF(IF " storm-control unknown", "frames to stations that nobody knows"),
	NUMBER(IF " storm-control unknown <number>", 1, 100000000, "packets a second"),
	LEAF(IF " mac-limit", "stations that the bridge learns behind this port"),
	NUMBER(IF " mac-limit <number>", 1, 1000000, "1..1000000, default no limit"),
	LINK_ROWS(IF),
	TAG(IF " vif", "sub-interface of one VLAN"),
	{ VIF, SCHEMA_NODE, TYPE_NUMBER, 1, 4094, "VLAN, 1..4094" },
	ROUTED_ROWS(VIF),
	LINK_ROWS(VIF),
	TAG(VIF " vif-c", "sub-interface of an inner VLAN (QinQ)"),
	{ VIF " vif-c <vlan>", SCHEMA_NODE, TYPE_NUMBER, 1, 4094, "inner VLAN, 1..4094" },
	ROUTED_ROWS(VIF " vif-c <vlan>"),
	LINK_ROWS(VIF " vif-c <vlan>"),

	NODE("bridges", "learning switches"),
	NAME("bridges <bridge>", TYPE_BRIDGE, "br0 ... br30"),
	LEAF("bridges <bridge> ageing", "when a silent station is forgotten"),
	NUMBER("bridges <bridge> ageing <seconds>", 1, 1000000, "seconds, 1..1000000, default 300"),
	LEAF("bridges <bridge> mac-limit", "stations that it learns"),
	NUMBER("bridges <bridge> mac-limit <number>", 1, 1000000, "1..1000000, default no limit"),

	NODE("vrfs", "routing tables of their own"),
	NAME("vrfs <vrf>", TYPE_VRF, "a name, such as red"),
	LEAF("vrfs <vrf> table", "number of its table"),
	NUMBER("vrfs <vrf> table <number>", 1, 15, "1..15, default: one that is free"),
	STATIC_ROWS("vrfs <vrf> routes"),

	STATIC_ROWS("routes"),

	NODE("steering", "which QGM works on what a port receives"),
	STEER_ROWS("steering"),
	TAG("steering interface", "for one port"),
	NAME("steering interface <interface>", TYPE_INTERFACE, "eth0, eth1, ..."),
	STEER_ROWS("steering interface <interface>"),
	TAG("steering flow", "pin a flow to a QGM"),
	NAME("steering flow <name>", TYPE_NAME, "a name for the rule"),
	LEAF("steering flow <name> source", "where packets come from"),
	VALUE("steering flow <name> source <address>", TYPE_ADDRESS, "IPv4 or IPv6 address"),
	LEAF("steering flow <name> destination", "where packets go to"),
	VALUE("steering flow <name> destination <address>", TYPE_ADDRESS, "IPv4 or IPv6 address"),
	LEAF("steering flow <name> protocol", "behind the IP header"),
	CHOICE("steering flow <name> protocol tcp", "TCP"),
	CHOICE("steering flow <name> protocol udp", "UDP"),
	CHOICE("steering flow <name> protocol sctp", "SCTP"),
	CHOICE("steering flow <name> protocol icmp", "ICMP, or ICMPv6 with IPv6 addresses"),
	NUMBER("steering flow <name> protocol <number>", 1, 255, "its number"),
	LEAF("steering flow <name> source-port", "of TCP, UDP or SCTP"),
	NUMBER("steering flow <name> source-port <number>", 1, 65535, "1..65535"),
	LEAF("steering flow <name> destination-port", "of TCP, UDP or SCTP"),
	NUMBER("steering flow <name> destination-port <number>", 1, 65535, "1..65535"),
	LEAF("steering flow <name> qgm", "who works on it"),
	NUMBER("steering flow <name> qgm <number>", 0, 63, "number of a QGM, see show qgm"),
};

const unsigned schema_row_count = sizeof(schema_rows) / sizeof(schema_rows[0]);
