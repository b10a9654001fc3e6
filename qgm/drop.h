// SPDX-License-Identifier: MIT
/*
 * Every reason for which a packet can end other than by transmission or consumption. One table
 * feeds the counters, the shell, metrics and the tests: X(name, sentence). A dropped packet
 * counts under exactly one reason.
 */
#pragma once

#include "qgm/compiler.h"

#define DROP_REASONS(X)                                                                            \
	X(none, "not dropped")                                                                     \
	X(runt, "frame shorter than an Ethernet header")                                           \
	X(no_interface, "no interface is bound to the port and VLAN")                              \
	X(interface_down, "the interface or its port is down")                                     \
	X(unknown_ethertype, "EtherType that no stage handles")                                    \
	X(not_for_us, "unicast frame to another station on a routed interface")                    \
	X(bad_source_mac, "source MAC is a group address or zero")                                 \
	X(ip_truncated, "IPv4 packet longer than its frame")                                       \
	X(ip_version, "IP version is not 4")                                                       \
	X(ip_header_length, "IPv4 header length below 20 or beyond the packet")                    \
	X(ip_total_length, "IPv4 total length below the header length")                            \
	X(ip_checksum, "IPv4 header checksum wrong")                                               \
	X(ip_source, "source address is multicast, loopback, broadcast, class E or own (martian)") \
	X(ip_destination, "destination address is loopback, 0/8 or class E (martian)")             \
	X(ip_options, "malformed or refused IPv4 options (source routing)")                        \
	X(ip_broadcast, "directed or limited broadcast is not forwarded")                          \
	X(ip_linklocal, "169.254/16 is not forwarded (RFC 3927)")                                  \
	X(ip_multicast, "multicast is not forwarded")                                              \
	X(ip6_off, "IPv6 packet on an interface that has IPv6 off")                                \
	X(ip6_truncated, "IPv6 packet longer than its frame")                                      \
	X(ip6_version, "IP version is not 6")                                                      \
	X(ip6_source, "IPv6 source is multicast, loopback, mapped, own or has no scope here")      \
	X(ip6_destination, "IPv6 destination is unspecified, loopback, mapped or reserved")        \
	X(ip6_hop_by_hop, "hop-by-hop options malformed, too many or unknown and mandatory")       \
	X(ip6_header, "IPv6 extension headers malformed, too many or in a wrong place")            \
	X(ip6_routing, "routing header with segments left for this router (RFC 5095)")             \
	X(ip6_scope, "link-local addresses are not forwarded")                                     \
	X(ip6_broadcast, "unicast IPv6 packet in a link-layer broadcast or multicast frame")       \
	X(ip6_multicast, "IPv6 multicast to a group that the router is not in")                    \
	X(urpf, "no route back to the source by the interface it came from (RFC 3704)")            \
	X(ttl_expired, "TTL or hop limit ran out in transit")                                      \
	X(no_route, "no route to the destination")                                                 \
	X(blackhole, "route says discard")                                                         \
	X(unreachable, "route says unreachable")                                                   \
	X(mtu_exceeded, "packet larger than the outgoing MTU and must not be fragmented")          \
	X(neighbour_unresolved, "the next hop did not answer ARP or ND")                           \
	X(neighbour_queue_full, "the queue of packets waiting for ARP or ND is full")              \
	X(stale_nexthop, "next hop changed twice while the packet was under way")                  \
	X(local_protocol, "for this router, but nothing here takes the protocol")                  \
	X(icmp_bad, "ICMP message to this router truncated or with a wrong checksum")              \
	X(icmp_ignored, "ICMP message to this router of a type that is not answered")              \
	X(nd_bad, "neighbour discovery message from off the link, in fragments or malformed")      \
	X(mld_ignored, "multicast listener message: the router routes no multicast")               \
	X(fragment_bad, "fragment for this router with a wrong length, offset or headers")         \
	X(fragment_overlap, "fragments of a datagram for this router overlap")                     \
	X(fragment_duplicate, "fragment for this router that is here already")                     \
	X(fragment_rate, "more fragments for this router than it has time for")                    \
	X(reassembly_timeout, "the other fragments of the datagram did not come")                  \
	X(reassembly_full, "fragments made room for those of newer datagrams")                     \
	X(reassembly_size, "reassembled datagram larger than a buffer")                            \
	X(icmp_rate, "ICMP message not made: rate limit")                                          \
	X(icmp_forbidden, "ICMP error not made: about an error, fragment, multicast or broadcast") \
	X(same_port, "the bridge would send the frame back to where it came from")                 \
	X(vlan_not_member, "VLAN that the port of the bridge does not carry")                      \
	X(vlan_tagged_on_access, "tagged frame on an access port")                                 \
	X(vlan_untagged, "untagged frame on a trunk without a native VLAN")                        \
	X(storm_broadcast, "more broadcasts than the interface may bring in")                      \
	X(storm_multicast, "more multicasts than the interface may bring in")                      \
	X(storm_unknown, "more frames to unknown stations than the interface may bring in")        \
	X(bridge_mtu, "frame larger than the outgoing port's MTU")                                 \
	X(no_buffer, "no free buffer for a copy or a made packet")                                 \
	X(steer_full, "too many frames wait while steering changes")                               \
	X(ring_full, "ring to the owner core of the port is full")                                 \
	X(tx_full, "the port's transmit queue is full")                                            \
	X(tx_aborted, "handed to the NIC but flushed by a reset or stop")                          \
	X(port_down, "outgoing port has no link or is stopped")                                    \
	X(punt_full, "punt ring to the generic partition is full")                                 \
	X(punt_rate, "punt class over its rate")                                                   \
	X(inject_bad, "frame injected by the generic partition is malformed")                      \
	X(arp_bad, "ARP frame truncated")                                                          \
	X(loop, "re-entered the engine too often")                                                 \
	X(qgm_down, "the owner core of the port is down")                                          \
	X(rx_error, "the NIC flagged the frame as damaged")

enum drop_reason {
#define X(name, sentence) DROP_##name,
	DROP_REASONS(X)
#undef X
		DROP_COUNT
};

struct drop_info {
	const char *name;
	const char *sentence;
};

/* Name and sentence of each reason, indexed by enum drop_reason. */
extern const struct drop_info drop_infos[DROP_COUNT];
