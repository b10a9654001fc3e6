// SPDX-License-Identifier: MIT
/*
 * Addresses as operators type them. IPv4 addresses are u32 in host order, MACs six bytes. Parsers
 * return 0 or -EINVAL and change nothing on failure; they take the whole string.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	NETADDR_V4 = 16,     /* "255.255.255.255" with NUL */
	NETADDR_PREFIX = 19, /* "255.255.255.255/32" */
	NETADDR_MAC = 18,    /* "ff:ff:ff:ff:ff:ff" */
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
