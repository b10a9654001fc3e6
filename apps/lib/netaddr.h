// SPDX-License-Identifier: MIT
/*
 * Addresses as operators type them. IPv4 addresses are u32 in host order, MACs six bytes, addresses
 * of either family struct pix_ip (netaddr6.c). Parsers return 0 or -EINVAL and change nothing on
 * failure; they take the whole string.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "libc/include/pix/ip.h"

enum {
	NETADDR_V4 = 16,     /* "255.255.255.255" with NUL */
	NETADDR_PREFIX = 19, /* "255.255.255.255/32" */
	NETADDR_MAC = 18,    /* "ff:ff:ff:ff:ff:ff" */
	NETADDR_IP = 40,     /* eight groups of four digits */
	NETADDR_NET = 44,    /* the same with "/128" */
};

int netaddr_parse_v4(const char *s, uint32_t *addr);
/* "10.0.0.1/24": any host bits; len 0..32 is required. */
int netaddr_parse_iface(const char *s, uint32_t *addr, uint8_t *len);
/* "10.0.0.0/24": host bits must be 0; a bare address is a /32. */
int netaddr_parse_prefix(const char *s, uint32_t *addr, uint8_t *len);
int netaddr_parse_mac(const char *s, uint8_t mac[6]);

/* Write into buf and return it. */
char *netaddr_print_v4(char buf[NETADDR_V4], uint32_t addr);
char *netaddr_print_prefix(char buf[NETADDR_PREFIX], uint32_t addr, uint8_t len);
char *netaddr_print_mac(char buf[NETADDR_MAC], const uint8_t mac[6]);

uint32_t netaddr_mask(uint8_t len); /* 24 -> 0xffffff00; len <= 32 */
/* 1..223.x.x.x without 127.x: may be a host's own or a neighbour's address. */
bool netaddr_is_unicast(uint32_t addr);

/*
 * Either family: dotted IPv4, or IPv6 as RFC 4291 2.2 (with "::", with an IPv4 tail).
 * ::ffff:a.b.c.d is refused: an IPv4 address has one spelling here.
 */
int netaddr_parse_ip(const char *s, struct pix_ip *ip);
/* "10.0.0.1/24", "2001:db8::1/64": any host bits; the length is required. */
int netaddr_parse_ipnet(const char *s, struct pix_ip *ip, uint8_t *len);

/* RFC 5952 4: lower case, no leading zeros, the first longest run of zero groups as "::". "" for
 * the address "none". */
char *netaddr_print_ip(char buf[NETADDR_IP], struct pix_ip ip);
/* "::/0" for none and length 0. */
char *netaddr_print_ipnet(char buf[NETADDR_NET], struct pix_ip ip, uint8_t len);

/* 32 or 128. */
uint8_t netaddr_bits(struct pix_ip ip);
/* The first len bits of ip, 0 behind; len as of its family. */
struct pix_ip netaddr_network(struct pix_ip ip, uint8_t len);
/* ip is of net's family and has its first len bits. */
bool netaddr_covers(struct pix_ip net, uint8_t len, struct pix_ip ip);
/* IPv6: neither multicast nor ::, ::1; IPv4: as netaddr_is_unicast(). */
bool netaddr_is_host(struct pix_ip ip);
/* ff02::1:ffXX:XXXX of an address (RFC 4291 2.7.1). */
struct pix_ip netaddr_solicited_node(struct pix_ip ip);
/* fe80:: with the interface identifier made of the MAC (RFC 4291 appendix A). */
struct pix_ip netaddr_link_local(const uint8_t mac[6]);
