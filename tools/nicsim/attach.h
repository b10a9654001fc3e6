// SPDX-License-Identifier: MIT
/*
 * How a device is reached by a virtual machine. By text, as on the command line:
 *
 *	proxy:FD        x-pci-proxy-dev of QEMU >= 5.2 on a stream socket that is open already
 *	vfio:PATH       vfio-user-pci of QEMU >= 10.1, listening on a UNIX socket
 *	vfio-fd:FD      the same on a stream socket that is open already
 *
 * An attachment owns its socket, the guest's memory maps and the eventfds; the loop calls it when
 * the socket can be read. Never blocks.
 */
#pragma once

#include "tools/nicsim/sim.h"

struct nicsim_attach;

struct nicsim_attach_ops {
	const char *name;
	/* Serve what has come. false: the other side is gone (why says if by its fault). */
	bool (*serve)(struct nicsim_attach *a);
	void (*destroy)(struct nicsim_attach *a);
};

struct nicsim_attach {
	const struct nicsim_attach_ops *ops;
	struct nicsim_dev *dev;
	int fd;        /* to poll for reading; -1: gone */
	char why[120]; /* what the other side did wrong, "" */
	u64 requests;
};

/* Attach; the device must have been made with the right bars32 (nicsim_attach_bars32()). NULL and a
 * sentence in why. */
struct nicsim_attach *nicsim_attach_make(struct nicsim_dev *dev, const char *spec, char *why,
					 size_t whysize);
void nicsim_attach_free(struct nicsim_attach *a);
/* Can it place 32-bit BARs only, and deliver no messages? Before the device is made. */
bool nicsim_attach_is_proxy(const char *spec);

struct nicsim_attach *nicsim_attach_proxy(struct nicsim_dev *dev, int fd);
struct nicsim_attach *nicsim_attach_vfio(struct nicsim_dev *dev, int fd, bool listening);
