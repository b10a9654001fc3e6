// SPDX-License-Identifier: MIT
/* Names and sentences of the drop reasons (drop.h has the one table). */
#include "qgm/drop.h"

const struct drop_info drop_infos[DROP_COUNT] = {
#define X(name, sentence) [DROP_##name] = { #name, sentence },
	DROP_REASONS(X)
#undef X
};
