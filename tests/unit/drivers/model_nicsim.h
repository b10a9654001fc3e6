// SPDX-License-Identifier: MIT
/*
 * A chip of tools/nicsim as the device on the drivers' bench (rig.h): the same model that QEMU's
 * guests see, in this process, on the rig's clock. The rig's flags become the model's faults:
 * `removed`, `link` = light, `stall_tx` = "tx-hang", `stuck_reset` = "reset-stuck". Driver errors
 * that the model found are a fault of the rig at its end.
 */
#pragma once

#include "tests/unit/drivers/rig.h"
#include "tools/nicsim/sim.h"

/* Fresh; spec as of nicsim_add(), "82599,mac=52:54:00:12:34:56". Fails the test when it cannot be.
 */
struct model *model_nicsim(const char *spec);
/* The same with its BARs in their 64-bit form. */
struct model *model_nicsim_bars64(const char *spec);

/* The first virtual function of a device that has vfs=N; the wire, its light and the faults are its
 * physical function's. */
struct model *model_nicsim_vf(const char *spec);
struct nicsim_dev *model_nicsim_wire(struct model *m);

/* The device itself, for faults, counters and errors. */
struct nicsim_dev *model_nicsim_dev(struct model *m);
