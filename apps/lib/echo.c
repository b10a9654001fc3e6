// SPDX-License-Identifier: MIT
/* Echo requests and answers, see echo.h. Data bytes after the time stamp count up, so that damage
 * is seen. */
#include "apps/lib/echo.h"

#include <string.h>

enum { ICMP_ECHOREPLY = 0, ICMP_ECHO = 8, ICMP6_ECHO_REQUEST = 128, ICMP6_ECHO_REPLY = 129 };
#define ECHO_MAGIC 0x676e697058495031u

uint16_t echo_checksum(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (; n > 1; n -= 2, p += 2)
		sum += (uint32_t)p[0] | (uint32_t)p[1] << 8;
	if (n)
		sum += p[0];
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	return (uint16_t)~sum;
}

static uint8_t pattern(uint32_t seq, size_t i)
{
	return (uint8_t)(i + seq);
}

size_t echo_build(uint8_t *buf, bool v6, uint16_t id, uint32_t seq, size_t size, uint64_t now_us)
{
	static const uint64_t magic = ECHO_MAGIC;
	size_t n = ECHO_HEADER + size, i = ECHO_HEADER;
	uint16_t sum;

	memset(buf, 0, ECHO_HEADER);
	buf[0] = v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO;
	memcpy(buf + 4, &id, 2);
	buf[6] = (uint8_t)(seq >> 8);
	buf[7] = (uint8_t)seq;
	if (size >= ECHO_STAMP) {
		memcpy(buf + i, &magic, 8);
		memcpy(buf + i + 8, &now_us, 8);
		i += ECHO_STAMP;
	}
	for (; i < n; i++)
		buf[i] = pattern(seq, i);
	if (v6) /* over a pseudo-header that only the kernel knows (RFC 3542 3.1) */
		return n;
	sum = echo_checksum(buf, n);
	memcpy(buf + 2, &sum, 2);
	return n;
}

void echo_sent(struct echo_stats *s, uint32_t seq, uint64_t now_us)
{
	uint32_t slot = seq % ECHO_WINDOW;

	s->sent++;
	s->sent_at[slot] = now_us;
	s->seq_of[slot] = seq;
	s->seen[slot] = false;
}

static void add_sample(struct echo_stats *s, uint64_t rtt)
{
	if (!s->received || rtt < s->min_us)
		s->min_us = rtt;
	if (rtt > s->max_us)
		s->max_us = rtt;
	s->sum_us += rtt;
	s->sum_sq += (unsigned __int128)rtt * rtt;
	s->received++;
}

/* The data must be what we sent; the stamp's time is compared with what we noted. */
static bool data_ok(const struct echo_stats *s, uint32_t slot, const uint8_t *buf, size_t n)
{
	static const uint64_t magic = ECHO_MAGIC;
	size_t i = ECHO_HEADER;

	if (n >= ECHO_HEADER + ECHO_STAMP) {
		if (memcmp(buf + i, &magic, 8) != 0 ||
		    memcmp(buf + i + 8, &s->sent_at[slot], 8) != 0)
			return false;
		i += ECHO_STAMP;
	}
	for (; i < n; i++) {
		if (buf[i] != pattern(s->seq_of[slot], i))
			return false;
	}
	return true;
}

enum echo_kind echo_answer(struct echo_stats *s, bool v6, const uint8_t *buf, size_t n, size_t size,
			   uint64_t now_us, uint16_t *seq, uint64_t *rtt_us)
{
	uint8_t reply = v6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
	uint32_t slot;

	if (n < ECHO_HEADER || buf[0] != reply || buf[1] != 0) {
		s->bad++;
		return ECHO_BAD;
	}
	*seq = (uint16_t)(buf[6] << 8 | buf[7]);
	slot = *seq % ECHO_WINDOW;
	if (!s->sent_at[slot] || (s->seq_of[slot] & 0xffff) != *seq)
		return ECHO_UNKNOWN;
	if (n != ECHO_HEADER + size || !data_ok(s, slot, buf, n)) {
		s->bad++;
		return ECHO_BAD;
	}
	*rtt_us = now_us > s->sent_at[slot] ? now_us - s->sent_at[slot] : 0;
	if (s->seen[slot]) {
		s->duplicates++;
		return ECHO_DUPLICATE;
	}
	s->seen[slot] = true;
	add_sample(s, *rtt_us);
	return ECHO_REPLY;
}

uint64_t echo_avg(const struct echo_stats *s)
{
	return s->received ? s->sum_us / s->received : 0;
}

/* Integer square root of the variance, by Newton from above. */
uint64_t echo_mdev(const struct echo_stats *s)
{
	unsigned __int128 mean = s->received ? s->sum_us / s->received : 0, var;
	uint64_t x, y;

	if (!s->received)
		return 0;
	var = s->sum_sq / s->received;
	var = var > mean * mean ? var - mean * mean : 0;
	if (var > UINT64_MAX)
		return UINT32_MAX;
	if (var < 2)
		return (uint64_t)var;
	x = (uint64_t)var;
	y = x / 2;
	while (y < x) {
		x = y;
		y = (x + (uint64_t)var / x) / 2;
	}
	return x;
}

/* RFC 4443 3.1-3.4. */
static const char *error_text6(uint8_t type, uint8_t code)
{
	static const char *const unreachable[] = {
		"No route",
		"Administratively prohibited",
		"Beyond scope of source address",
		"Address unreachable",
		"Port unreachable",
		"Source address failed policy",
		"Reject route",
	};

	switch (type) {
	case 1:
		return code < 7 ? unreachable[code] : "Destination unreachable";
	case 2:
		return "Packet too big";
	case 3:
		return code == 0 ? "Hop limit exceeded" : "Reassembly time exceeded";
	case 4:
		return "Parameter problem";
	default:
		return "ICMPv6 error";
	}
}

const char *echo_error_text(bool v6, uint8_t type, uint8_t code)
{
	static const char *const unreachable[] = {
		"Destination Net Unreachable",
		"Destination Host Unreachable",
		"Destination Protocol Unreachable",
		"Destination Port Unreachable",
		"Fragmentation needed and DF set",
		"Source Route Failed",
		"Destination Net Unknown",
		"Destination Host Unknown",
		"Source Host Isolated",
		"Destination Net Prohibited",
		"Destination Host Prohibited",
		"Net Unreachable for Type of Service",
		"Host Unreachable for Type of Service",
		"Packet filtered",
		"Precedence Violation",
		"Precedence Cutoff",
	};

	if (v6)
		return error_text6(type, code);

	switch (type) {
	case 3:
		return code < 16 ? unreachable[code] : "Destination Unreachable";
	case 5:
		return "Redirect";
	case 11:
		return code == 0 ? "Time to live exceeded" : "Frag reassembly time exceeded";
	case 12:
		return "Parameter problem";
	default:
		return "ICMP error";
	}
}

/* Offset of our message behind the IP header that an error quotes, 0: it is not one of ours. */
static size_t quoted_header(bool v6, const uint8_t *p, size_t n)
{
	size_t len;

	if (v6)
		return n >= 40 && p[0] >> 4 == 6 && p[6] == 58 ? 40 : 0;
	if (n < 20 || p[0] >> 4 != 4 || p[9] != 1)
		return 0;
	len = (p[0] & 15) * 4u;
	return len >= 20 && len <= n ? len : 0;
}

bool echo_quoted(bool v6, const uint8_t *icmp, size_t n, uint16_t *seq)
{
	const uint8_t *inner = icmp + ECHO_HEADER;
	size_t head = n > ECHO_HEADER ? quoted_header(v6, inner, n - ECHO_HEADER) : 0;

	if (!head || n - ECHO_HEADER - head < ECHO_HEADER ||
	    inner[head] != (v6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO))
		return false;
	*seq = (uint16_t)(inner[head + 6] << 8 | inner[head + 7]);
	return true;
}
