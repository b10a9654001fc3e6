// SPDX-License-Identifier: MIT
/*
 * The control socket of the program: commands in lines, each answered by lines of which the last is
 * "ok" or "error TEXT".
 *
 *	fault ID NAME COUNT [ARG]   arm a fault (COUNT "always" or a number, 0 disarms)
 *	hits ID NAME                how often it has happened
 *	light ID on|off             the partner's light
 *	go ID                       a generator that is held begins
 *	errors ID                   the error report
 *	clear ID                    forget the errors
 *	report                      counters of all devices
 *	stop                        end the program
 */
#pragma once

#include "tools/nicsim/sim.h"

struct control;

/* On a stream socket that is open already. */
struct control *control_make(int fd, void (*stop)(void *arg), void *arg);
void control_free(struct control *c);
int control_fd(const struct control *c);
void control_serve(struct control *c, struct nicsim *sim);
/* One command; the answer is written to `to`. */
void control_command(struct nicsim *sim, char *line, FILE *to);
