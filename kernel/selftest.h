// SPDX-License-Identifier: MIT
/* Checks of the running machine, and crashes on request. Boot CPU, end of start-up. */
#pragma once

/* With pix.selftest on the command line: split_verify() and its result as one line. */
void selftest_run(void);

/* With pix.crash=panic|null|ud|stack|write|canary: do that, pix.crash_after=N seconds later. */
void selftest_crash(void);
