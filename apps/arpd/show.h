// SPDX-License-Identifier: MIT
/* arpd's answers on /run/arpd.sock. */
#pragma once

#include "apps/arpd/core.h"
#include "apps/lib/json.h"

/*
 * Requests: {"cmd":"show arp"[,"interface":"eth0"][,"address":"10.0.0.2"]},
 * {"cmd":"show neighbors"...} the same of both families, {"cmd":"show arp counters"},
 * {"cmd":"show router-advertisement"[,"interface":...]}, {"cmd":"clear
 * arp"[,"interface":...][,"address":...]}. Answers as in docs/json.md; {"error":...} for anything
 * else.
 */
void arpd_show(struct arpd *a, const struct json *request, struct json_writer *w, u64 now);
