// SPDX-License-Identifier: MIT
/*
 * The requests that confd answers on $PIX_RUN/confd.sock, one JSON object per line
 *(apps/lib/rpc.h):
 *
 *	{"op":"status"} {"host_name":"r1","changed":false,"boot_error":"","boot_source":"fw_cfg"}
 *	{"op":"show","path":[...],"from":"running"|"candidate","format":"tree"|"set"|"json"}
 *	                                    {"text":"..."} or {"configuration":{...}}
 *	{"op":"set","words":[...]}          {}        words after `set`; beginnings of words will do
 *	{"op":"delete","words":[...]}       {}
 *	{"op":"compare","with":N}           {"lines":["- set ...","+ set ..."]}
 *	{"op":"commit","check":true|false,"confirm_minutes":N}
 *	                                    {"changed":3,"operations":2,"epoch":7,"confirmed":false,
 *	                                     "returns_in_s":600,"warnings":["..."]}
 *	{"op":"discard"}                    {}
 *	{"op":"rollback","to":N}            {}
 *	{"op":"history"}                    {"history":[{"number":0,"age_s":5}]}
 *	{"op":"vrfs"}                       {"vrfs":[{"name":"red","table":3}]} that run
 *	{"op":"complete","for":"set"|"delete"|"show","words":[...],"begin":"mt"}
 *	                                    {"end":false,"next":[{"word":"mtu","help":"...","value":false}]}
 *
 * A failure is {"error":"sentence"}, with "token":i when words[i] is to blame (i = their number:
 *one is missing) and "line":n when a line of a text is.
 */
#pragma once

#include "apps/confd/store.h"
#include "apps/lib/json.h"

/* Answer one request: writes exactly one object to reply. */
void confd_answer(struct store *s, const struct json *request, struct json_writer *reply);

/* Called after each commit that changed or confirmed something (keeps the text in /run). */
extern void (*confd_committed)(const struct store *s, bool changed);
