// SPDX-License-Identifier: MIT
/* A wire of UNIX datagram sockets, one frame each, as QEMU's -netdev dgram, or of a TAP device. A
 * partner that is full is waited for with a bounded queue; what goes to nobody is lost and counted.
 */
#include "tools/nicsim/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <linux/if_tun.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { QUEUE = 8192, FULL = 1024, RETRY_NS = 50000, SOCKET_BUFFER = 4 << 20 };

struct dgram {
	struct nicsim_wire w;
	int fd;
	bool bound; /* by paths; else the socket is connected */
	bool tap;   /* a character device without a header before the frame */
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
	const struct sockaddr *to = d->bound ? (const struct sockaddr *)&d->remote : NULL;
	ssize_t n = d->tap ? write(d->fd, frame, len)
			   : sendto(d->fd, frame, len, MSG_DONTWAIT | MSG_NOSIGNAL, to,
				    to ? sizeof(d->remote) : 0);

	if (n >= 0)
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
		ssize_t len = d->tap ? read(d->fd, d->frame, sizeof(d->frame))
				     : recv(d->fd, d->frame, sizeof(d->frame), MSG_DONTWAIT);

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
	close(d->fd);
	if (d->bound)
		unlink(d->local.sun_path);
	free(d);
}

static bool dgram_full(struct nicsim_wire *w)
{
	const struct dgram *d = (struct dgram *)w;

	return d->head - d->tail >= FULL;
}

static const struct nicsim_wire_ops ops = { .name = "dgram",
					    .send = dgram_send,
					    .poll = dgram_poll,
					    .fd = dgram_fd,
					    .deadline = dgram_deadline,
					    .full = dgram_full,
					    .destroy = dgram_destroy };

static struct dgram *make(int fd)
{
	struct dgram *d = calloc(1, sizeof(*d));
	int size = SOCKET_BUFFER;

	d->w.ops = &ops;
	d->w.light = true;
	d->retry = ~0ull;
	d->fd = fd;
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	return d;
}

struct nicsim_wire *nicsim_wire_fd_make(const char *text, char *why, size_t whysize)
{
	char *end;
	long fd = strtol(text, &end, 10);
	struct ifreq tap = { .ifr_flags = 0 };
	struct dgram *d;
	int type;
	socklen_t len = sizeof(type);

	if (*text && !*end && fd >= 0 && fd < 65536) {
		if (!getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) && type == SOCK_DGRAM)
			return &make((int)fd)->w;
		if (!ioctl((int)fd, TUNGETIFF, &tap) && (tap.ifr_flags & IFF_TAP) &&
		    (tap.ifr_flags & IFF_NO_PI) && !(tap.ifr_flags & IFF_VNET_HDR)) {
			fcntl((int)fd, F_SETFL, O_NONBLOCK);
			d = make((int)fd);
			d->tap = true;
			return &d->w;
		}
	}
	snprintf(why, whysize, "fd:%s is no open datagram socket, nor a TAP without headers", text);
	return NULL;
}

struct nicsim_wire *nicsim_wire_dgram(const char *text, char *why, size_t whysize)
{
	struct sockaddr_un local = { .sun_family = AF_UNIX }, remote = local;
	size_t len = strcspn(text, ":");
	struct dgram *d;
	int fd;

	if (!len || !text[len] || !text[len + 1] || len >= sizeof(local.sun_path) ||
	    strlen(text + len + 1) >= sizeof(local.sun_path)) {
		snprintf(why, whysize,
			 "dgram:%s: LOCAL:REMOTE are two paths of less than %zu bytes", text,
			 sizeof(local.sun_path));
		return NULL;
	}
	memcpy(local.sun_path, text, len);
	strcpy(remote.sun_path, text + len + 1);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	unlink(local.sun_path);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&local, sizeof(local)) < 0) {
		snprintf(why, whysize, "dgram:%s: %s", local.sun_path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	d = make(fd);
	d->bound = true;
	d->local = local;
	d->remote = remote;
	return &d->w;
}
