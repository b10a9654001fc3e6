// SPDX-License-Identifier: MIT
/* How configuration space is reached; the pci_cfg_* functions themselves are in kernel/driver.h. */
#pragma once

#include "drivers/bus/pci.h"

/* The mapped ECAM window (1 MiB) of a bus, for struct device.cfg; NULL when the MCFG has none.
 * Each call maps anew: once per bus. Boot CPU. */
void *pci_ecam_bus(u16 segment, u8 bus);
