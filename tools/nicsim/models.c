// SPDX-License-Identifier: MIT
/* The table of models: one line each. */
#include "tools/nicsim/82574/n574.h"
#include "tools/nicsim/82576/n576.h"
#include "tools/nicsim/82599/n599.h"
#include "tools/nicsim/sim.h"
#include "tools/nicsim/testdev.h"
#include "tools/nicsim/vmxnet3/vmx.h"
#include "tools/nicsim/xl710/xl710.h"

const struct nicsim_model *const nicsim_models[] = {
	&n574_model, &n576_model,   &n599_model,  &nicsim_testdev,
	&vmx_model,  &nicsim_xl710, &nicsim_x710, NULL,
};
