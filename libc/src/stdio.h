// SPDX-License-Identifier: MIT
/* Inside of a stream, for the files of libc that need it. */
#pragma once

#include <stdbool.h>
#include <stdio.h>

enum {
	FILE_READ = 1,
	FILE_WRITE = 2,
	FILE_EOF = 4,
	FILE_ERR = 8,
	FILE_OWN_BUF = 16,
	FILE_OWN_SELF = 32,
	FILE_APPEND = 64,
};

/*
 * A stream has one buffer, used for reading (pos..end are bytes not yet read) or for writing
 * (0..pos are bytes not yet written, writing is true).
 */
struct pix_file {
	int fd;
	unsigned flags;
	int mode; /* _IOFBF, _IOLBF, _IONBF; -1: decide at the first write */
	bool writing;
	unsigned char *buf;
	size_t size, pos, end;
	int unget; /* EOF: none */
	struct pix_file *next;
};

/* Writes n bytes through the buffer's policy. Returns bytes taken; fewer means FILE_ERR is set. */
size_t file_write(FILE *f, const void *p, size_t n);
/* Flushes all output streams (exit, fflush(NULL)). Returns 0 or EOF. */
int stdio_flush_all(void);
