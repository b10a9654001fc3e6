// SPDX-License-Identifier: MIT
/* The IPv4 header (RFC 791 3.1), fields in network order. */
#pragma once

#include <netinet/in.h>

struct iphdr {
	uint8_t ihl : 4, version : 4;
	uint8_t tos;
	uint16_t tot_len;
	uint16_t id;
	uint16_t frag_off;
	uint8_t ttl;
	uint8_t protocol;
	uint16_t check;
	uint32_t saddr;
	uint32_t daddr;
} __attribute__((packed));
