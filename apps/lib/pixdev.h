// SPDX-License-Identifier: MIT
/*
 * The files of /dev/pix as functions; the only place of confd and pash that opens them, so that
 * unit tests link a double that answers from canned structures. All return 0 or -errno. The
 * directory is $PIX_DEV or /dev/pix.
 */
#pragma once

#include "libc/include/pix/dev.h"

int pixdev_info(struct pix_info *out);

/* All elements of a table: *array is malloc'ed (NULL when empty), the caller frees it. */
int pixdev_list(enum pix_what what, u32 elem_size, void **array, u32 *count);

/* The same of one port: PIX_LIST_STATISTIC, PIX_LIST_REGISTER. */
int pixdev_list_port(enum pix_what what, u16 port, u32 elem_size, void **array, u32 *count);

/* Have a port's registers read; PIX_LIST_REGISTER then lists them. */
int pixdev_registers(u16 port);

/* Take a numbered snapshot of all QGMs; PIX_LIST_CONSERVATION and _PORT_LAW then list it. */
int pixdev_snapshot(struct pix_snapshot *out);

/*
 * One transaction of count operations, all or nothing. flags: PIX_TXN_CHECK. On an error *failed is
 * the index of the operation at fault, or count if none is named; ops[*failed].error says why, and
 * `why` in words, if the kernel has any (else it is empty).
 */
#define PIXDEV_WHY 65
int pixdev_txn(struct pix_op *ops, u32 count, u32 flags, u64 *epoch, u32 *failed,
	       char why[PIXDEV_WHY]);

/* The text given at boot, malloc'ed, with its length; source[32] tells where it came from. */
int pixdev_boot_config(char **text, size_t *len, char source[32]);

/* Tell the kernel that the start-up configuration is applied (or refused). */
int pixdev_ready(void);

/* The kernel log from its oldest byte on, malloc'ed, with its length. */
int pixdev_log(char **text, size_t *len);
