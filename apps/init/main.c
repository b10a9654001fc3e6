// SPDX-License-Identifier: MIT
/*
 * init: the first process. Starts what /etc/init.conf lists, starts it again with exponential
 * back-off when it ends, reaps orphans, and stops the machine: on SIGTERM and SIGINT it reboots, on
 * SIGUSR2 it powers off, on SIGUSR1 it halts; the same by {"cmd":"reboot"}, {"cmd":"poweroff"},
 * {"cmd":"halt"} on /run/init.sock, where {"cmd":"show services"} lists the services and
 * {"cmd":"restart","service":NAME} restarts one. Run by hand (not as process 1) it only ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "apps/init/service.h"
#include "apps/lib/args.h"
#include "apps/lib/rpc.h"

enum {
	CONF_MAX = 16 << 10,
	TERM_WAIT_MS = 2000, /* between SIGTERM and SIGKILL */
};

static struct services services;
static struct rpc_server rpc;
static bool rpc_open;
static volatile sig_atomic_t stop_signal; /* how to stop; 0: go on */

static uint64_t now_ms(void)
{
	struct timespec ts = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

static void on_stop(int sig)
{
	stop_signal = sig;
}

static void on_child(int sig)
{
	(void)sig; /* only ends poll() */
}

/* The signal is delivered while init waits in ppoll() only, so none comes between looking and
 * waiting. */
static void set_handler(int sig, void (*fn)(int))
{
	struct sigaction act = { .sa_handler = fn };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(sig, &act, NULL);
}

/* poll() for at most ms (-1: for ever) with all signals open. */
static int wait_events(struct pollfd *fds, size_t n, int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };
	sigset_t none;

	sigemptyset(&none);
	return ppoll(fds, n, ms < 0 ? NULL : &ts, &none);
}

/* Descriptors first to last on path. Leaves them alone when it cannot be opened. */
static void use_file(const char *path, int flags, int first, int last)
{
	int fd = open(path, flags);

	if (fd < 0)
		return;
	for (int i = first; i <= last; i++) {
		if (fd != i)
			dup2(fd, i);
	}
	if (fd < first || fd > last)
		close(fd);
}

/* Output goes into the kernel's log, from where the consoles show it between what the operator's
 * programs print there. */
static void use_log(void)
{
	use_file("/dev/kmsg", O_WRONLY, 1, 2);
}

static void child(const struct service *s)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int sig = 1; sig < 32; sig++)
		signal(sig, SIG_DFL);
	setsid();
	if (s->console) {
		if (getppid() == 1)
			use_file("/dev/console", O_RDWR, 0, 2);
		ioctl(0, TIOCSCTTY, 0);
	} else {
		use_file("/dev/null", O_RDWR, 0, 0);
	}
	execve(s->argv[0], s->argv, environ);
	fprintf(stderr, "init: %s: cannot start %s: %s\n", s->name, s->argv[0], strerror(errno));
	_exit(127);
}

static void service_start(struct service *s, uint64_t now)
{
	pid_t pid = fork();

	if (pid == 0)
		child(s);
	s->started = now;
	if (pid < 0) {
		fprintf(stderr, "init: %s: fork: %s\n", s->name, strerror(errno));
		service_ended(s, 0x7f00, now);
		return;
	}
	s->pid = pid;
}

static void report(const struct service *s, int status, uint64_t ran)
{
	char how[64];

	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "killed by signal %d (%s)", WTERMSIG(status),
			 strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 0 && s->console)
		return;
	else
		snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(status));
	fprintf(stderr, "init: %s: %s after %lu ms, starts again in %lu ms\n", s->name, how, ran,
		s->delay);
}

static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		uint64_t now = now_ms();

		for (unsigned i = 0; i < services.count; i++) {
			struct service *s = &services.s[i];

			if (s->pid != pid)
				continue;
			service_ended(s, status, now);
			if (!stop_signal)
				report(s, status, now - s->started);
		}
	}
}

/* Starts what is due. Returns ms until the next start, -1 when all run. */
static int start_due(void)
{
	uint64_t now = now_ms(), next = UINT64_MAX;

	for (unsigned i = 0; i < services.count; i++) {
		struct service *s = &services.s[i];

		if (!s->pid && s->start_at <= now)
			service_start(s, now);
		if (!s->pid && s->start_at < next)
			next = s->start_at;
	}
	if (next == UINT64_MAX)
		return -1;
	return next > now ? (int)(next - now) : 0;
}

static void show_services(struct json_writer *w)
{
	uint64_t now = now_ms();

	json_object(w);
	json_key(w, "services");
	json_array(w);
	for (unsigned i = 0; i < services.count; i++) {
		const struct service *s = &services.s[i];

		json_object(w);
		json_kv_str(w, "name", s->name);
		json_kv_str(w, "program", s->argv[0]);
		json_kv_s64(w, "pid", s->pid);
		json_kv_u64(w, "restarts", s->restarts);
		json_kv_s64(w, "last_status", s->last_status);
		json_kv_u64(w, "uptime_s", s->pid ? (now - s->started) / 1000 : 0);
		json_end(w);
	}
	json_end(w);
	json_end(w);
}

/* Ends it by SIGTERM, or starts it now if it waits for its next start. */
static void restart_service(const char *name, struct json_writer *w)
{
	json_object(w);
	for (unsigned i = 0; i < services.count; i++) {
		struct service *s = &services.s[i];

		if (strcmp(s->name, name) != 0)
			continue;
		s->delay = 0;
		s->start_at = 0;
		if (s->pid)
			kill(s->pid, SIGTERM);
		json_kv_bool(w, "ok", true);
		json_end(w);
		return;
	}
	json_key(w, "error");
	json_printf(w, "no service '%s'", name);
	json_end(w);
}

static void serve(void *ctx, struct rpc_client *from, const struct json *request,
		  struct json_writer *w)
{
	static const struct {
		const char *cmd;
		int sig;
	} stops[] = { { "reboot", SIGTERM }, { "poweroff", SIGUSR2 }, { "halt", SIGUSR1 } };
	const char *cmd = json_get_str(request, "cmd", "");

	(void)ctx;
	(void)from;
	if (strcmp(cmd, "show services") == 0) {
		show_services(w);
		return;
	}
	if (strcmp(cmd, "restart") == 0) {
		restart_service(json_get_str(request, "service", ""), w);
		return;
	}
	json_object(w);
	for (unsigned i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		if (strcmp(cmd, stops[i].cmd) == 0) {
			stop_signal = stops[i].sig;
			json_kv_bool(w, "ok", true);
			json_end(w);
			return;
		}
	}
	json_key(w, "error");
	json_printf(w, "unknown command '%s'", cmd);
	json_end(w);
}

static bool any_running(void)
{
	for (unsigned i = 0; i < services.count; i++) {
		if (services.s[i].pid)
			return true;
	}
	return false;
}

static void signal_all(int sig)
{
	if (getpid() == 1) {
		kill(-1, sig);
		return;
	}
	for (unsigned i = 0; i < services.count; i++) {
		if (services.s[i].pid)
			kill(services.s[i].pid, sig);
	}
}

static void stop(int sig)
{
	static const struct timespec tick = { 0, 20 * 1000000 };
	uint64_t deadline = now_ms() + TERM_WAIT_MS;
	int cmd = sig == SIGUSR2   ? RB_POWER_OFF
		  : sig == SIGUSR1 ? (int)RB_HALT_SYSTEM
				   : RB_AUTOBOOT;

	fprintf(stderr, "init: %s\n",
		sig == SIGUSR2   ? "powering off"
		: sig == SIGUSR1 ? "halting"
				 : "rebooting");
	signal_all(SIGTERM);
	while (any_running() && now_ms() < deadline) {
		nanosleep(&tick, NULL);
		reap();
	}
	signal_all(SIGKILL);
	sync();
	if (rpc_open)
		rpc_server_close(&rpc);
	if (getpid() != 1)
		exit(0);
	reboot(cmd);
	fprintf(stderr, "init: the machine does not stop: %s\n", strerror(errno));
	for (;;)
		pause();
}

static void read_conf(const char *path)
{
	static char text[CONF_MAX];
	FILE *f = fopen(path, "re");
	unsigned line;
	char error[96];
	size_t n;

	if (!f) {
		fprintf(stderr, "init: %s: %s\n", path, strerror(errno));
		return;
	}
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	if (n == sizeof(text) - 1)
		fprintf(stderr, "init: %s: longer than %zu bytes, cut\n", path, n);
	fclose(f);
	/* what was read before a wrong line is started: a console with an error beats none */
	if (services_parse(&services, text, &line, error))
		fprintf(stderr, "init: %s:%u: %s\n", path, line, error);
}

static void start(int argc, char **argv)
{
	const char *conf = "/etc/init.conf";
	char path[108];
	int opt, err;

	while ((opt = getopt(argc, argv, "c:")) != -1) {
		if (opt != 'c')
			args_die("init", "usage: init [-c FILE]");
		conf = optarg;
	}
	if (getpid() == 1) {
		if (fcntl(2, F_GETFD) < 0)
			use_file("/dev/console", O_RDWR, 0, 2);
		use_log();
		setenv("PATH", "/bin:/sbin", 0);
		setenv("HOME", "/", 0);
		setenv("TERM", "vt100", 0);
	}
	set_handler(SIGCHLD, on_child);
	set_handler(SIGTERM, on_stop);
	set_handler(SIGINT, on_stop);
	set_handler(SIGUSR1, on_stop);
	set_handler(SIGUSR2, on_stop);
	read_conf(conf);
	err = rpc_path(path, sizeof(path), "init.sock");
	if (!err)
		err = rpc_server_open(&rpc, path, serve, NULL);
	rpc_open = !err;
	if (err)
		fprintf(stderr, "init: cannot serve %s: %s\n", path, strerror(-err));
	if (!services.count)
		fprintf(stderr, "init: no services\n");
}

int main(int argc, char **argv)
{
	start(argc, argv);
	for (;;) {
		struct pollfd fds[RPC_POLLFDS];
		size_t n;
		int wait;

		reap();
		if (stop_signal)
			stop(stop_signal);
		wait = start_due();
		n = rpc_open ? rpc_server_poll(&rpc, fds) : 0;
		if (wait_events(fds, n, wait) > 0)
			rpc_server_step(&rpc, fds, n);
	}
}
