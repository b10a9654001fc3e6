// SPDX-License-Identifier: MIT
/* The network drivers, in the order in which they are asked. */
#include "kernel/driver.h"

const struct net_driver *const net_drivers[] = {
	&e1000_driver,   &e1000e_driver,     &i40e_driver,    &igb_driver, &ixgbe_driver,
	&ixgbevf_driver, &virtio_net_driver, &vmxnet3_driver, NULL,
};
