// SPDX-License-Identifier: MIT
/*
 * confd: the one owner of the configuration. Started by init; applies the text given at boot at
 * once, then serves pash and the daemons on /run/confd.sock. One thread, one poll loop.
 */
#include "apps/confd/server.h"

#include "apps/lib/pixdev.h"
#include "apps/lib/rpc.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct store store;
static struct rpc_server server;
static char saved_path[108];

static void handle(void *ctx, struct rpc_client *from, const struct json *request,
		   struct json_writer *reply)
{
	(void)from;
	confd_answer(ctx, request, reply);
}

static void save(const struct store *s, bool changed)
{
	static bool complained;
	int r = store_save(s, saved_path, changed);

	if (r && !complained) {
		complained = true;
		fprintf(stderr,
			"confd: %s: %s; a restart would fall back to the start-up configuration\n",
			saved_path, strerror(-r));
	}
}

static void report(const char *source, const struct conf_error *err)
{
	if (err->line)
		fprintf(stderr,
			"confd: configuration (%s) refused, nothing of it is applied: line %u: "
			"%s\n",
			source, err->line, err->text);
	else
		fprintf(stderr, "confd: configuration (%s) refused, nothing of it is applied: %s\n",
			source, err->text);
}

/* The running configuration of a former confd, else the text given at boot, else none. */
static void start_configuration(void)
{
	struct conf_error err = { 0 };
	char source[32] = "none";
	char *text = NULL;
	size_t len = 0;

	if (access(saved_path, R_OK) == 0) {
		int r = store_restore(&store, saved_path, &err);

		if (r == -EINVAL)
			report("restart", &err);
		if (r == 0)
			return;
	}
	int r = pixdev_boot_config(&text, &len, source);
	if (r)
		fprintf(stderr, "confd: no start-up configuration: %s\n", strerror(-r));
	else if (len && store_boot(&store, text, len, source, &err))
		report(source, &err);
	else if (len)
		save(&store, true);
	free(text);
}

/* Take back what nobody confirmed. Returns how long poll() may sleep. */
static int take_back(void)
{
	u64 now = store_now();
	struct conf_error err;
	int r = store_tick(&store, now, &err);

	if (r > 0) {
		fputs("confd: the commit was not confirmed: what ran before it runs again\n",
		      stderr);
		save(&store, true);
	} else if (r < 0) {
		fprintf(stderr, "confd: cannot take back an unconfirmed commit: %s\n", err.text);
	}
	if (!store.confirm_at_s)
		return -1;
	u64 left = store.confirm_at_s > now ? store.confirm_at_s - now : 0;
	return left > 3600 ? 3600000 : (int)left * 1000 + 10;
}

int main(void)
{
	char path[108];
	struct pollfd fds[RPC_POLLFDS];

	signal(SIGPIPE, SIG_IGN);
	if (store_init(&store)) {
		fputs("confd: no memory\n", stderr);
		return 1;
	}
	if (rpc_path(path, sizeof(path), "confd.sock") ||
	    rpc_path(saved_path, sizeof(saved_path), "confd.running")) {
		fputs("confd: PIX_RUN is too long\n", stderr);
		return 1;
	}
	/* Listen first: who connects now is answered when the configuration is applied. */
	int r = rpc_server_open(&server, path, handle, &store);
	if (r) {
		fprintf(stderr, "confd: %s: %s\n", path, strerror(-r));
		return 1;
	}
	confd_committed = save;
	start_configuration();
	store.booted = true;
	r = pixdev_ready();
	if (r)
		fprintf(stderr, "confd: /dev/pix/config: %s\n", strerror(-r));
	for (;;) {
		size_t n = rpc_server_poll(&server, fds);

		if (poll(fds, n, take_back()) < 0 && errno != EINTR) {
			fprintf(stderr, "confd: poll: %s\n", strerror(errno));
			return 1;
		}
		rpc_server_step(&server, fds, n);
	}
}
