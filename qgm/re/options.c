// SPDX-License-Identifier: MIT
/*
 * IPv4 options (RFC 791 3.1) of packets in transit. Source routing is refused (RFC 7126 4.3, 4.4);
 * record route and timestamp pass unchanged; malformed ones end the packet (RFC 1812 5.2.4).
 */
#include "qgm/re/re.h"

u32 ipv4_options_check(const struct ipv4_hdr *ip, bool *refused)
{
	const u8 *h = (const u8 *)ip;
	u32 end = ipv4_hlen(ip), at = IP_MIN_HLEN;

	*refused = false;
	while (at < end && h[at] != IPOPT_EOL) {
		u32 len;

		if (h[at] == IPOPT_NOP) {
			at++;
			continue;
		}
		if (at + 1 >= end)
			return at;
		len = h[at + 1];
		if (len < 2 || at + len > end)
			return at + 1;
		switch (h[at]) {
		case IPOPT_LSRR:
		case IPOPT_SSRR:
			*refused = true;
			return at;
		case IPOPT_RR:
			/* pointer counts from 1 at the type octet, smallest legal 4 */
			if (len < 3 || h[at + 2] < 4)
				return at + 2;
			break;
		case IPOPT_TS:
			if (len < 4 || h[at + 2] < 5)
				return at + 2;
			break;
		}
		at += len;
	}
	return 0;
}
