// SPDX-License-Identifier: MIT
/* pash as a client of confd: requests of apps/confd/server.h over one kept connection. */
#pragma once

#include "apps/lib/json.h"
#include "apps/pash/session.h"

/*
 * Send a request (a JSON object); its answer's tree in doc, to be freed by the caller in any case.
 * Connects again once when the connection is gone. 0, or -1: no answer (nothing is printed).
 */
int confd_call(struct session *s, const char *request, struct json_doc *doc);

/* The running configuration below one word of the top, as {"configuration":{...}}; without waiting
 * for a confd that is down. 0 or -1. */
int confd_show_json(struct session *s, const char *word, struct json_doc *doc);

/* Learn the host name for the prompt. `wait_ms`: how long to wait for confd to come up. Prints why
 * the start-up configuration was refused when `report`. */
void confd_status(struct session *s, int wait_ms, bool report);
