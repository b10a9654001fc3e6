// SPDX-License-Identifier: MIT
/* Details of one function that enumeration fills into struct device. */
#pragma once

#include "drivers/bus/pci.h"

/* Fill d->bar[]. Decoding is off while it runs. Type 0 headers only. */
void pci_size_bars(struct device *d);

/* Fill d->cap_*, d->msix_*, and d->node from the root's proximity. */
void pci_read_caps(struct device *d);
