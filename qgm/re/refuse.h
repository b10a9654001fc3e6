// SPDX-License-Identifier: MIT
/*
 * refuse: why an operation was refused, in words, beside the error number. Generic side, control
 * lock.
 */
#pragma once

/* Note the sentence (a constant of at most 63 bytes) and return `err`. */
int refuse(int err, const char *why);

/* The sentence of the last refusal since refuse_clear(), "" when there was none. */
const char *refuse_why(void);
void refuse_clear(void);
