// SPDX-License-Identifier: MIT
/* The parser of `pix.cores=`. Pure: tests/unit/kernel covers it. */
#include "kernel/errno.h"
#include "kernel/smp.h"

static bool starts(const char *p, const char *word, size_t *len)
{
	for (*len = 0; word[*len]; ++*len)
		if (p[*len] != word[*len])
			return false;
	return true;
}

static int number(const char **p, u32 *v)
{
	const char *start = *p;

	for (*v = 0; **p >= '0' && **p <= '9' && *p - start < 6; ++*p)
		*v = *v * 10 + (**p - '0');
	return *p > start && !(**p >= '0' && **p <= '9') ? 0 : -EINVAL;
}

/* "N" or "N-M" at *p: give these cores to `to`. On an error *p stays at the bad number. */
static int range(const char **p, u32 ncpu, enum partition *part, bool *named, enum partition to)
{
	const char *q = *p;
	u32 lo, hi;

	if (number(&q, &lo))
		return -EINVAL;
	hi = lo;
	if (*q == '-') {
		const char *second = ++q;

		if (number(&q, &hi) || hi < lo) {
			*p = second;
			return -EINVAL;
		}
	}
	if (hi >= ncpu)
		return -EINVAL;
	for (u32 i = lo; i <= hi; i++) {
		if (named[i])
			return -EINVAL;
		named[i] = true;
		part[i] = to;
	}
	*p = q;
	return 0;
}

int cores_parse(const char *text, u32 ncpu, enum partition *part, size_t *err_at)
{
	static const struct {
		const char *name;
		enum partition part;
	} names[] = { { "generic:", PART_GENERIC },
		      { "qgm:", PART_QGM },
		      { "app:", PART_APP },
		      { "off:", PART_OFF } };
	bool named[CPU_MAX] = { false };
	const char *p = text;
	int current = -1;

	for (u32 i = 0; i < ncpu; i++)
		part[i] = PART_OFF;
	while (true) {
		size_t len;

		for (unsigned k = 0; k < ARRAY_SIZE(names); k++) {
			if (starts(p, names[k].name, &len)) {
				current = k;
				p += len;
				break;
			}
		}
		if (current < 0 || range(&p, ncpu, part, named, names[current].part))
			goto bad;
		if (!*p)
			break;
		if (*p != ',' && *p != '+')
			goto bad;
		p++;
	}
	if (part[0] != PART_GENERIC) {
		p = text;
		goto bad;
	}
	return 0;
bad:
	*err_at = p - text;
	return -EINVAL;
}
