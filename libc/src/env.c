// SPDX-License-Identifier: MIT
/*
 * The environment. The kernel's array is used until the first change, then a copy of our own;
 * strings that setenv() made are never freed, since getenv() handed them out.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool env_own;

static char **env_find(const char *name, size_t n)
{
	if (!environ)
		return NULL;
	for (char **e = environ; *e; e++) {
		if (strncmp(*e, name, n) == 0 && (*e)[n] == '=')
			return e;
	}
	return NULL;
}

char *getenv(const char *name)
{
	size_t n = strlen(name);
	char **e = n ? env_find(name, n) : NULL;

	return e ? *e + n + 1 : NULL;
}

/* An array of ours with room for one more entry. */
static int env_grow(void)
{
	size_t n = 0;
	char **copy;

	while (environ && environ[n])
		n++;
	copy = env_own ? realloc(environ, (n + 2) * sizeof(*copy))
		       : malloc((n + 2) * sizeof(*copy));
	if (!copy)
		return -1;
	if (!env_own && n)
		memcpy(copy, environ, n * sizeof(*copy));
	copy[n] = copy[n + 1] = NULL;
	environ = copy;
	env_own = true;
	return (int)n;
}

int setenv(const char *name, const char *value, int overwrite)
{
	size_t n = name ? strlen(name) : 0;
	char **e, *s;
	int at;

	if (!n || strchr(name, '=')) {
		errno = EINVAL;
		return -1;
	}
	e = env_find(name, n);
	if (e && !overwrite)
		return 0;
	s = malloc(n + strlen(value) + 2);
	if (!s)
		return -1;
	memcpy(s, name, n);
	s[n] = '=';
	strcpy(s + n + 1, value);
	if (e) {
		*e = s;
		return 0;
	}
	at = env_grow();
	if (at < 0) {
		free(s);
		return -1;
	}
	environ[at] = s;
	return 0;
}

int unsetenv(const char *name)
{
	size_t n = name ? strlen(name) : 0;
	char **e;

	if (!n || strchr(name, '=')) {
		errno = EINVAL;
		return -1;
	}
	while ((e = env_find(name, n))) {
		do {
			e[0] = e[1];
		} while (*e++);
	}
	return 0;
}
