# SPDX-License-Identifier: MIT
# Drivers. bus/ and char/ belong to the generic partition; net/ is compiled for the image (data
# plane) and for the host, where tests/unit/drivers/ models the devices.

DRIVER_SRC += drivers/bus/pci.c drivers/bus/pci_access.c drivers/bus/pci_caps.c
DRIVER_SRC += drivers/char/uart.c drivers/char/display.c drivers/char/vt.c drivers/char/font.c
DRIVER_SRC += drivers/char/keyboard.c drivers/char/scancode.c
NETDRV_SRC += drivers/net/table.c
# What drivers share: rings of descriptors, what the owner of a port does.
NETDRV_SRC += $(wildcard drivers/net/ring/*.c) $(wildcard drivers/net/owner/*.c)
NETDRV_SRC += $(wildcard drivers/net/e1000/*.c)
NETDRV_SRC += $(wildcard drivers/net/igb/*.c)
NETDRV_SRC += $(wildcard drivers/net/vmxnet3/*.c)
NETDRV_SRC += $(wildcard drivers/net/ixgbe/*.c)
NETDRV_SRC += $(wildcard drivers/net/ixgbevf/*.c)
NETDRV_SRC += $(wildcard drivers/net/i40e/*.c)
NETDRV_SRC += $(wildcard drivers/net/virtio_net/*.c)
NETDRV_SRC += $(wildcard drivers/net/null/*.c)
