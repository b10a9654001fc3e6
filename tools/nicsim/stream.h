// SPDX-License-Identifier: MIT
/*
 * Messages of a stream socket: a header of 16 bytes, then data whose length the header tells; file
 * descriptors come with the header. Reading never blocks and keeps what is there of a message.
 */
#pragma once

#include "qgm/compiler.h"

enum { STREAM_HEADER = 16, STREAM_FDS = 16, STREAM_DATA = (1 << 20) + 256 };

struct stream {
	int fd;
	u32 have; /* bytes of the message so far */
	u8 header[STREAM_HEADER];
	u8 *data; /* STREAM_DATA bytes */
	int fds[STREAM_FDS];
	u32 nfds;
};

bool stream_init(struct stream *s, int fd);
void stream_free(struct stream *s);

/*
 * Read on. 1: a whole message is in header, data; take the fds (set nfds to 0) or stream_done()
 * closes them. 0: more must come. -1: hung up. -2: the header's length is wrong. size() tells the
 * bytes of data that follow a header, -1: not valid.
 */
int stream_read(struct stream *s, s64 (*size)(const u8 *header));
/* The message is served. */
void stream_done(struct stream *s);
/* Send all of it, waiting for room; false: hung up. */
bool stream_write(struct stream *s, const void *buf, u64 len);
