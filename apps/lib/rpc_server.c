// SPDX-License-Identifier: MIT
/* The serving side of line-JSON, see rpc.h. */
#define _GNU_SOURCE /* accept4, where another C library hides it */
#include "apps/lib/rpc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static void client_drop(struct rpc_server *s, struct rpc_client *c)
{
	unsigned id = c->id;

	close(c->fd);
	free(c->in);
	free(c->out);
	memset(c, 0, sizeof(*c));
	c->fd = -1;
	if (s->gone)
		s->gone(s->ctx, id);
}

int rpc_server_open(struct rpc_server *s, const char *path, rpc_handler handler, void *ctx)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int err;

	memset(s, 0, sizeof(*s));
	s->fd = -1;
	for (int i = 0; i < RPC_CLIENTS; i++)
		s->client[i].fd = -1;
	s->handler = handler;
	s->ctx = ctx;
	s->next_id = 1;
	json_begin(&s->reply, RPC_REPLY_MAX);
	if (strlen(path) >= sizeof(addr.sun_path))
		return -ENAMETOOLONG;
	strcpy(addr.sun_path, path);
	strcpy(s->path, path);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (s->fd < 0)
		return -errno;
	unlink(path);
	if (bind(s->fd, (struct sockaddr *)&addr, sizeof(addr)) || listen(s->fd, RPC_CLIENTS)) {
		err = -errno;
		close(s->fd);
		s->fd = -1;
		return err;
	}
	return 0;
}

void rpc_server_close(struct rpc_server *s)
{
	for (int i = 0; i < RPC_CLIENTS; i++) {
		if (s->client[i].fd >= 0)
			client_drop(s, &s->client[i]);
	}
	if (s->fd >= 0) {
		close(s->fd);
		unlink(s->path);
	}
	s->fd = -1;
	json_free(&s->reply);
}

size_t rpc_server_poll(const struct rpc_server *s, struct pollfd *fds)
{
	size_t n = 0;
	bool room = false;

	for (int i = 0; i < RPC_CLIENTS; i++) {
		const struct rpc_client *c = &s->client[i];

		if (c->fd < 0) {
			room = true;
			continue;
		}
		fds[n].fd = c->fd;
		fds[n].events = c->out_used ? POLLOUT : POLLIN;
		fds[n++].revents = 0;
	}
	if (room && s->fd >= 0) {
		fds[n].fd = s->fd;
		fds[n].events = POLLIN;
		fds[n++].revents = 0;
	}
	return n;
}

/* Queues text and a newline for the client. */
static int client_queue(struct rpc_client *c, const char *text, size_t n)
{
	if (c->out_used + n + 1 > c->out_size) {
		char *more = realloc(c->out, c->out_used + n + 1);

		if (!more)
			return -ENOMEM;
		c->out = more;
		c->out_size = c->out_used + n + 1;
	}
	memcpy(c->out + c->out_used, text, n);
	c->out[c->out_used + n] = '\n';
	c->out_used += n + 1;
	return 0;
}

/* Sends what waits. False: the client is gone. */
static bool client_flush(struct rpc_client *c)
{
	while (c->out_sent < c->out_used) {
		ssize_t r = send(c->fd, c->out + c->out_sent, c->out_used - c->out_sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return errno == EAGAIN;
		c->out_sent += (size_t)r;
	}
	free(c->out); /* an idle client costs no buffer */
	c->out = NULL;
	c->out_used = c->out_sent = c->out_size = 0;
	return !c->closing;
}

static const char *answer(struct rpc_server *s, struct rpc_client *c, const char *line, size_t n)
{
	struct json_doc doc;
	char text[160];
	const char *reply = NULL;
	int err = json_parse(&doc, line, n);

	json_reset(&s->reply);
	if (err || doc.root->type != JSON_OBJECT) {
		if (err)
			snprintf(text, sizeof(text), "request: %s at byte %zu", doc.error,
				 doc.error_at);
		else
			snprintf(text, sizeof(text), "request: a JSON object is expected");
	} else {
		snprintf(text, sizeof(text), "no answer, or one larger than %u bytes",
			 (unsigned)RPC_REPLY_MAX);
		s->handler(s->ctx, c, doc.root, &s->reply);
		reply = json_finish(&s->reply);
	}
	json_doc_free(&doc);
	if (!reply) {
		json_reset(&s->reply);
		json_object(&s->reply);
		json_kv_str(&s->reply, "error", text);
		json_end(&s->reply);
		reply = json_finish(&s->reply);
	}
	return reply ? reply : "{\"error\":\"out of memory\"}";
}

/* Serves the first complete line in the input, if any. False: the client is to be dropped. */
static bool client_serve(struct rpc_server *s, struct rpc_client *c)
{
	char *nl = c->in_used ? memchr(c->in, '\n', c->in_used) : NULL;
	const char *reply;
	size_t n;

	if (!nl) {
		if (c->in_used < RPC_LINE_MAX)
			return true;
		reply = "{\"error\":\"request line too long\"}";
		c->closing = true;
		return client_queue(c, reply, strlen(reply)) == 0 && client_flush(c);
	}
	n = (size_t)(nl - c->in);
	if (n) {
		reply = answer(s, c, c->in, n);
		if (client_queue(c, reply, strlen(reply)))
			return false;
	}
	c->in_used -= n + 1;
	memmove(c->in, nl + 1, c->in_used);
	if (!c->in_used) {
		free(c->in);
		c->in = NULL;
		c->in_size = 0;
	}
	return client_flush(c);
}

static bool client_read(struct rpc_client *c)
{
	ssize_t r;

	if (c->in_used == c->in_size) {
		size_t want = c->in_size ? c->in_size * 2 : 1024;
		char *more;

		want = want > RPC_LINE_MAX ? RPC_LINE_MAX : want;
		if (want == c->in_size)
			return false;
		more = realloc(c->in, want);
		if (!more)
			return false;
		c->in = more;
		c->in_size = want;
	}
	r = read(c->fd, c->in + c->in_used, c->in_size - c->in_used);
	if (r < 0)
		return errno == EAGAIN || errno == EINTR;
	c->in_used += (size_t)r;
	return r > 0;
}

static void server_accept(struct rpc_server *s)
{
	int fd = accept4(s->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	for (int i = 0; i < RPC_CLIENTS; i++) {
		struct rpc_client *c = &s->client[i];

		if (c->fd < 0) {
			memset(c, 0, sizeof(*c));
			c->fd = fd;
			c->id = s->next_id++;
			return;
		}
	}
	close(fd);
}

static bool client_step(struct rpc_server *s, struct rpc_client *c, short events)
{
	if (events & POLLNVAL)
		return false;
	if (c->out_used) {
		if (!(events & (POLLOUT | POLLERR | POLLHUP)))
			return true;
		if (!client_flush(c))
			return false;
		/* lines that came while the answer was being sent */
		return c->out_used != 0 || client_serve(s, c);
	}
	if (!(events & (POLLIN | POLLERR | POLLHUP)))
		return true;
	return client_read(c) && client_serve(s, c);
}

/* More lines are in the buffer already, and poll() will not report them. */
static void client_drain(struct rpc_server *s, struct rpc_client *c)
{
	while (c->fd >= 0 && !c->out_used && c->in_used && memchr(c->in, '\n', c->in_used)) {
		if (!client_serve(s, c))
			client_drop(s, c);
	}
}

void rpc_server_step(struct rpc_server *s, const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!fds[i].revents)
			continue;
		if (fds[i].fd == s->fd) {
			server_accept(s);
			continue;
		}
		for (int k = 0; k < RPC_CLIENTS; k++) {
			struct rpc_client *c = &s->client[k];

			if (c->fd != fds[i].fd)
				continue;
			if (client_step(s, c, fds[i].revents))
				client_drain(s, c);
			else
				client_drop(s, c);
			break;
		}
	}
}

int rpc_notify(struct rpc_server *s, unsigned client_id, const char *line)
{
	size_t n = strlen(line);

	for (int i = 0; i < RPC_CLIENTS; i++) {
		struct rpc_client *c = &s->client[i];

		if (c->fd < 0 || c->id != client_id)
			continue;
		if (c->out_used - c->out_sent + n > RPC_NOTES_MAX)
			return -ENOBUFS;
		return client_queue(c, line, n); /* goes out with the next POLLOUT */
	}
	return -ENOENT;
}
