# SPDX-License-Identifier: MIT
# Drivers. bus/ and char/ belong to the generic partition; net/ is compiled for the image (data
# plane) and for the host, where tests/unit/drivers/ models the devices.

DRIVER_SRC += drivers/bus/pci.c drivers/bus/pci_access.c drivers/bus/pci_caps.c
NETDRV_SRC += drivers/net/table.c
