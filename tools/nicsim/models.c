// SPDX-License-Identifier: MIT
/* The table of models: one line each. */
#include "tools/nicsim/sim.h"
#include "tools/nicsim/testdev.h"

const struct nicsim_model *const nicsim_models[] = {
	&nicsim_testdev,
	NULL,
};
