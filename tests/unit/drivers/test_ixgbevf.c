// SPDX-License-Identifier: MIT
/* The driver of a virtual function of the 82599, on the model: what all chips do alike, and their
 * common faults, which are its physical function's. */
#include "tests/unit/drivers/mq_faults.h"

int main(void)
{
	return mq_suite_run() + mq_shown_run() + mq_faults_run();
}
