// SPDX-License-Identifier: MIT
/*
 * Admin queue commands as handlers see them: the descriptor's parameters and the buffer, already
 * checked and copied. Each noun has a table of handlers; adminq.c joins them.
 *
 * Data sheet 332464: 7.10.1 to 7.10.5 (admin queue), 7.10.8 (return values).
 */
#pragma once

#include "tools/nicsim/xl710/xl710.h"

enum xl710_aq_rc { /* 7.10.8, table 7-209 */
		   AQ_OK = 0,
		   AQ_EPERM = 1,
		   AQ_ENOENT = 2,
		   AQ_EIO = 5,
		   AQ_ENXIO = 6,
		   AQ_EAGAIN = 8,
		   AQ_ENOMEM = 9,
		   AQ_EBUSY = 12,
		   AQ_EEXIST = 13,
		   AQ_EINVAL = 14,
		   AQ_ENOSPC = 16,
		   AQ_ENOSYS = 17,
		   AQ_ERANGE = 18,
		   AQ_BAD_ADDR = 20,
		   AQ_EMODE = 21,
};

enum { AQ_BUF_MAX = 4096 };

struct xl710_cmd {
	u16 opcode, flags;
	u16 len;      /* of the driver's buffer, 0: none */
	u16 reply;    /* bytes of buf that go back; a handler sets it */
	u16 want;     /* bytes that the reply would need, with ENOMEM */
	u8 param[16]; /* descriptor bytes 16 to 31, in and out */
	u8 buf[AQ_BUF_MAX];
};

enum {               /* what a command's descriptor must have */
       AQ_BUF = 1,   /* a buffer */
       AQ_RD = 2,    /* a buffer that firmware reads */
       AQ_MAYBE = 4, /* buffer or none */
};

struct xl710_handler {
	u16 opcode;
	u16 need;
	u16 min; /* bytes of buffer at least */
	const char *name;
	/* 0 or an error code. */
	int (*run)(struct xl710 *x, struct xl710_cmd *c);
};

/* Tables, ends marked by a NULL name. */
extern const struct xl710_handler xl710_aq_generic[], xl710_aq_switch[], xl710_aq_filter[],
	xl710_aq_sched[], xl710_aq_link[], xl710_aq_nvm[], xl710_aq_lldp[], xl710_aq_rss[];
