// SPDX-License-Identifier: MIT
/* Steering for tests of the routing engine's control: there is none. */
#include "qgm/steer/setting.h"

enum { EINVAL_ = 22 };

void steer_setting_init(void)
{
}

int steer_set(struct txn *t, const struct pix_steer *s)
{
	(void)t;
	(void)s;
	return -EINVAL_;
}

int steer_flow_set(struct txn *t, const struct pix_flow *f)
{
	(void)t;
	(void)f;
	return -EINVAL_;
}

int steer_flow_del(struct txn *t, const struct pix_flow *f)
{
	(void)t;
	(void)f;
	return -EINVAL_;
}

int steer_build(struct txn *t)
{
	(void)t;
	return 0;
}
