// SPDX-License-Identifier: MIT
/* Scatter and gather (POSIX.1-2017 sys/uio.h). */
#pragma once

#include <sys/types.h>

struct iovec {
	void *iov_base;
	size_t iov_len;
};

ssize_t readv(int fd, const struct iovec *iov, int n);
ssize_t writev(int fd, const struct iovec *iov, int n);
