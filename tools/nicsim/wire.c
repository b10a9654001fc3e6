// SPDX-License-Identifier: MIT
/* The port's side of a wire: frames in and out of a device with light and the wire's faults; wires
 * by name; the wire that is a function of the program. */
#include "tools/nicsim/wire.h"

#include <stdlib.h>
#include <string.h>

static bool to_nic(void *arg, const u8 *frame, u32 len)
{
	return nicsim_rx(arg, frame, len);
}

static bool nic_ready(void *arg)
{
	return nicsim_rx_ready(arg);
}

bool nicsim_light(const struct nicsim_dev *dev)
{
	const struct nicsim_dev *port = dev->pf ? dev->pf : dev;

	return !port->dark && (!port->wire || port->wire->light);
}

void nicsim_light_set(struct nicsim_dev *dev, bool on)
{
	bool before = nicsim_light(dev);

	dev->dark = !on;
	if (nicsim_light(dev) != before && dev->model->light && !dev->removed) {
		dev->model->light(dev);
		dev->pending = true;
	}
}

bool nicsim_rx(struct nicsim_dev *dev, const u8 *frame, u32 len)
{
	if (dev->removed || !nicsim_light(dev) || len > NICSIM_FRAME_MAX || len < 14 ||
	    nicsim_fault(dev, "rx-lost", NULL)) {
		dev->refused++;
		return false;
	}
	if (!dev->model->rx || !dev->model->rx(dev, frame, len)) {
		dev->refused++;
		return false;
	}
	dev->received++;
	dev->pending = true;
	return true;
}

bool nicsim_rx_ready(struct nicsim_dev *dev)
{
	return dev->removed || !dev->model->rx_ready || dev->model->rx_ready(dev);
}

void nicsim_send(struct nicsim_dev *dev, const u8 *frame, u32 len)
{
	struct nicsim_dev *port = dev->pf ? dev->pf : dev;

	if (dev->removed || !nicsim_light(port) || nicsim_fault(port, "tx-lost", NULL))
		return;
	port->sent++;
	if (port->wire && port->wire->ops->send) {
		port->wire->out++;
		port->wire->ops->send(port->wire, frame, len);
	}
}

/* --- a device's wire ------------------------------------------------------------------------ */

void nicsim_wire_destroy(struct nicsim_wire *w)
{
	if (w)
		w->ops->destroy(w);
}

void nicsim_wire_hang(struct nicsim_dev *dev, struct nicsim_wire *w)
{
	bool before = nicsim_light(dev);

	nicsim_wire_destroy(dev->wire);
	dev->wire = w;
	w->dev = dev;
	w->deliver = to_nic;
	w->ready = nic_ready;
	w->arg = dev;
	if (nicsim_light(dev) != before && dev->model->light)
		dev->model->light(dev);
}

bool nicsim_wire_set(struct nicsim_dev *dev, const char *spec, char *why, size_t whysize)
{
	struct nicsim_wire *w = nicsim_wire_make(dev, spec, why, whysize);

	if (w)
		nicsim_wire_hang(dev, w);
	return w != NULL;
}

u32 nicsim_wire_poll(struct nicsim_dev *dev, u32 max)
{
	return dev->wire && dev->wire->ops->poll ? dev->wire->ops->poll(dev->wire, max) : 0;
}

u64 nicsim_wire_deadline(const struct nicsim_dev *dev)
{
	return dev->wire && dev->wire->ops->deadline ? dev->wire->ops->deadline(dev->wire) : ~0ull;
}

void nicsim_wire_go(const struct nicsim_dev *dev)
{
	if (dev->wire && dev->wire->ops->go)
		dev->wire->ops->go(dev->wire);
}

bool nicsim_wire_full(const struct nicsim_dev *dev)
{
	const struct nicsim_dev *port = dev->pf ? dev->pf : dev;

	return port->wire && port->wire->ops->full && port->wire->ops->full(port->wire);
}

int nicsim_wire_fd(const struct nicsim_dev *dev)
{
	return dev->wire && dev->wire->ops->fd ? dev->wire->ops->fd(dev->wire) : -1;
}

void nicsim_wire_report(const struct nicsim_dev *dev, FILE *to)
{
	const struct nicsim_wire *w = dev->wire;

	fprintf(to, "nicsim: %s: sent %llu, received %llu, refused %llu, interrupts %llu\n",
		dev->id, (unsigned long long)dev->sent, (unsigned long long)dev->received,
		(unsigned long long)dev->refused, (unsigned long long)dev->interrupts);
	if (w) {
		fprintf(to, "nicsim: %s: wire %s: out %llu, in %llu, lost %llu\n", dev->id,
			w->ops->name, (unsigned long long)w->out, (unsigned long long)w->in,
			(unsigned long long)w->lost);
		if (w->ops->report)
			w->ops->report(dev->wire, to);
	}
}

/* --- makers --------------------------------------------------------------------------------- */

static void plain_free(struct nicsim_wire *w)
{
	free(w);
}

static const struct nicsim_wire_ops none_ops = { .name = "none", .destroy = plain_free };

struct function_wire {
	struct nicsim_wire w;
	void (*fn)(void *arg, const u8 *frame, u32 len);
	void *arg;
};

static void function_send(struct nicsim_wire *w, const u8 *frame, u32 len)
{
	struct function_wire *f = (struct function_wire *)w;

	f->fn(f->arg, frame, len);
}

static const struct nicsim_wire_ops function_ops = { .name = "function",
						     .send = function_send,
						     .destroy = plain_free };

bool nicsim_wire_function(struct nicsim_dev *dev, void (*fn)(void *arg, const u8 *frame, u32 len),
			  void *arg)
{
	struct function_wire *f = calloc(1, sizeof(*f));

	if (!f)
		return false;
	f->w.ops = &function_ops;
	f->w.light = true;
	f->fn = fn;
	f->arg = arg;
	nicsim_wire_hang(dev, &f->w);
	return true;
}

struct nicsim_wire *nicsim_wire_make(struct nicsim_dev *dev, const char *spec, char *why,
				     size_t whysize)
{
	size_t len = strcspn(spec, ":");
	const char *text = spec + len + (spec[len] == ':');
	struct nicsim_wire *w = NULL;

	snprintf(why, whysize, "no wire \"%s\": none, fd:, dgram:, pcap:, gen:, loop, link:", spec);
	if (len == 4 && !memcmp(spec, "none", 4)) {
		w = calloc(1, sizeof(*w));
		w->ops = &none_ops;
	} else if (len == 5 && !memcmp(spec, "dgram", 5)) {
		w = nicsim_wire_dgram(text, why, whysize);
	} else if (len == 2 && !memcmp(spec, "fd", 2)) {
		w = nicsim_wire_fd_make(text, why, whysize);
	} else if (len == 4 && !memcmp(spec, "pcap", 4)) {
		w = nicsim_wire_pcap(text, why, whysize);
	} else if (len == 3 && !memcmp(spec, "gen", 3)) {
		w = nicsim_wire_gen(text, why, whysize);
	} else if (len == 4 && !memcmp(spec, "loop", 4)) {
		w = nicsim_wire_loop(text, why, whysize);
	} else if (len == 4 && !memcmp(spec, "link", 4)) {
		w = nicsim_wire_link(dev, text, why, whysize);
	}
	if (w)
		w->dev = dev;
	return w;
}
