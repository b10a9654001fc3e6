// SPDX-License-Identifier: MIT
/*
 * Runs programs of our libc on the host: exit codes, output, signals; and looks at how they are
 * linked. $PIX_NATIVE names native.c's program (default: as the build places it).
 */
#define _GNU_SOURCE
#include "tests/unit/unit.h"

#include <elf.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *program;
static char output[4096];

/* Runs `native a b c`; its standard output and error are in output. Returns the wait status. */
static int run(const char *a, const char *b, const char *c)
{
	int p[2], status;
	size_t n = 0;
	ssize_t r;
	pid_t pid;

	assert_int_equal(pipe(p), 0);
	pid = fork();
	if (pid == 0) {
		setenv("PIXTEST", "value with = inside", 1);
		dup2(p[1], 1);
		dup2(p[1], 2);
		close(p[0]);
		alarm(100);
		execl(program, program, a, b, c, (char *)NULL);
		_exit(126);
	}
	close(p[1]);
	while ((r = read(p[0], output + n, sizeof(output) - 1 - n)) > 0)
		n += (size_t)r;
	output[n] = '\0';
	close(p[0]);
	waitpid(pid, &status, 0);
	return status;
}

static void passes(const char *name)
{
	int status = run(name, NULL, NULL);

	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("%s: status %x, %s", name, (unsigned)status, output);
}

static void test_args(void **state)
{
	(void)state;
	assert_int_equal(run("args", "two words", ""), 0);
	assert_string_equal(output, "two words||value with = inside|-\n");
	assert_int_equal(WEXITSTATUS(run(NULL, NULL, NULL)), 99);
}

static void test_calls(void **state)
{
	(void)state;
	passes("fork");
	passes("pipes");
	passes("sockets");
	passes("memory");
	passes("files");
	passes("signals");
	passes("misc");
}

static void test_exit(void **state)
{
	(void)state;
	assert_int_equal(WEXITSTATUS(run("exit", NULL, NULL)), 5);
	assert_string_equal(output, "not flushed by hand\nsecond\nfirst registered, last run\n");
}

static void test_deaths(void **state)
{
	int status = run("abort", NULL, NULL);

	(void)state;
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	status = run("assert", NULL, NULL);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_non_null(strstr(output, "main: assertion 'argc > 99' failed"));
	status = run("smash", NULL, NULL);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_string_equal(output, "stack smashing detected\n");
}

/* Static, at 0x400000, nothing both writable and executable, stack not executable. */
static void test_linking(void **state)
{
	static unsigned char file[4096];
	const Elf64_Ehdr *e = (const Elf64_Ehdr *)file;
	const Elf64_Phdr *p;
	int fd = open(program, O_RDONLY), stack = 0, text = 0, data = 0;

	(void)state;
	assert_true(read(fd, file, sizeof(file)) == sizeof(file));
	close(fd);
	assert_int_equal(e->e_type, ET_EXEC);
	assert_int_equal(e->e_machine, EM_X86_64);
	assert_true(e->e_phoff + e->e_phnum * sizeof(*p) <= sizeof(file));
	p = (const Elf64_Phdr *)(file + e->e_phoff);
	for (int i = 0; i < e->e_phnum; i++) {
		assert_true(p[i].p_type != PT_INTERP && p[i].p_type != PT_DYNAMIC);
		if (p[i].p_type == PT_GNU_STACK) {
			assert_false(p[i].p_flags & PF_X);
			stack++;
		}
		if (p[i].p_type != PT_LOAD)
			continue;
		assert_true(p[i].p_vaddr >= 0x400000 && p[i].p_vaddr < 0x1000000);
		assert_int_not_equal(p[i].p_flags & (PF_W | PF_X), PF_W | PF_X);
		text += (p[i].p_flags & PF_X) != 0;
		data += (p[i].p_flags & PF_W) != 0;
	}
	assert_int_equal(stack, 1);
	assert_int_equal(text, 1);
	assert_int_equal(data, 1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_args),    cmocka_unit_test(test_calls),
		cmocka_unit_test(test_exit),    cmocka_unit_test(test_deaths),
		cmocka_unit_test(test_linking),
	};
	static char path[4096];

	(void)argc;
	program = getenv("PIX_NATIVE");
	if (!program) { /* beside this program */
		snprintf(path, sizeof(path), "%.4000s", argv[0]);
		strcpy(strrchr(path, '/') + 1, "native");
		program = path;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
