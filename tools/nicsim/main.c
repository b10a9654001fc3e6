// SPDX-License-Identifier: MIT
/*
 * nicsim: models of NICs as a process beside QEMU, one for all ports of a machine. Exit status: 0
 * when the machine is gone and its drivers did nothing wrong, 1 when they did (see the report), 2
 * for a wrong command line.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/nicsim/control.h"
#include "tools/nicsim/loop.h"
#include "tools/nicsim/wire.h"

enum { SPEC = 1024 };

static struct loop loop = { .end = ~0ull };
static FILE *report;
static char **words; /* the command line */

static void usage(FILE *to)
{
	fprintf(to,
		"usage: nicsim OPTIONS\n"
		"  --device MODEL[,KEY=VALUE]...  a NIC; KEYs:\n"
		"      id=NAME mac=MAC seed=N vfs=N msi=off trace\n"
		"      fault=NAME[:COUNT[:ARG]]   armed from the beginning\n"
		"      wire=none | fd:N | dgram:LOCAL:REMOTE | pcap:OUT[:IN[:PPS]] | loop |\n"
		"           gen:PPS[:SIZE[:COUNT[:FLOWS]]][:held] | "
		"link:MBPS:DELAY_US:LOSS_PPM:WIRE\n"
		"      attach=proxy:FD | vfio:PATH | vfio-fd:FD   the machine's side\n"
		"      and the model's own options\n"
		"  --vf NAME.vfN,attach=...       a VF of that device; with vfs=N the device "
		"itself\n"
		"                                 may be without attach=: nobody drives it\n"
		"  --control FD                   take commands on a stream socket\n"
		"  --report FILE                  counters and driver errors at the end (stderr)\n"
		"  --time SECONDS                 end then\n"
		"  --list                         the models, their options and faults\n");
}

static int complain(const char *why)
{
	fprintf(stderr, "nicsim: %s\n", why);
	return 2;
}

static void print_names(const char *what, const char *const *list)
{
	if (!list || !*list)
		return;
	printf("    %s:", what);
	for (; *list; list++)
		printf(" %s", *list);
	printf("\n");
}

static int list_models(void)
{
	for (const struct nicsim_model *const *m = nicsim_models; *m; m++) {
		printf("%-10s %04x:%04x  %s\n", (*m)->name, (*m)->vendor, (*m)->device, (*m)->text);
		print_names("options", (*m)->options);
		print_names("faults", (*m)->faults);
	}
	return 0;
}

/* Take KEY=VALUE out of a comma-separated text; "" when it is not there. */
static bool take(char *spec, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);

	value[0] = 0;
	for (char *at = strchr(spec, ','); at; at = strchr(at + 1, ',')) {
		size_t n;

		if (strncmp(at + 1, key, len) || at[1 + len] != '=')
			continue;
		n = strcspn(at + 2 + len, ",");
		if (n >= size)
			return false;
		memcpy(value, at + 2 + len, n);
		value[n] = 0;
		memmove(at, at + 2 + len + n, strlen(at + 2 + len + n) + 1);
		return true;
	}
	return true;
}

static int attach(struct nicsim_dev *dev, const char *spec)
{
	char why[200];
	struct nicsim_attach *a = nicsim_attach_make(dev, spec, why, sizeof(why));

	if (!a)
		return complain(why);
	loop.attach[loop.nattach++] = a;
	return 0;
}

/* How the VFs of a device are attached that has no machine of its own: as the first one is. */
static bool vf_is_proxy(const char *id)
{
	size_t len = strlen(id);

	for (char **arg = words; arg[0] && arg[1]; arg++) {
		const char *at = strstr(arg[1], ",attach=");

		if (!strcmp(arg[0], "--vf") && !strncmp(arg[1], id, len) &&
		    !strncmp(arg[1] + len, ".vf", 3) && at)
			return nicsim_attach_is_proxy(at + 8);
	}
	return false;
}

static int device(const char *text)
{
	char spec[SPEC], wire[SPEC], at[SPEC], id[SPEC], why[200];
	struct nicsim_dev *dev;
	bool proxy;

	if (strlen(text) >= SPEC - 8)
		return complain("--device: too long");
	strcpy(spec, text);
	take(spec, "id", id, SPEC);
	strcpy(spec, text);
	if (!take(spec, "wire", wire, SPEC) || !take(spec, "attach", at, SPEC))
		return complain("--device: too long");
	if (!at[0] && !strstr(spec, ",vfs="))
		return complain("--device: attach= is missing: proxy:FD, vfio:PATH or vfio-fd:FD");
	proxy = at[0] ? nicsim_attach_is_proxy(at) : vf_is_proxy(id);
	/* what cannot arrive must not be offered: a driver would wait for it */
	if (proxy && !strstr(spec, ",msi="))
		strcat(spec, ",msi=off");
	dev = nicsim_add(loop.sim, spec, proxy, why, sizeof(why));
	if (!dev || (wire[0] && !nicsim_wire_set(dev, wire, why, sizeof(why))))
		return complain(why);
	for (u32 i = 0; i + 1 < loop.sim->ndevs; i++)
		if (!strcmp(loop.sim->dev[i]->id, dev->id))
			return complain("--device: two devices of one name; give them id=");
	return at[0] ? attach(dev, at) : 0;
}

static int virtual_function(const char *text)
{
	char spec[SPEC], at[SPEC];
	struct nicsim_dev *dev;

	if (strlen(text) >= SPEC)
		return complain("--vf: too long");
	strcpy(spec, text);
	if (!take(spec, "attach", at, SPEC) || !at[0])
		return complain("--vf: NAME.vfN,attach=...");
	dev = nicsim_find(loop.sim, spec);
	if (!dev || !dev->pf)
		return complain("--vf: no such VF (the --device comes first)");
	if (dev->attach)
		return complain("--vf: is attached already");
	if (dev->vf_index >= dev->pf->vfs_on)
		return complain("--vf: is not on: vfs=N of its device says how many are");
	if (dev->bars32 != nicsim_attach_is_proxy(at))
		return complain("--vf: is attached in the same way as its PF");
	return attach(dev, at);
}

static void stop(void *arg)
{
	(void)arg;
	loop.stop = 1;
}

static void on_signal(int number)
{
	(void)number;
	loop.stop = 1;
}

static int one_option(const char *name, const char *value)
{
	char *end;

	if (!strcmp(name, "--device"))
		return device(value);
	if (!strcmp(name, "--vf"))
		return virtual_function(value);
	if (!strcmp(name, "--report")) {
		report = fopen(value, "w");
		return report ? 0 : complain(strerror(errno));
	}
	if (!strcmp(name, "--time")) {
		loop.end = (u64)(strtod(value, &end) * 1e9);
		return *value && !*end ? 0 : complain("--time: seconds");
	}
	if (!strcmp(name, "--control")) {
		long fd = strtol(value, &end, 10);

		if (!*value || *end || fd < 0)
			return complain("--control: number of an open socket");
		loop.control = control_make((int)fd, stop, NULL);
		return 0;
	}
	usage(stderr);
	return 2;
}

static int finish(void)
{
	u64 errors = 0;

	for (u32 i = 0; i < loop.sim->ndevs; i++) {
		struct nicsim_dev *dev = loop.sim->dev[i];

		nicsim_wire_report(dev, report);
		errors += nicsim_report(dev, report);
		for (u32 v = 0; dev->vf && v < dev->model->vfs; v++)
			errors += nicsim_report(dev->vf[v], report);
	}
	for (u32 i = 0; i < loop.nattach; i++) {
		struct nicsim_attach *a = loop.attach[i];

		fprintf(report, "nicsim: %s: %s: %llu requests%s%s\n", a->dev->id, a->ops->name,
			(unsigned long long)a->requests, a->why[0] ? "; hung up: " : "", a->why);
		errors += a->why[0] != 0;
		nicsim_attach_free(a);
	}
	fflush(report);
	if (report != stderr)
		fclose(report);
	control_free(loop.control);
	nicsim_destroy(loop.sim);
	return errors != 0;
}

int main(int argc, char **argv)
{
	struct sigaction on = { .sa_handler = on_signal };
	int err;

	words = argv;
	report = stderr;
	loop.sim = nicsim_create();
	loop.sim->eager = false;
	loop.sim->clock = loop_clock;
	loop.sim->log = stderr;
	signal(SIGPIPE, SIG_IGN);
	sigaction(SIGTERM, &on, NULL);
	sigaction(SIGINT, &on, NULL);
	for (int i = 1; i < argc; i += 2) {
		if (!strcmp(argv[i], "--list"))
			return list_models();
		if (!strcmp(argv[i], "--help")) {
			usage(stdout);
			return 0;
		}
		if (i + 1 == argc) {
			usage(stderr);
			return 2;
		}
		err = one_option(argv[i], argv[i + 1]);
		if (err)
			return err;
	}
	if (!loop.nattach) {
		usage(stderr);
		return complain("no --device");
	}
	loop_run(&loop);
	return finish();
}
