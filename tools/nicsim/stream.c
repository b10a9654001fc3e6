// SPDX-License-Identifier: MIT
#include "tools/nicsim/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

bool stream_init(struct stream *s, int fd)
{
	*s = (struct stream){ .fd = fd, .data = malloc(STREAM_DATA) };
	return s->data != NULL;
}

static void close_fds(struct stream *s)
{
	while (s->nfds)
		close(s->fds[--s->nfds]);
}

void stream_free(struct stream *s)
{
	close_fds(s);
	free(s->data);
	if (s->fd >= 0)
		close(s->fd);
	s->data = NULL;
	s->fd = -1;
}

/* One recvmsg() into buf; descriptors are kept. Bytes, 0: none now, -1: hung up. */
static s64 receive(struct stream *s, u8 *buf, u64 len)
{
	union {
		struct cmsghdr align;
		u8 space[CMSG_SPACE(sizeof(int) * STREAM_FDS)];
	} control;
	struct iovec iov = { buf, len };
	struct msghdr m = { .msg_iov = &iov,
			    .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(s->fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		u32 count;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		count = (u32)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
		for (u32 i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (s->nfds < STREAM_FDS)
				s->fds[s->nfds++] = fd;
			else
				close(fd);
		}
	}
	return n ? n : -1;
}

int stream_read(struct stream *s, s64 (*size)(const u8 *header))
{
	for (;;) {
		s64 n, want;

		if (s->have < STREAM_HEADER) {
			n = receive(s, s->header + s->have, STREAM_HEADER - s->have);
		} else {
			want = size(s->header);
			if (want < 0 || want > STREAM_DATA)
				return -2;
			if (s->have == STREAM_HEADER + (u64)want)
				return 1;
			n = receive(s, s->data + s->have - STREAM_HEADER,
				    STREAM_HEADER + (u64)want - s->have);
		}
		if (n <= 0)
			return (int)n;
		s->have += (u32)n;
	}
}

void stream_done(struct stream *s)
{
	close_fds(s);
	s->have = 0;
}

bool stream_write(struct stream *s, const void *buf, u64 len)
{
	const u8 *p = buf;

	while (len) {
		ssize_t n = send(s->fd, p, len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = { s->fd, POLLOUT, 0 };

			poll(&wait, 1, 1000);
			continue;
		}
		if (n <= 0)
			return false;
		p += n;
		len -= (u64)n;
	}
	return true;
}
