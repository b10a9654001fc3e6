# SPDX-License-Identifier: MIT
# The generic partition and the machine under both. Each sub-room adds one KERNEL_SRC line.

# machine: start-up, traps, memory, time, the log

# drivers: the door for device drivers
KERNEL_SRC += kernel/driver.c kernel/driver_irq.c
