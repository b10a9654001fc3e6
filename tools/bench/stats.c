// SPDX-License-Identifier: MIT
/* stats: medians, ratios of pairs, JSON (stats.h). */
#include "tools/bench/stats.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool series_add(struct series *s, double v)
{
	if (s->n == STATS_ROUNDS_MAX || !isfinite(v) || v < 0)
		return false;
	s->v[s->n++] = v;
	return true;
}

static int by_value(const void *a, const void *b)
{
	double x, y;

	memcpy(&x, a, sizeof(x));
	memcpy(&y, b, sizeof(y));
	return (x > y) - (x < y);
}

double stats_median(double *v, unsigned n)
{
	if (!n)
		return 0;
	qsort(v, n, sizeof(*v), by_value);
	return n & 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

double series_median(const struct series *s)
{
	struct series copy = *s;

	return stats_median(copy.v, copy.n);
}

double series_min(const struct series *s)
{
	double best = s->n ? s->v[0] : 0;

	for (unsigned i = 1; i < s->n; i++)
		best = fmin(best, s->v[i]);
	return best;
}

double series_max(const struct series *s)
{
	double best = 0;

	for (unsigned i = 0; i < s->n; i++)
		best = fmax(best, s->v[i]);
	return best;
}

double series_pair_ratio(const struct series *a, const struct series *b)
{
	struct series r = { 0 };

	if (a->n != b->n)
		return 0;
	for (unsigned i = 0; i < a->n; i++) {
		if (b->v[i] <= 0)
			return 0;
		series_add(&r, a->v[i] / b->v[i]);
	}
	return series_median(&r);
}

bool unit_lower_is_better(const char *unit)
{
	static const char *const lower[] = { "cycles", "s", "ms", "us", "MiB", "bytes" };

	for (unsigned i = 0; i < sizeof(lower) / sizeof(lower[0]); i++) {
		size_t n = strlen(lower[i]);

		/* "cycles/object", but not "s" for "something". */
		if (!strncmp(unit, lower[i], n) && (!unit[n] || unit[n] == '/'))
			return true;
	}
	return false;
}

bool result_reached(const struct result *r)
{
	if (r->target <= 0)
		return true;
	if (r->ratio <= 0)
		return false;
	return unit_lower_is_better(r->unit) ? r->ratio <= r->target : r->ratio >= r->target;
}

struct out {
	char *buf;
	size_t size, n;
	bool full;
};

static void put(struct out *o, const char *text)
{
	size_t len = strlen(text);

	if (o->full || o->n + len + 1 > o->size) {
		o->full = true;
		return;
	}
	memcpy(o->buf + o->n, text, len + 1);
	o->n += len;
}

static void put_string(struct out *o, const char *key, const char *text)
{
	char c[8];

	put(o, o->n > 1 ? ",\"" : "\"");
	put(o, key);
	put(o, "\":\"");
	for (; *text; text++) {
		unsigned char ch = (unsigned char)*text;

		if (ch == '"' || ch == '\\')
			snprintf(c, sizeof(c), "\\%c", ch);
		else if (ch < 0x20)
			snprintf(c, sizeof(c), "\\u%04x", ch);
		else
			snprintf(c, sizeof(c), "%c", ch);
		put(o, c);
	}
	put(o, "\"");
}

static void put_number(struct out *o, const char *key, double v, bool known)
{
	char text[96];

	if (known && isfinite(v))
		snprintf(text, sizeof(text), ",\"%s\":%.6g", key, v);
	else
		snprintf(text, sizeof(text), ",\"%s\":null", key);
	put(o, text);
}

size_t result_json(const struct result *r, char *buf, size_t size)
{
	struct out o = { .buf = buf, .size = size };
	bool peer = r->peer[0] != 0;

	put(&o, "{");
	put_string(&o, "bench", r->bench);
	put_string(&o, "unit", r->unit);
	put_number(&o, "pix", r->pix, true);
	put_number(&o, "pix_min", r->pix_min, true);
	put_number(&o, "pix_max", r->pix_max, true);
	put_string(&o, "peer", r->peer);
	put_number(&o, "peer_value", r->peer_value, peer);
	put_number(&o, "peer_min", r->peer_min, peer);
	put_number(&o, "peer_max", r->peer_max, peer);
	put_number(&o, "ratio", r->ratio, peer);
	put_number(&o, "target", r->target, r->target > 0);
	put_number(&o, "rounds", r->rounds, true);
	put_string(&o, "cpu", r->cpu);
	put_string(&o, "note", r->note);
	put(&o, "}");
	return o.full ? 0 : o.n;
}
