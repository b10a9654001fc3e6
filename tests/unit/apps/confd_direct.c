// SPDX-License-Identifier: MIT
/* pash's requests answered in the same process: see confd_direct.h. */
#include "tests/unit/apps/confd_direct.h"

#include "apps/confd/server.h"
#include "apps/pash/confd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct store direct_store;
bool direct_down;

int confd_call(struct session *s, const char *request, struct json_doc *doc)
{
	struct json_doc in;
	struct json_writer out;
	int r = -1;

	(void)s;
	memset(doc, 0, sizeof(*doc));
	if (direct_down)
		return -1;
	json_begin(&out, 4 << 20);
	if (json_parse(&in, request, strlen(request)) == 0) {
		confd_answer(&direct_store, in.root, &out);
		const char *text = json_finish(&out);
		r = text ? json_parse(doc, text, strlen(text)) : -1;
		if (r) {
			fprintf(stderr, "broken answer to %s\n", request);
			abort();
		}
	}
	json_doc_free(&in);
	json_free(&out);
	return r;
}

int confd_show_json(struct session *s, const char *word, struct json_doc *doc)
{
	char request[128];

	snprintf(request, sizeof(request),
		 "{\"op\":\"show\",\"format\":\"json\",\"path\":[\"%s\"]}", word);
	return confd_call(s, request, doc);
}

void confd_status(struct session *s, int wait_ms, bool report)
{
	(void)wait_ms;
	(void)report;
	snprintf(s->host, sizeof(s->host), "%s", store_host_name(&direct_store));
}
