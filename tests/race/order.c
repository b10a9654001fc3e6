// SPDX-License-Identifier: MIT
/* Steering that changes under load, on threads (tests/unit/steer/order.h). */
#include "tests/race/race.h"

#include <stdio.h>

#include "tests/unit/steer/order.h"

int race_order(void)
{
	static const u16 queues[][2] = { { 1, 1 }, { 2, 8 } };
	int bad = 0;

	for (u32 i = 0; i < ARRAY_SIZE(queues); i++) {
		struct order_setup s = { .seed = 21 + i,
					 .nqgm = 3,
					 .rx = queues[i][0],
					 .tx = queues[i][1],
					 .plant = race_planted,
					 .frames = 60000,
					 .window = 600 };
		struct order_result r;

		order_threads(&s, &r);
		printf("%lu sent, %lu out, %lu drops, %lu moves, %lu out of order, law %s\n",
		       r.sent, r.out, r.drops, r.moves, r.disorder, r.law ? r.law : "holds");
		bad += r.disorder || r.damaged || r.law || r.moves < 10;
	}
	return bad ? 2 : 0;
}
