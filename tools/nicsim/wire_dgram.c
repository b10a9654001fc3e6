// SPDX-License-Identifier: MIT
/* A wire of UNIX datagram sockets, one frame each, as QEMU's -netdev dgram. A full or absent
 * partner is waited for with a bounded queue, then frames are lost and counted. */
#include "tools/nicsim/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { QUEUE = 4096, RETRY_NS = 50000, SOCKET_BUFFER = 4 << 20 };

struct dgram {
	struct nicsim_wire w;
	int fd;
	struct sockaddr_un local, remote;
	struct {
		u32 len;
		u8 *data;
	} queue[QUEUE];
	u32 head, tail; /* free running */
	u64 retry;      /* when the partner was full, ~0: it is not */
	u8 frame[NICSIM_FRAME_MAX];
};

/* 1: gone or lost, 0: the partner is full */
static int try_send(struct dgram *d, const u8 *frame, u32 len)
{
	if (sendto(d->fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL,
		   (const struct sockaddr *)&d->remote, sizeof(d->remote)) >= 0)
		return 1;
	if (errno == EAGAIN || errno == ENOBUFS)
		return 0;
	d->w.lost++; /* nobody there */
	return 1;
}

static void flush(struct dgram *d)
{
	while (d->tail != d->head) {
		u32 i = d->tail % QUEUE;

		if (!try_send(d, d->queue[i].data, d->queue[i].len)) {
			d->retry = nicsim_now(d->w.dev) + RETRY_NS;
			return;
		}
		free(d->queue[i].data);
		d->tail++;
	}
	d->retry = ~0ull;
}

static void dgram_send(struct nicsim_wire *w, const u8 *frame, u32 len)
{
	struct dgram *d = (struct dgram *)w;
	u32 i;

	if (d->head == d->tail && try_send(d, frame, len))
		return;
	if (d->head - d->tail == QUEUE) {
		w->lost++;
		return;
	}
	i = d->head++ % QUEUE;
	d->queue[i].len = len;
	d->queue[i].data = malloc(len);
	memcpy(d->queue[i].data, frame, len);
	d->retry = MIN(d->retry, nicsim_now(w->dev) + RETRY_NS);
}

static u32 dgram_poll(struct nicsim_wire *w, u32 max)
{
	struct dgram *d = (struct dgram *)w;
	u32 n;

	if (d->head != d->tail)
		flush(d);
	for (n = 0; n < max && w->ready(w->arg); n++) {
		ssize_t len = recv(d->fd, d->frame, sizeof(d->frame), MSG_DONTWAIT);

		if (len < 0)
			break;
		w->in++;
		w->deliver(w->arg, d->frame, (u32)len);
	}
	return n;
}

static int dgram_fd(struct nicsim_wire *w)
{
	return w->ready(w->arg) ? ((struct dgram *)w)->fd : -1;
}

static u64 dgram_deadline(struct nicsim_wire *w)
{
	return ((struct dgram *)w)->retry;
}

static void dgram_destroy(struct nicsim_wire *w)
{
	struct dgram *d = (struct dgram *)w;

	while (d->tail != d->head)
		free(d->queue[d->tail++ % QUEUE].data);
	if (d->fd >= 0) {
		close(d->fd);
		unlink(d->local.sun_path);
	}
	free(d);
}

static const struct nicsim_wire_ops ops = { .name = "dgram",
					    .send = dgram_send,
					    .poll = dgram_poll,
					    .fd = dgram_fd,
					    .deadline = dgram_deadline,
					    .destroy = dgram_destroy };

struct nicsim_wire *nicsim_wire_dgram(const char *text, char *why, size_t whysize)
{
	size_t len = strcspn(text, ":");
	int size = SOCKET_BUFFER;
	struct dgram *d;

	if (!len || !text[len] || !text[len + 1] || len >= sizeof(d->local.sun_path) ||
	    strlen(text + len + 1) >= sizeof(d->remote.sun_path)) {
		snprintf(why, whysize,
			 "dgram:%s: LOCAL:REMOTE are two paths of less than %zu bytes", text,
			 sizeof(d->local.sun_path));
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	d->w.ops = &ops;
	d->w.light = true;
	d->retry = ~0ull;
	d->local.sun_family = d->remote.sun_family = AF_UNIX;
	memcpy(d->local.sun_path, text, len);
	strcpy(d->remote.sun_path, text + len + 1);
	d->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unlink(d->local.sun_path);
	if (d->fd < 0 || bind(d->fd, (const struct sockaddr *)&d->local, sizeof(d->local)) < 0) {
		snprintf(why, whysize, "dgram:%s: %s", d->local.sun_path, strerror(errno));
		if (d->fd >= 0)
			close(d->fd);
		free(d);
		return NULL;
	}
	setsockopt(d->fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(d->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return &d->w;
}
