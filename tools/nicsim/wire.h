// SPDX-License-Identifier: MIT
/*
 * What hangs on a NIC's port. A wire takes frames that the NIC sends, and brings frames when it is
 * polled; it never calls the NIC from inside of send(). Made from text, as on the command line:
 *
 *	none                        dark fibre: no light
 *	fd:N                        an open datagram socket, or TAP without headers
 *	dgram:LOCAL:REMOTE          UNIX datagram sockets, a frame each (QEMU: -netdev dgram)
 *	pcap:OUT[:IN[:PPS]]         record what is sent; play IN (0 or nothing: as time stamps say)
 *	gen:PPS[:SIZE[:COUNT[:FLOWS]]]  frames with sequence numbers at a rate; what comes is
 *checked loop                        what is sent comes back link:MBPS:DELAY_US:LOSS_PPM:WIRE
 *another wire behind a rate, a delay and loss
 *
 * All times are of the machine's clock; a wire is bound to one device.
 */
#pragma once

#include "tools/nicsim/sim.h"

struct nicsim_wire;

struct nicsim_wire_ops {
	const char *name;
	void (*send)(struct nicsim_wire *w, const u8 *frame, u32 len);
	/* Bring what has come by now: at most `max` frames by w->deliver(); returns how many. */
	u32 (*poll)(struct nicsim_wire *w, u32 max);
	int (*fd)(struct nicsim_wire *w);       /* to sleep on for reading, -1 (optional) */
	u64 (*deadline)(struct nicsim_wire *w); /* when poll() has something, ~0 (optional) */
	/* The partner lags: the NIC does not work until it does not. (optional) */
	bool (*full)(struct nicsim_wire *w);
	void (*go)(struct nicsim_wire *w); /* begin what is held (optional) */
	void (*report)(struct nicsim_wire *w, FILE *to);
	void (*destroy)(struct nicsim_wire *w);
};

struct nicsim_wire {
	const struct nicsim_wire_ops *ops;
	struct nicsim_dev *dev; /* whose clock and random numbers it uses */
	/* Where frames go: to the NIC, or to the wire around this one. ready(): see rx_ready. */
	bool (*deliver)(void *arg, const u8 *frame, u32 len);
	bool (*ready)(void *arg);
	void *arg;
	bool light;
	u64 out, in, lost; /* frames: from the NIC, to the NIC, lost here */
};

/* Hang a wire on the device, the old one goes. false and a sentence in why if it cannot be. */
bool nicsim_wire_set(struct nicsim_dev *dev, const char *spec, char *why, size_t whysize);
/* Hang an own one (tests); ops->destroy frees it. */
void nicsim_wire_hang(struct nicsim_dev *dev, struct nicsim_wire *w);
/* A queue between device and program: frames sent go to fn, nothing comes by itself. */
bool nicsim_wire_function(struct nicsim_dev *dev, void (*fn)(void *arg, const u8 *frame, u32 len),
			  void *arg);
u32 nicsim_wire_poll(struct nicsim_dev *dev, u32 max);
u64 nicsim_wire_deadline(const struct nicsim_dev *dev);
void nicsim_wire_go(const struct nicsim_dev *dev);
bool nicsim_wire_full(const struct nicsim_dev *dev);
int nicsim_wire_fd(const struct nicsim_dev *dev);
void nicsim_wire_report(const struct nicsim_dev *dev, FILE *to);

/* Makers by kind (wire_*.c): the text after the kind's name. NULL and why. */
struct nicsim_wire *nicsim_wire_make(struct nicsim_dev *dev, const char *spec, char *why,
				     size_t whysize);
struct nicsim_wire *nicsim_wire_dgram(const char *text, char *why, size_t whysize);
struct nicsim_wire *nicsim_wire_fd_make(const char *text, char *why, size_t whysize);
struct nicsim_wire *nicsim_wire_pcap(const char *text, char *why, size_t whysize);
struct nicsim_wire *nicsim_wire_gen(const char *text, char *why, size_t whysize);
struct nicsim_wire *nicsim_wire_loop(const char *text, char *why, size_t whysize);
struct nicsim_wire *nicsim_wire_link(struct nicsim_dev *dev, const char *text, char *why,
				     size_t whysize);
void nicsim_wire_destroy(struct nicsim_wire *w);
