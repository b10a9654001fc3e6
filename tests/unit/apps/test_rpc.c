// SPDX-License-Identifier: MIT
/*
 * Line-JSON between a server in a child process and clients here: answers, order, many clients,
 * slow and rude ones, limits.
 */
#include "tests/unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apps/lib/rpc.h"

enum { PATIENCE = 30000 }; /* ms for what is due at once: the host may be busy */

static char dir[] = "/tmp/pixrpcXXXXXX", path[64];
static pid_t server_pid;

/* {"echo":X} -> {"echo":X}; {"big":N} -> a string of N; {"none":1} -> nothing; {"note":T} -> a note
 * to the caller first. */
static struct rpc_server server;

static void handle(void *ctx, struct rpc_client *from, const struct json *q, struct json_writer *w)
{
	uint64_t big = json_get_u64(q, "big", 0);
	const char *note = json_get_str(q, "note", NULL);

	(void)ctx;
	if (json_get(q, "none"))
		return;
	if (json_get(q, "clients")) {
		unsigned n = 0;

		for (int i = 0; i < RPC_CLIENTS; i++)
			n += server.client[i].fd >= 0;
		json_u64(w, n);
		return;
	}
	if (note) {
		char line[100];

		snprintf(line, sizeof(line), "{\"note\":\"%s\"}", note);
		rpc_notify(&server, from->id, line);
	}
	json_object(w);
	json_key(w, "echo");
	if (big) {
		char *s = malloc(big + 1);

		memset(s, 'x', big);
		s[big] = '\0';
		json_str(w, s);
		free(s);
	} else {
		json_value(w, json_get(q, "echo"));
	}
	json_end(w);
}

static void serve(void)
{
	struct pollfd fds[RPC_POLLFDS];

	for (;;) {
		size_t n = rpc_server_poll(&server, fds);

		if (poll(fds, n, -1) > 0)
			rpc_server_step(&server, fds, n);
	}
}

static int start(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/t.sock", dir);
	setenv("PIX_RUN", dir, 1);
	if (rpc_server_open(&server, path, handle, NULL))
		return -1;
	server_pid = fork();
	if (server_pid == 0) {
		serve();
		_exit(0);
	}
	close(server.fd);
	return 0;
}

static int stop(void **state)
{
	int status, dead = waitpid(server_pid, &status, WNOHANG);

	(void)state;
	kill(server_pid, SIGKILL);
	waitpid(server_pid, &status, 0);
	unlink(path);
	rmdir(dir);
	return dead != 0; /* it must have lived till now */
}

static void test_query(void **state)
{
	struct json_doc d;

	(void)state;
	assert_int_equal(rpc_query("t.sock", "{\"echo\":[1,2]}", &d, PATIENCE), 0);
	assert_int_equal(json_get(d.root, "echo")->count, 2);
	json_doc_free(&d);
	assert_int_equal(rpc_query("none.sock", "{}", &d, PATIENCE), -ENOENT);
}

static void expect(int fd, const char *request, const char *answer)
{
	char *reply;

	assert_int_equal(rpc_call(fd, request, &reply, PATIENCE), 0);
	assert_string_equal(reply, answer);
	free(reply);
}

static void test_errors_are_answers(void **state)
{
	int fd = rpc_connect(path);

	(void)state;
	assert_true(fd >= 0);
	expect(fd, "{\"echo\":1", "{\"error\":\"request: ',' or '}' expected at byte 9\"}");
	expect(fd, "[]", "{\"error\":\"request: a JSON object is expected\"}");
	expect(fd, "{\"none\":1}", "{\"error\":\"no answer, or one larger than 4194304 bytes\"}");
	expect(fd, "{\"big\":5000000}",
	       "{\"error\":\"no answer, or one larger than 4194304 bytes\"}");
	expect(fd, "{\"echo\":null}", "{\"echo\":null}"); /* and it goes on */
	close(fd);
}

static void test_big_answer(void **state)
{
	int fd = rpc_connect(path);
	char *reply;

	(void)state;
	assert_int_equal(rpc_call(fd, "{\"big\":3000000}", &reply, PATIENCE), 0);
	assert_int_equal(strlen(reply), 3000000 + 11);
	free(reply);
	expect(fd, "{\"echo\":2}", "{\"echo\":2}");
	close(fd);
}

/* Several lines in one write, cut at odd places: one answer each, in order. */
static void test_pipelined(void **state)
{
	int fd = rpc_connect(path);
	static char all[8192], got[8192], want[8192];
	size_t n = 0, len;

	(void)state;
	for (int i = 0; i < 200; i++) {
		sprintf(all + strlen(all), "{\"echo\":%d}\n", i);
		sprintf(want + strlen(want), "{\"echo\":%d}\n", i);
	}
	len = strlen(all);
	for (size_t at = 0; at < len; at += 777)
		assert_true(write(fd, all + at, len - at < 777 ? len - at : 777) > 0);
	while (n < len) {
		ssize_t r = read(fd, got + n, sizeof(got) - n);

		assert_true(r > 0);
		n += (size_t)r;
	}
	assert_string_equal(got, want);
	close(fd);
}

static void test_many_clients(void **state)
{
	int fd[RPC_CLIENTS], extra;
	char *reply;

	(void)state;
	for (int i = 0; i < RPC_CLIENTS; i++) {
		fd[i] = rpc_connect(path);
		assert_true(fd[i] >= 0);
	}
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < RPC_CLIENTS; i++) {
			char q[32];

			sprintf(q, "{\"echo\":%d}", i);
			expect(fd[i], q, q);
		}
	}
	expect(fd[3], "{\"clients\":1}", "32");
	/* one more waits until another leaves */
	extra = rpc_connect(path);
	assert_true(extra >= 0);
	assert_int_equal(rpc_call(extra, "{\"echo\":0}", &reply, 100), -ETIMEDOUT);
	close(fd[0]);
	{
		struct pollfd p = { extra, POLLIN, 0 };

		assert_int_equal(poll(&p, 1, PATIENCE), 1);
	}
	for (int i = 1; i < RPC_CLIENTS; i++)
		close(fd[i]);
	close(extra);
}

/* A client that asks for much and never reads stops only itself. */
static void test_client_that_does_not_read(void **state)
{
	static const char q[] = "{\"big\":1000000}\n";
	int rude = rpc_connect(path), fd = rpc_connect(path);

	(void)state;
	for (int i = 0; i < 50; i++) {
		if (send(rude, q, sizeof(q) - 1, MSG_DONTWAIT) < 0)
			break;
	}
	for (int i = 0; i < 50; i++)
		expect(fd, "{\"echo\":true}", "{\"echo\":true}");
	close(rude);
	expect(fd, "{\"echo\":true}", "{\"echo\":true}");
	close(fd);
}

static void test_line_too_long(void **state)
{
	int fd = rpc_connect(path), other = rpc_connect(path);
	static char block[4096];
	char got[64];
	size_t sent = 0;
	ssize_t r;

	(void)state;
	memset(block, ' ', sizeof(block));
	while (sent < RPC_LINE_MAX) {
		r = send(fd, block, sizeof(block), MSG_NOSIGNAL);
		assert_true(r > 0);
		sent += (size_t)r;
	}
	r = read(fd, got, sizeof(got));
	assert_true(r > 0);
	assert_memory_equal(got, "{\"error\":\"request line too long\"}\n", (size_t)r);
	assert_true(read(fd, got, sizeof(got)) <= 0);
	close(fd);
	expect(other, "{\"echo\":1}", "{\"echo\":1}");
	close(other);
}

/* Clients that come and go at any moment leave nothing behind. */
static void test_churn(void **state)
{
	struct timespec tick = { 0, 10 * 1000000 };
	char *reply;
	int fd;

	(void)state;
	for (int i = 0; i < 500; i++) {
		int c = rpc_connect(path);

		assert_true(c >= 0);
		if (i % 3)
			assert_true(send(c, "{\"echo\":1}\n{\"ec", (size_t)(i % 16),
					 MSG_NOSIGNAL) >= 0);
		close(c);
	}
	fd = rpc_connect(path);
	for (int i = 0; i < 1000; i++) {
		assert_int_equal(rpc_call(fd, "{\"clients\":1}", &reply, PATIENCE), 0);
		if (strcmp(reply, "1") == 0)
			break;
		free(reply);
		reply = NULL;
		nanosleep(&tick, NULL);
	}
	assert_string_equal(reply, "1");
	free(reply);
	close(fd);
}

static void test_notes(void **state)
{
	int fd = rpc_connect(path);
	char got[128];
	size_t n = 0, want = strlen("{\"note\":\"hi\"}\n{\"echo\":1}\n");

	(void)state;
	assert_true(write(fd, "{\"note\":\"hi\",\"echo\":1}\n", 23) == 23);
	while (n < want) {
		ssize_t r = read(fd, got + n, sizeof(got) - n);

		assert_true(r > 0);
		n += (size_t)r;
	}
	assert_memory_equal(got, "{\"note\":\"hi\"}\n{\"echo\":1}\n", want);
	close(fd);
}

static void test_path(void **state)
{
	char buf[32];

	(void)state;
	assert_int_equal(rpc_path(buf, sizeof(buf), "a-name-that-is-too-long-for-it.sock"),
			 -ENAMETOOLONG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_query),
		cmocka_unit_test(test_errors_are_answers),
		cmocka_unit_test(test_big_answer),
		cmocka_unit_test(test_pipelined),
		cmocka_unit_test(test_many_clients),
		cmocka_unit_test(test_client_that_does_not_read),
		cmocka_unit_test(test_line_too_long),
		cmocka_unit_test(test_churn),
		cmocka_unit_test(test_notes),
		cmocka_unit_test(test_path),
	};

	signal(SIGPIPE, SIG_IGN);
	alarm(110);
	return cmocka_run_group_tests(tests, start, stop);
}
