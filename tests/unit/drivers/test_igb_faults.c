// SPDX-License-Identifier: MIT
/* Faults of the 82576; more of them, at random points, in r13_igb. */
#include "tests/unit/drivers/mq_faults.h"

int main(void)
{
	return mq_faults_run();
}
