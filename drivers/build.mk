# SPDX-License-Identifier: MIT
# Drivers. bus/ and char/ belong to the generic partition; net/ is compiled for the image (data
# plane) and for the host, where tests/unit/drivers/ models the devices.

DRIVER_SRC +=
NETDRV_SRC +=
