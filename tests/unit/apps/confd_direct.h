// SPDX-License-Identifier: MIT
/* A double of apps/pash/confd.c: requests go straight to confd's own code in the same process. */
#pragma once

#include "apps/confd/store.h"

extern struct store direct_store;
extern bool direct_down; /* confd does not answer */
