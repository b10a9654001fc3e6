// SPDX-License-Identifier: MIT
/* The commands that do something, as the table of grammar.c names them. */
#pragma once

#include "apps/pash/grammar.h"

/* conf.c: clients of confd */
void cmd_configure(struct session *s, const struct args *a);
void cmd_exit(struct session *s, const struct args *a);
void cmd_set(struct session *s, const struct args *a);
void cmd_delete(struct session *s, const struct args *a);
void cmd_commit(struct session *s, const struct args *a);
void cmd_commit_confirmed(struct session *s, const struct args *a);
void cmd_commit_check(struct session *s, const struct args *a);
void cmd_compare(struct session *s, const struct args *a);
void cmd_discard(struct session *s, const struct args *a);
void cmd_rollback(struct session *s, const struct args *a);
void cmd_show_configuration(struct session *s, const struct args *a);

/* program.c: other programs, and the machine */
void cmd_ping(struct session *s, const struct args *a);
void cmd_traceroute(struct session *s, const struct args *a);
void cmd_run(struct session *s, const struct args *a);
void cmd_reboot(struct session *s, const struct args *a);
void cmd_poweroff(struct session *s, const struct args *a);
void cmd_terminal_length(struct session *s, const struct args *a);

/* services.c: clients of init and arpd */
void cmd_restart(struct session *s, const struct args *a);
void cmd_clear_arp(struct session *s, const struct args *a);
