// SPDX-License-Identifier: MIT
/* Error numbers of the ABI that the routing engine's writer returns. Included by .c files only:
 * the kernel and the host have headers of their own with the same names and values. */
#pragma once

enum {
	ENOENT = 2,
	ENOMEM = 12,
	EEXIST = 17,
	EINVAL = 22,
	ENOSPC = 28,
};
