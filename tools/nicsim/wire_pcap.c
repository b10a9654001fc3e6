// SPDX-License-Identifier: MIT
/* A wire of pcap files (classic format, microseconds or nanoseconds, Ethernet): what the NIC sends
 * is recorded with the machine's clock, frames of another file are played. */
#include "tools/nicsim/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ETHERNET = 1 };
#define MAGIC_US 0xa1b2c3d4u
#define MAGIC_NS 0xa1b23c4du

struct file_header {
	u32 magic;
	u16 major, minor;
	u32 zone, accuracy, snaplen, network;
};
struct record {
	u32 sec, frac, caplen, len;
};

struct pcap {
	struct nicsim_wire w;
	FILE *out, *in;
	bool swapped, nano;
	u64 gap;   /* ns between frames, 0: as recorded */
	u64 first; /* time stamp of the first record */
	u64 start; /* when it was played, ~0: not yet */
	u64 due;   /* of the frame below, ~0: none left */
	u32 len;
	u8 frame[NICSIM_FRAME_MAX];
};

static void pcap_send(struct nicsim_wire *w, const u8 *frame, u32 len)
{
	struct pcap *p = (struct pcap *)w;
	u64 now = nicsim_now(w->dev);
	struct record r = { (u32)(now / 1000000000), (u32)(now % 1000000000), len, len };

	if (p->out && (fwrite(&r, sizeof(r), 1, p->out) != 1 || fwrite(frame, len, 1, p->out) != 1))
		w->lost++;
}

static u32 word(const struct pcap *p, u32 v)
{
	return p->swapped ? __builtin_bswap32(v) : v;
}

/* The next record into p->frame; its time in p->due. */
static void load(struct pcap *p, u64 previous)
{
	struct record r;
	u64 at;

	p->due = ~0ull;
	if (!p->in || fread(&r, sizeof(r), 1, p->in) != 1)
		return;
	p->len = word(p, r.caplen);
	if (p->len > sizeof(p->frame) || fread(p->frame, p->len, 1, p->in) != 1)
		return; /* cut or damaged: the rest is not played */
	at = word(p, r.sec) * 1000000000ull + word(p, r.frac) * (p->nano ? 1ull : 1000ull);
	if (p->start == ~0ull) {
		p->start = nicsim_now(p->w.dev);
		p->first = at;
		p->due = p->start;
	} else {
		p->due = p->gap ? previous + p->gap : p->start + MAX(at, p->first) - p->first;
	}
}

static u32 pcap_poll(struct nicsim_wire *w, u32 max)
{
	struct pcap *p = (struct pcap *)w;
	u64 now = nicsim_now(w->dev);
	u32 n;

	if (p->start == ~0ull)
		load(p, now);
	for (n = 0; n < max && p->due <= now && w->ready(w->arg); n++) {
		w->in++;
		w->deliver(w->arg, p->frame, p->len);
		load(p, p->due);
	}
	return n;
}

static u64 pcap_deadline(struct nicsim_wire *w)
{
	return ((struct pcap *)w)->due;
}

static void pcap_destroy(struct nicsim_wire *w)
{
	struct pcap *p = (struct pcap *)w;

	if (p->out)
		fclose(p->out);
	if (p->in)
		fclose(p->in);
	free(p);
}

static const struct nicsim_wire_ops ops = { .name = "pcap",
					    .send = pcap_send,
					    .poll = pcap_poll,
					    .deadline = pcap_deadline,
					    .destroy = pcap_destroy };

static bool open_out(struct pcap *p, const char *path, char *why, size_t whysize)
{
	struct file_header h = { MAGIC_NS, 2, 4, 0, 0, NICSIM_FRAME_MAX, ETHERNET };

	p->out = fopen(path, "wb");
	if (!p->out || fwrite(&h, sizeof(h), 1, p->out) != 1) {
		snprintf(why, whysize, "pcap: %s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

static bool open_in(struct pcap *p, const char *path, char *why, size_t whysize)
{
	struct file_header h;

	p->in = fopen(path, "rb");
	if (!p->in) {
		snprintf(why, whysize, "pcap: %s: %s", path, strerror(errno));
		return false;
	}
	if (fread(&h, sizeof(h), 1, p->in) == 1) {
		p->swapped = h.magic == __builtin_bswap32(MAGIC_US) ||
			     h.magic == __builtin_bswap32(MAGIC_NS);
		h.magic = word(p, h.magic);
		p->nano = h.magic == MAGIC_NS;
		if ((p->nano || h.magic == MAGIC_US) && word(p, h.network) == ETHERNET)
			return true;
	}
	snprintf(why, whysize, "pcap: %s is no pcap file of Ethernet frames", path);
	return false;
}

struct nicsim_wire *nicsim_wire_pcap(const char *text, char *why, size_t whysize)
{
	struct pcap *p = calloc(1, sizeof(*p));
	char *copy = strdup(text), *rest = copy;
	const char *out = strsep(&rest, ":"), *in = strsep(&rest, ":");
	bool ok = true;

	p->w.ops = &ops;
	p->w.light = true;
	p->start = p->due = ~0ull;
	if (rest) {
		char *end;
		u64 pps = strtoull(rest, &end, 10);

		ok = *rest && !*end && pps <= 1000000000;
		if (!ok)
			snprintf(why, whysize, "pcap: \"%s\" is no number of packets a second",
				 rest);
		p->gap = ok && pps ? 1000000000 / pps : 0;
	}
	if (ok && out && *out)
		ok = open_out(p, out, why, whysize);
	if (ok && in && *in)
		ok = open_in(p, in, why, whysize);
	else if (ok)
		p->start = 0; /* nothing to play */
	free(copy);
	if (ok)
		return &p->w;
	pcap_destroy(&p->w);
	return NULL;
}
