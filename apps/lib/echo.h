// SPDX-License-Identifier: MIT
/*
 * The pure half of ping and traceroute: echo requests of ICMP and ICMPv6, reading answers and
 * errors, statistics. Unit-tested.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	ECHO_HEADER = 8,
	ECHO_SIZE_MAX = 65507 - ECHO_HEADER, /* data bytes in one IPv4 packet */
	ECHO_STAMP = 16, /* bytes at the front of the data: magic, time sent; when there is room */
	ECHO_WINDOW = 4096, /* sequence numbers whose answers are told from duplicates */
};

struct echo_stats {
	uint64_t sent, received, duplicates, errors, bad;
	uint64_t min_us, max_us, sum_us;
	unsigned __int128 sum_sq;      /* of microseconds */
	uint64_t sent_at[ECHO_WINDOW]; /* us; 0: not sent */
	uint32_t seq_of[ECHO_WINDOW];  /* full sequence number of the slot */
	bool seen[ECHO_WINDOW];
};

enum echo_kind {
	ECHO_BAD, /* not an echo reply of ours, or damaged data */
	ECHO_REPLY,
	ECHO_DUPLICATE,
	ECHO_UNKNOWN, /* a reply to a sequence number that we did not send (lately) */
};

/* Writes header and size data bytes for sequence number seq sent at now_us; IPv4: checksum included
 * (RFC 792; a ping socket sets identifier and checksum itself). Returns the length. */
size_t echo_build(uint8_t *buf, bool v6, uint16_t id, uint32_t seq, size_t size, uint64_t now_us);
/* Notes a request as sent. */
void echo_sent(struct echo_stats *s, uint32_t seq, uint64_t now_us);
/* Reads an ICMP message of n bytes that came for a request of size data bytes. For a reply or
 * duplicate, *seq (low 16 bits as on the wire) and *rtt_us are set and the statistics updated. */
enum echo_kind echo_answer(struct echo_stats *s, bool v6, const uint8_t *buf, size_t n, size_t size,
			   uint64_t now_us, uint16_t *seq, uint64_t *rtt_us);
/* Mean and standard deviation in microseconds. */
uint64_t echo_avg(const struct echo_stats *s);
uint64_t echo_mdev(const struct echo_stats *s);
/* RFC 1071 checksum in network order as it is stored. */
uint16_t echo_checksum(const uint8_t *p, size_t n);
/* "Destination Host Unreachable", ... for type and code; never NULL. */
const char *echo_error_text(bool v6, uint8_t type, uint8_t code);
/* The sequence number of our echo request that an ICMP error of n bytes quotes (behind its first
 * eight bytes: IP header, then our message). False: it quotes something else, or too little. */
bool echo_quoted(bool v6, const uint8_t *icmp, size_t n, uint16_t *seq);
