// SPDX-License-Identifier: MIT
/* What a driver did wrong: counted by kind, the first ones kept as text; and traces. */
#include "tools/nicsim/sim.h"

#include <stdarg.h>
#include <string.h>

static const char *const names[NICSIM_E_KINDS] = {
	[NICSIM_E_DMA] = "dma",           [NICSIM_E_MASTER] = "bus-master",
	[NICSIM_E_ACCESS] = "access",     [NICSIM_E_STATE] = "state",
	[NICSIM_E_RESERVED] = "reserved", [NICSIM_E_TAIL] = "tail",
	[NICSIM_E_DESC] = "descriptor",   [NICSIM_E_COMMAND] = "command",
	[NICSIM_E_VECTOR] = "vector",     [NICSIM_E_NVM] = "nvm",
};

const char *nicsim_error_name(enum nicsim_error kind)
{
	return (u32)kind < NICSIM_E_KINDS ? names[kind] : "unknown";
}

void nicsim_error(struct nicsim_dev *dev, enum nicsim_error kind, const char *fmt, ...)
{
	struct nicsim_error_line line = { .kind = kind, .at = nicsim_now(dev) };
	va_list ap;

	if (dev->nerrors < NICSIM_ERROR_LINES) {
		va_start(ap, fmt);
		vsnprintf(line.text, sizeof(line.text), fmt, ap);
		va_end(ap);
		dev->error[dev->nerrors] = line;
		if (dev->sim->log) {
			fprintf(dev->sim->log, "nicsim: %s: driver error (%s): %s\n", dev->id,
				names[kind], line.text);
			fflush(dev->sim->log);
		}
	}
	dev->nerrors++;
	dev->errors[kind]++;
}

void nicsim_errors_clear(struct nicsim_dev *dev)
{
	dev->nerrors = 0;
	memset(dev->errors, 0, sizeof(dev->errors));
}

u64 nicsim_report(const struct nicsim_dev *dev, FILE *to)
{
	u64 n = MIN(dev->nerrors, (u64)NICSIM_ERROR_LINES);

	for (u32 k = 0; k < NICSIM_E_KINDS; k++)
		if (dev->errors[k])
			fprintf(to, "nicsim: %s: %llu driver errors of kind %s\n", dev->id,
				(unsigned long long)dev->errors[k], names[k]);
	for (u64 i = 0; i < n; i++)
		fprintf(to, "nicsim: %s: at %llu.%06llu ms: %s: %s\n", dev->id,
			(unsigned long long)(dev->error[i].at / 1000000),
			(unsigned long long)(dev->error[i].at % 1000000), names[dev->error[i].kind],
			dev->error[i].text);
	return dev->nerrors;
}

void nicsim_trace(struct nicsim_dev *dev, const char *fmt, ...)
{
	va_list ap;

	if (!dev->trace)
		return;
	fprintf(stderr, "%12.6f %s: ", (double)nicsim_now(dev) / 1e6, dev->id);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}
