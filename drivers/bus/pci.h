// SPDX-License-Identifier: MIT
/*
 * PCI inside of drivers/bus/: configuration access and the registers that enumeration reads.
 * Everybody else uses kernel/driver.h. Standards: PCI Local Bus 3.0 chapter 6, PCI-to-PCI Bridge
 * 1.2 chapter 3, PCI Express Base 3.0 chapter 7, PCI Firmware 3.0 section 4.1 (MCFG).
 */
#pragma once

#include "kernel/driver.h"

/* X(name, offset, bits, access, text): the header registers of types 0 and 1 that we use. */
#define PCI_REGISTERS(X)                                                         \
	X(VENDOR_ID, 0x00, 16, RO, "vendor, FFFFh: no function")                 \
	X(DEVICE_ID, 0x02, 16, RO, "device")                                     \
	X(COMMAND, 0x04, 16, RW, "decoding, bus mastering, INTx disable")        \
	X(STATUS, 0x06, 16, RO, "capability list, errors")                       \
	X(REVISION_ID, 0x08, 8, RO, "revision")                                  \
	X(CLASS_CODE, 0x09, 24, RO, "interface, subclass, base class")           \
	X(HEADER_TYPE, 0x0e, 8, RO, "layout, bit 7 multi-function")              \
	X(BAR0, 0x10, 32, RW, "base address registers, six or two")              \
	X(SECONDARY_BUS, 0x19, 8, RW, "type 1: bus behind the bridge")           \
	X(SUBORDINATE_BUS, 0x1a, 8, RW, "type 1: highest bus behind the bridge") \
	X(SUBSYSTEM_VENDOR_ID, 0x2c, 16, RO, "type 0")                           \
	X(SUBSYSTEM_ID, 0x2e, 16, RO, "type 0")                                  \
	X(CAP_PTR, 0x34, 8, RO, "first capability")                              \
	X(INTERRUPT_LINE, 0x3c, 8, RW, "as routed by the firmware")              \
	X(INTERRUPT_PIN, 0x3d, 8, RO, "1..4 = INTA#..INTD#")

enum pci_reg {
#define X(name, off, bits, access, text) PCI_##name = (off),
	PCI_REGISTERS(X)
#undef X
};

/* COMMAND, 6.2.2 */
enum {
	PCI_COMMAND_IO = 1 << 0,
	PCI_COMMAND_MEMORY = 1 << 1,
	PCI_COMMAND_MASTER = 1 << 2,
	PCI_COMMAND_INTX_DISABLE = 1 << 10,
};
enum { PCI_STATUS_CAP_LIST = 1 << 4 };
enum { PCI_HEADER_MULTI = 0x80, PCI_HEADER_TYPE_MASK = 0x7f, PCI_HEADER_BRIDGE = 1 };

/* BARs, 6.2.5.1 */
enum {
	PCI_BAR_IO = 1 << 0,
	PCI_BAR_TYPE_MASK = 3 << 1,
	PCI_BAR_TYPE_64 = 2 << 1,
	PCI_BAR_PREFETCH = 1 << 3,
};
#define PCI_BAR_MEM_MASK 0xfffffff0u
#define PCI_BAR_IO_MASK  0xfffffffcu

/* Capability IDs (PCI Code and ID Assignment 1.11, chapter 2). */
enum {
	PCI_CAP_PM = 0x01,
	PCI_CAP_MSI = 0x05,
	PCI_CAP_VENDOR = 0x09,
	PCI_CAP_PCIE = 0x10,
	PCI_CAP_MSIX = 0x11
};

/* MSI, 6.8.1: offsets from the capability. */
enum {
	MSI_CONTROL = 2,
	MSI_CONTROL_ENABLE = 1 << 0,
	MSI_CONTROL_MME_MASK = 7 << 4,
	MSI_CONTROL_64BIT = 1 << 7,
	MSI_CONTROL_MASKABLE = 1 << 8,
	MSI_ADDRESS = 4,
	MSI_ADDRESS_HIGH = 8,
	MSI_DATA_32 = 8,
	MSI_DATA_64 = 12,
	MSI_MASK_32 = 12,
	MSI_MASK_64 = 16,
};

/* MSI-X, 6.8.2. */
enum {
	MSIX_CONTROL = 2,
	MSIX_CONTROL_SIZE_MASK = 0x7ff,
	MSIX_CONTROL_FUNCTION_MASK = 1 << 14,
	MSIX_CONTROL_ENABLE = 1 << 15,
	MSIX_TABLE = 4,
	MSIX_TABLE_BIR_MASK = 7,
	MSIX_ENTRY_BYTES = 16,
	MSIX_ENTRY_ADDRESS = 0,
	MSIX_ENTRY_ADDRESS_HIGH = 4,
	MSIX_ENTRY_DATA = 8,
	MSIX_ENTRY_CONTROL = 12,
	MSIX_ENTRY_MASKED = 1 << 0,
};

/* Power management, PCI Bus Power Management Interface 1.2, 3.2.4. */
enum { PM_CONTROL = 4, PM_CONTROL_STATE_MASK = 3 };
