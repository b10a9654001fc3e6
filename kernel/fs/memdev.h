// SPDX-License-Identifier: MIT
/*
 * Devices without hardware: /dev/null, /dev/zero, /dev/full, /dev/random, /dev/urandom, /dev/kmsg.
 */
#pragma once

#include "kernel/types.h"

/* Start-up, after vfs_init(). */
int memdev_init(void);

/* getrandom(2): n, or fewer than n, or -EFAULT. */
s64 random_to_user(void *ubuf, size_t n);
