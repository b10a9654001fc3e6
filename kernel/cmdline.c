// SPDX-License-Identifier: MIT
/* The kernel's command line. Pure but for the one stored copy; tests/unit/kernel covers it. */
#include "kernel/cmdline.h"
#include "kernel/lib/string.h"
#include "kernel/plant.h"

static char line[CMDLINE_MAX];

void cmdline_init(const char *text)
{
	strlcpy(line, text, sizeof(line));
}

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Last occurrence of the key: where its value starts and how long it is, or NULL. */
static const char *find(const char *key, size_t *len)
{
	size_t klen = strlen(key);
	const char *p = line, *found = NULL;

	while (*p) {
		const char *word, *end;

		while (blank(*p))
			p++;
		word = p;
		for (bool quoted = false; *p && (quoted || !blank(*p)); p++)
			if (*p == '"')
				quoted = !quoted;
		end = p;
		if ((size_t)(end - word) < klen || strncmp(word, key, klen))
			continue;
		if (word + klen == end) {
			found = end;
			*len = 0;
		} else if (word[klen] == '=') {
			found = word + klen + 1;
			*len = end - found;
			if (*len >= 2 && found[0] == '"' && found[*len - 1] == '"') {
				found++;
				*len -= 2;
			}
		}
	}
	return found;
}

int cmdline_get(const char *key, char *buf, size_t n)
{
	size_t len;
	const char *v = find(key, &len);

	if (n)
		buf[0] = 0;
	if (!v)
		return -1;
	if (n) {
		size_t m = len < n - 1 ? len : n - 1;

		memcpy(buf, v, m);
		buf[m] = 0;
	}
	return (int)len;
}

bool cmdline_has(const char *key)
{
	size_t len;

	return find(key, &len) != NULL;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

u64 cmdline_u64(const char *key, u64 dflt)
{
	char buf[32], *p = buf, *first;
	u64 v = 0;
	int base = 10, len = cmdline_get(key, buf, sizeof(buf));

	if (len <= 0 || len >= (int)sizeof(buf))
		return dflt;
	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	for (first = p; digit(*p) < base; p++) {
		if (v > (~0ull - digit(*p)) / base)
			return dflt;
		v = v * base + digit(*p);
	}
	if (p == first)
		return dflt;
	unsigned shift = *p == 'K' ? 10 : *p == 'M' ? 20 : *p == 'G' ? 30 : 0;

	if (shift)
		p++;
	if (*p || v << shift >> shift != v)
		return dflt;
	return v << shift;
}

bool cmdline_list_has(const char *key, const char *item)
{
	size_t len, ilen = strlen(item);
	const char *p = find(key, &len);

	if (!p || !ilen)
		return false;
	for (const char *end = p + len; p < end;) {
		const char *q = p;

		while (q < end && *q != ',')
			q++;
		if ((size_t)(q - p) == ilen && !strncmp(p, item, ilen))
			return true;
		p = q + 1;
	}
	return false;
}

bool planted(const char *name)
{
	return cmdline_list_has("pix.plant", name);
}
