// SPDX-License-Identifier: MIT
/*
 * Capture files through the hosted data plane: a file of frames comes in on a port of QGM 0, is
 * bridged to a link whose other end is a port of QGM 1, is bridged there to a port that writes a
 * capture file. Both files must have the same bytes. What is reported is the rate of the chain
 * on one core, file writing included.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/bench/cases.h"
#include "tools/bench/hosted.h"
#include "tools/bench/wire.h"

enum { FRAMES = 4096, TIMES = 16 };

static void write_input(const char *path)
{
	const u32 head[6] = { 0xa1b2c3d4, 4u << 16 | 2, 0, 0, 65535, 1 };
	u8 frame[1514];
	FILE *f = fopen(path, "wb");
	bool ok;

	if (!f)
		report_cannot("%s", path);
	ok = fwrite(head, sizeof(head), 1, f) == 1;
	for (u32 i = 0; i < FRAMES && ok; i++) {
		u32 len = 60 + i % 1455, rec[4] = { 0, 0, len, len };

		for (u32 k = 0; k < len; k++)
			frame[k] = (u8)(i + k);
		memcpy(frame, (const u8[]){ 2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0 }, 14);
		ok = fwrite(rec, sizeof(rec), 1, f) == 1 && fwrite(frame, len, 1, f) == 1;
	}
	if (fclose(f) || !ok)
		report_cannot("%s: cannot write", path);
}

static void bind(struct hosted *h, u16 port, u16 bridge)
{
	struct pix_op op;

	memset(&op, 0, sizeof(op));
	op.kind = PIX_OP_IF_SET;
	op.iface.id = op.iface.port = port;
	op.iface.kind = PIX_IF_PORT;
	op.iface.mode = PIX_IF_L2;
	op.iface.up = 1;
	op.iface.bridge = bridge;
	hosted_txn(&op, 1);
	h->port[port] = port_get(port);
}

/* The bytes of a file behind its header, `times` over, are those of the other's. */
static void compare(const char *in, const char *out, u32 times)
{
	FILE *b = fopen(out, "rb");
	int x, y;

	if (!b || fseek(b, 24, SEEK_SET))
		report_wrong("%s was not written", out);
	for (u32 i = 0; i < times; i++) {
		FILE *a = fopen(in, "rb");

		if (!a || fseek(a, 24, SEEK_SET))
			report_cannot("%s", in);
		while ((x = getc(a)) != EOF) {
			y = getc(b);
			if (x != y)
				report_wrong("pcap: the frames that came out differ");
		}
		fclose(a);
	}
	if (getc(b) != EOF)
		report_wrong("pcap: more came out than went in");
	fclose(b);
}

static double chain(struct hosted *h, const char *in, const char *out)
{
	struct wire *w[5];
	u64 t0, ns;

	hosted_begin(h, 128, 2);
	for (u32 i = 1; i <= 4; i++)
		if (!(w[i] = wire_create()))
			report_cannot("wire port");
	/* Ports 1 and 3 are QGM 0's, 2 and 4 QGM 1's: 1 -> 3 = link = 2 -> 4. */
	wire_link(w[3], w[2]);
	if (wire_record(w[4], out))
		report_cannot("%s", out);
	hosted_finish(h, 4);
	bind(h, 1, 1);
	bind(h, 3, 1);
	bind(h, 2, 2);
	bind(h, 4, 2);
	hosted_start(h);
	if (wire_play(w[1], in, TIMES))
		report_cannot("%s", in);
	t0 = measure_cpu_ns();
	hosted_settle(h);
	ns = measure_cpu_ns() - t0;
	if (wire_close(w[4]))
		report_cannot("%s: cannot write", out);
	if (wire_sent(w[4]) != (u64)FRAMES * TIMES || wire_lost(w[3]))
		report_wrong("pcap: %lu of %u frames came out, %lu lost on the link",
			     wire_sent(w[4]), FRAMES * TIMES, wire_lost(w[3]));
	hosted_check(h, 0);
	return FRAMES * TIMES * 1e3 / (double)ns;
}

void case_pcap(void)
{
	struct series rate = { 0 };
	char in[300], out[300];

	snprintf(in, sizeof(in), "%s/in.pcap", options.outdir);
	snprintf(out, sizeof(out), "%s/out.pcap", options.outdir);
	write_input(in);
	for (u32 i = 0; i < 5; i++) {
		struct hosted h;

		series_add(&rate, chain(&h, in, out));
		compare(in, out, TIMES);
	}
	unlink(in);
	unlink(out);
	report_series("pcap", "Mpps", &rate, "", NULL, 0,
		      "capture file, QGM 0, link, QGM 1, capture file on one core; same bytes");
}
