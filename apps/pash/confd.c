// SPDX-License-Identifier: MIT
/* The connection to confd: see confd.h. */
#include "apps/pash/confd.h"

#include "apps/lib/rpc.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CALL_TIMEOUT_MS   30000 /* a commit waits for all QGMs */
#define STATUS_TIMEOUT_MS 2000
#define RESTART_MS        1500 /* what init takes to start it again */
#define NAP_MS            10

static int connect_confd(struct session *s)
{
	char path[108];

	if (s->confd >= 0)
		return 0;
	if (rpc_path(path, sizeof(path), "confd.sock"))
		return -ENAMETOOLONG;
	s->confd = rpc_connect(path);
	return s->confd < 0 ? s->confd : 0;
}

/* 0 with the answer, -errno: -ECONNREFUSED, -ENOENT when nobody listens. */
static int try_call(struct session *s, const char *request, struct json_doc *doc, int timeout_ms)
{
	char *reply = NULL;
	int r = -1;

	memset(doc, 0, sizeof(*doc));
	for (int attempt = 0; attempt < 2; attempt++) {
		bool kept = s->confd >= 0;

		r = connect_confd(s);
		if (r)
			return r;
		r = rpc_call(s->confd, request, &reply, timeout_ms);
		if (!r)
			break;
		close(s->confd);
		s->confd = -1;
		if (!kept || r == -ETIMEDOUT) /* else it was the connection of a former confd */
			return r;
	}
	if (!r)
		r = json_parse(doc, reply, strlen(reply));
	free(reply);
	return r;
}

static void nap(void)
{
	const struct timespec pause = { .tv_nsec = NAP_MS * 1000000 };

	nanosleep(&pause, NULL);
}

int confd_call(struct session *s, const char *request, struct json_doc *doc)
{
	int r;

	/* init may be starting it again just now */
	for (int waited = 0;; waited += NAP_MS) {
		r = try_call(s, request, doc, CALL_TIMEOUT_MS);
		if ((r != -ECONNREFUSED && r != -ENOENT) || waited >= RESTART_MS)
			return r ? -1 : 0;
		nap();
	}
}

int confd_show_json(struct session *s, const char *word, struct json_doc *doc)
{
	char request[128];

	snprintf(request, sizeof(request),
		 "{\"op\":\"show\",\"from\":\"running\",\"format\":\"json\",\"path\":[\"%s\"]}",
		 word);
	return try_call(s, request, doc, STATUS_TIMEOUT_MS) ? -1 : 0;
}

void confd_status(struct session *s, int wait_ms, bool report)
{
	struct json_doc doc;
	int r;

	while ((r = try_call(s, "{\"op\":\"status\"}", &doc, STATUS_TIMEOUT_MS)) != 0 &&
	       wait_ms > 0) {
		nap();
		wait_ms -= NAP_MS;
	}
	if (r == 0) {
		const char *error = json_get_str(doc.root, "boot_error", "");

		snprintf(s->host, sizeof(s->host), "%s",
			 json_get_str(doc.root, "host_name", "pix"));
		if (report && *error)
			text_printf(&s->out,
				    "The start-up configuration (%s) was refused, nothing of it is "
				    "applied:\n  %s\n",
				    json_get_str(doc.root, "boot_source", ""), error);
		json_doc_free(&doc);
	} else if (report) {
		text_puts(&s->out, "confd does not answer: the configuration is out of reach\n");
	}
}
