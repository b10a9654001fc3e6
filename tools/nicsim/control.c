// SPDX-License-Identifier: MIT
#include "tools/nicsim/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/nicsim/stream.h"
#include "tools/nicsim/wire.h"

enum { WORDS = 6 };

struct control {
	struct stream s;
	char line[256];
	u32 have;
	void (*stop)(void *arg);
	void *arg;
};

struct control *control_make(int fd, void (*stop)(void *arg), void *arg)
{
	struct control *c = calloc(1, sizeof(*c));

	c->s.fd = fd;
	c->stop = stop;
	c->arg = arg;
	return c;
}

void control_free(struct control *c)
{
	if (!c)
		return;
	if (c->s.fd >= 0)
		close(c->s.fd);
	free(c);
}

int control_fd(const struct control *c)
{
	return c->s.fd;
}

static bool parse_count(const char *text, u64 *v)
{
	char *end;

	if (!strcmp(text, "always")) {
		*v = ~0ull;
		return true;
	}
	*v = strtoull(text, &end, 0);
	return *text && !*end;
}

static const char *fault(struct nicsim_dev *dev, char **word, u32 n)
{
	u64 count, arg = 0;

	if (n < 4 || !parse_count(word[3], &count) || (n > 4 && !parse_count(word[4], &arg)))
		return "fault ID NAME COUNT [ARG]";
	if (!nicsim_fault_set(dev, word[2], count, arg))
		return "no such fault";
	nicsim_kick(dev);
	return NULL;
}

static const char *light(struct nicsim_dev *dev, char **word, u32 n)
{
	if (n != 3 || (strcmp(word[2], "on") && strcmp(word[2], "off")))
		return "light ID on|off";
	nicsim_light_set(dev, !strcmp(word[2], "on"));
	return NULL;
}

/* NULL, or what is wrong with it. */
static const char *obey(struct nicsim *sim, char **word, u32 n, FILE *to)
{
	struct nicsim_dev *dev = n > 1 ? nicsim_find(sim, word[1]) : NULL;

	if (!n)
		return "no command";
	if (!strcmp(word[0], "report")) {
		for (u32 i = 0; i < sim->ndevs; i++)
			nicsim_wire_report(sim->dev[i], to);
		return NULL;
	}
	if (!dev)
		return n > 1 ? "no such device" : "no such command, or no device named";
	if (!strcmp(word[0], "fault"))
		return fault(dev, word, n);
	if (!strcmp(word[0], "go")) {
		nicsim_wire_go(dev);
		return NULL;
	}
	if (!strcmp(word[0], "light"))
		return light(dev, word, n);
	if (!strcmp(word[0], "hits")) {
		fprintf(to, "hits %llu\n",
			(unsigned long long)nicsim_fault_hits(dev, n > 2 ? word[2] : ""));
		return NULL;
	}
	if (!strcmp(word[0], "errors")) {
		fprintf(to, "errors %llu\n", (unsigned long long)dev->nerrors);
		nicsim_report(dev, to);
		return NULL;
	}
	if (strcmp(word[0], "clear"))
		return "no such command";
	nicsim_errors_clear(dev);
	return NULL;
}

void control_command(struct nicsim *sim, char *line, FILE *to)
{
	char *word[WORDS], *save = NULL;
	const char *why;
	u32 n = 0;

	for (char *w = strtok_r(line, " \t\r\n", &save); w && n < WORDS;
	     w = strtok_r(NULL, " \t\r\n", &save))
		word[n++] = w;
	why = obey(sim, word, n, to);
	if (why)
		fprintf(to, "error %s\n", why);
	else
		fprintf(to, "ok\n");
}

static void answer(struct control *c, struct nicsim *sim)
{
	char *text = NULL;
	size_t len = 0;
	FILE *to = open_memstream(&text, &len);

	if (!strcmp(c->line, "stop")) {
		c->stop(c->arg);
		fprintf(to, "ok\n");
	} else {
		control_command(sim, c->line, to);
	}
	fclose(to);
	stream_write(&c->s, text, len);
	free(text);
}

void control_serve(struct control *c, struct nicsim *sim)
{
	char buf[512];
	ssize_t n = recv(c->s.fd, buf, sizeof(buf), MSG_DONTWAIT);

	if (n <= 0) {
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		close(c->s.fd);
		c->s.fd = -1;
		return;
	}
	for (ssize_t i = 0; i < n; i++) {
		if (buf[i] != '\n') {
			/* a line that is too long is cut, and so is no command */
			if (c->have < sizeof(c->line) - 1)
				c->line[c->have++] = buf[i];
			continue;
		}
		c->line[c->have] = 0;
		c->have = 0;
		answer(c, sim);
	}
}
