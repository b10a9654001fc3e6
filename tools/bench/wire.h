// SPDX-License-Identifier: MIT
/*
 * wire: ports of the hosted data plane with something behind them: a link to another port of this
 * process (each may be another QGM's), or capture files in and out. Frames are copied into the
 * wire by Tx and out of it into a buffer of the receiver's pool by Rx, as a device does it.
 */
#pragma once

#include "qgm/port.h"

struct wire;

/* Boot: a registered port. NULL when memory or ids run out. */
struct wire *wire_create(void);
struct port *wire_port(struct wire *w);

/* Before start: what a sends, b receives, and the other way. */
void wire_link(struct wire *a, struct wire *b);

/* The thread that turns its QGM, when all ports run: receive the frames of a capture file (classic
 * pcap, Ethernet, either byte order), `times` over. 0, -1: no such file, not such a file, or a
 * frame beyond the buffers. */
int wire_play(struct wire *w, const char *path, unsigned times);

/* Before start: write what is sent into a capture file; wire_close() ends it. 0 or -1. */
int wire_record(struct wire *w, const char *path);
int wire_close(struct wire *w);

/* Frames received and sent so far, and lost because the link's other side did not keep up. */
u64 wire_received(const struct wire *w);
u64 wire_sent(const struct wire *w);
u64 wire_lost(const struct wire *w);
