// SPDX-License-Identifier: MIT
/*
 * Line-JSON over UNIX stream sockets: a client writes one JSON object on one line, the server
 * answers with one on one line, in order. {"error":"sentence"} is the answer to anything that
 * fails. confd and arpd serve, pash and init call.
 *
 * The server does not block: it lends its descriptors to the owner's poll() and is stepped with the
 * result. Buffers are bounded: a request line has at most RPC_LINE_MAX bytes, an answer at most
 * RPC_REPLY_MAX; a client is not read while its answer is still being taken.
 */
#pragma once

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "apps/lib/json.h"

enum {
	RPC_CLIENTS = 32,
	RPC_POLLFDS = RPC_CLIENTS + 1,
	RPC_LINE_MAX = 256 << 10,
	RPC_REPLY_MAX = 4 << 20,
	RPC_NOTES_MAX = 64 << 10, /* unsolicited lines that wait for one client */
};

struct rpc_server;
struct rpc_client;

/*
 * Called for each request that parsed as an object. The handler writes exactly one value to reply;
 * an empty or broken reply is answered with an error.
 */
typedef void (*rpc_handler)(void *ctx, struct rpc_client *from, const struct json *request,
			    struct json_writer *reply);

struct rpc_client {
	int fd;      /* -1: free */
	unsigned id; /* unique while the server lives */
	char *in;    /* RPC_LINE_MAX on demand */
	size_t in_used, in_size;
	char *out; /* answer and notes being sent */
	size_t out_used, out_sent, out_size;
	bool closing; /* close when out is sent */
};

struct rpc_server {
	int fd;
	char path[108];
	rpc_handler handler;
	void (*gone)(void *ctx, unsigned client_id); /* optional: a client left */
	void *ctx;
	unsigned next_id;
	struct rpc_client client[RPC_CLIENTS];
	struct json_writer reply;
};

/* Listens at path (an old socket file is replaced). 0 or -errno. */
int rpc_server_open(struct rpc_server *s, const char *path, rpc_handler handler, void *ctx);
void rpc_server_close(struct rpc_server *s);
/* Fills up to RPC_POLLFDS entries. Returns how many. */
size_t rpc_server_poll(const struct rpc_server *s, struct pollfd *fds);
/* Serves what poll() reported in the same entries; at most one request per client and call. */
void rpc_server_step(struct rpc_server *s, const struct pollfd *fds, size_t n);
/* Sends an unsolicited line (without newline) to a client. 0; -ENOENT gone; -ENOBUFS it does not
 * read. */
int rpc_notify(struct rpc_server *s, unsigned client_id, const char *line);

/* $PIX_RUN/name or /run/name. 0 or -ENAMETOOLONG. */
int rpc_path(char *buf, size_t n, const char *name);
/* A connected socket (close-on-exec), or -errno. */
int rpc_connect(const char *path);
/* One request, one answer; *reply is malloc'd and NUL-terminated without the newline. timeout_ms
 * covers all of it, negative waits for ever. 0; -ETIMEDOUT; -EPIPE server closed; -EMSGSIZE;
 * -errno. */
int rpc_call(int fd, const char *request, char **reply, int timeout_ms);
/* Connect, call, parse, close: the answer's tree in doc. 0 or -errno (also of json_parse). */
int rpc_query(const char *socket_name, const char *request, struct json_doc *doc, int timeout_ms);
