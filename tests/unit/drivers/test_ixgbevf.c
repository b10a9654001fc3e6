// SPDX-License-Identifier: MIT
/* The driver of a virtual function of the 82599, on the model: what all chips do alike. */
#include "tests/unit/drivers/mq_chip.h"

int main(void)
{
	return mq_suite_run();
}
