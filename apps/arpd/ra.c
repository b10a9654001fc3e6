// SPDX-License-Identifier: MIT
/*
 * Router advertisements (RFC 4861 6.2): at random intervals, three times quickly after a change,
 * soon after a solicitation but not more often than every three seconds, and with lifetime 0 at
 * the end. From the link-local address, once that is valid.
 */
#include "apps/arpd/inner.h"

#include <string.h>

#include "apps/lib/netaddr.h"

enum {
	/* RFC 4861 10 */
	MAX_INITIAL_RTR_ADVERT_INTERVAL_MS = 16000,
	MAX_INITIAL_RTR_ADVERTISEMENTS = 3,
	MAX_FINAL_RTR_ADVERTISEMENTS = 3,
	MIN_DELAY_BETWEEN_RAS_MS = 3000,
	MAX_RA_DELAY_TIME_MS = 500,
	/* RFC 4861 6.2.1 */
	MAX_RTR_ADV_INTERVAL_S = 600,
	MAX_LIFETIME_S = 9000,
	NO_ROUTER = 0xffff, /* struct pix_ra: lifetime 0 */
	VALID_S = 2592000,
	PREFERRED_S = 604800,
	CUR_HOP_LIMIT = 64,
};

static u32 interval_s(const struct ra_state *ra)
{
	return ra->conf.interval_s ? ra->conf.interval_s : MAX_RTR_ADV_INTERVAL_S;
}

/* AdvDefaultLifetime: as configured, or three intervals. */
u16 ra_lifetime(const struct iface *i)
{
	const struct ra_state *ra = &i->ra;
	u32 three = 3 * interval_s(ra);

	if (ra->conf.lifetime_s == NO_ROUTER)
		return 0;
	if (ra->conf.lifetime_s)
		return ra->conf.lifetime_s;
	return (u16)(three < MAX_LIFETIME_S ? three : MAX_LIFETIME_S);
}

/* Each network of the interface once; hosts make addresses in those of 64 bits (RFC 4862 5.5.3). */
void ra_prefixes(struct nd_router *r, const struct iface *i)
{
	for (int k = 0; k < PIX_IF_ADDRS; k++) {
		const struct own_addr *o = &i->own[k];
		struct pix_ip net = netaddr_network(o->addr, o->len);
		bool known = false;

		if (pix_ip_none(o->addr) || pix_ip_is4(o->addr) || pix_ip_linklocal(o->addr) ||
		    o->state != PIX_ADDR_VALID || o->len == 128)
			continue;
		for (u32 m = 0; m < r->prefix_count; m++)
			known |= pix_ip_eq(r->prefix[m].ip, net) && r->prefix[m].len == o->len;
		if (known)
			continue;
		r->prefix[r->prefix_count].ip = net;
		r->prefix[r->prefix_count].len = o->len;
		r->prefix[r->prefix_count].on_link = true;
		r->prefix[r->prefix_count].autonomous = o->len == 64;
		r->prefix[r->prefix_count].valid_s =
			i->ra.conf.valid_s ? i->ra.conf.valid_s : VALID_S;
		r->prefix[r->prefix_count++].preferred_s =
			i->ra.conf.preferred_s ? i->ra.conf.preferred_s : PREFERRED_S;
	}
}

static void send_advert(struct arpd *a, struct iface *i, bool final, u64 now)
{
	const struct own_addr *from = iface_link_local(i);
	const struct pix_ra *conf = &i->ra.conf;
	struct nd_packet p = { .type = ND_ROUTER_ADVERT, .dst = ND_ALL_NODES, .has_slla = true };
	u8 frame[ND_FRAME_MAX];

	if (!from)
		return;
	p.src = from->addr;
	p.ra = (struct nd_router){ .hop_limit = CUR_HOP_LIMIT,
				   .managed = conf->managed,
				   .other = conf->other,
				   .preference = conf->preference,
				   .lifetime_s = final ? 0 : ra_lifetime(i),
				   .mtu = i->mtu,
				   .dns_lifetime_s = final ? 0 : 3 * interval_s(&i->ra),
				   .dns_count = conf->dns_count };
	if (!p.ra.lifetime_s)
		p.ra.preference = 0; /* RFC 4191 2.2: it MUST be then */
	memcpy(p.ra.dns, conf->dns, sizeof(p.ra.dns));
	ra_prefixes(&p.ra, i);
	memcpy(p.slla, i->mac, 6);
	memcpy(p.eth_src, i->mac, 6);
	nd_multicast_mac(p.eth_dst, p.dst);
	if (!arpd_send(a, i, frame, nd_build(frame, &p)))
		return;
	a->count.nd_tx_router_advert++;
	i->ra.sent++;
	i->ra.sent_at = now;
}

/* 6.2.4: a random time between the bounds, shorter for the first ones. */
static u64 next_time(struct arpd *a, const struct ra_state *ra, u64 now)
{
	u64 most = interval_s(ra) * 1000ull, least = most >= 9000 ? most / 3 : most;
	u64 wait = least + arpd_random(a) % (most - least + 1);

	if (ra->initial && wait > MAX_INITIAL_RTR_ADVERT_INTERVAL_MS)
		wait = MAX_INITIAL_RTR_ADVERT_INTERVAL_MS;
	return now + wait;
}

static bool speaks(const struct iface *i)
{
	return i->up && i->ra.conf.enable && iface_link_local(i);
}

/* The earliest time for a word that somebody waits for: not sooner than 3 s after the last one. */
static u64 soon(const struct ra_state *ra, u64 now, u64 wait)
{
	u64 first = ra->sent_at ? ra->sent_at + MIN_DELAY_BETWEEN_RAS_MS : 0;

	return now + wait > first ? now + wait : first;
}

void ra_update(struct arpd *a, struct iface *i, const struct pix_ra *conf, bool changed, u64 now)
{
	struct ra_state *ra = &i->ra;
	bool spoke = ra->conf.enable;
	struct pix_ra fresh = *conf;

	if (fresh.dns_count > PIX_RA_DNS)
		fresh.dns_count = PIX_RA_DNS;
	changed |= memcmp(&ra->conf, &fresh, sizeof(fresh)) != 0;
	if (spoke && !fresh.enable) { /* 6.2.5, with what was said before */
		ra->conf.enable = 0;
		ra->final = ra->sent ? MAX_FINAL_RTR_ADVERTISEMENTS : 0;
		ra->initial = 0;
		ra->next_at = now;
	} else if (fresh.enable) {
		ra->conf = fresh;
		ra->final = 0;
	}
	if (speaks(i) && (changed || !ra->next_at)) {
		ra->initial = MAX_INITIAL_RTR_ADVERTISEMENTS;
		ra->next_at = soon(ra, now, 0);
	}
	if (speaks(i) || ra->final)
		arpd_due(a, ra->next_at);
}

/* 6.2.6: one multicast answer for all who ask at about the same time. */
void ra_solicited(struct arpd *a, struct iface *i, u64 now)
{
	u64 at = soon(&i->ra, now, arpd_random(a) % MAX_RA_DELAY_TIME_MS);

	if (!speaks(i))
		return;
	i->ra.solicited++;
	if (!i->ra.next_at || at < i->ra.next_at)
		i->ra.next_at = at;
	arpd_due(a, i->ra.next_at);
}

void ra_due(struct arpd *a, struct iface *i, u64 now)
{
	struct ra_state *ra = &i->ra;

	if (ra->final && i->up) {
		if (ra->next_at <= now) {
			send_advert(a, i, true, now);
			ra->final--;
			ra->next_at = now + MIN_DELAY_BETWEEN_RAS_MS;
		}
		if (ra->final)
			arpd_due(a, ra->next_at);
		else
			memset(&ra->conf, 0, sizeof(ra->conf));
		return;
	}
	if (!speaks(i))
		return;
	if (!ra->next_at || ra->next_at <= now) {
		send_advert(a, i, false, now);
		if (ra->initial)
			ra->initial--;
		ra->next_at = next_time(a, ra, now);
	}
	arpd_due(a, ra->next_at);
}

void ra_stop(struct arpd *a, struct iface *i, u64 now)
{
	if (speaks(i) && i->ra.sent)
		send_advert(a, i, true, now);
}
