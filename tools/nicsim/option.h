// SPDX-License-Identifier: MIT
/* One option of a device; a list in the order of the text (option.c). Core only. */
#pragma once

struct nicsim_option {
	struct nicsim_option *next;
	char *name;
	char *value; /* "" when the text had no '=' */
};
