# SPDX-License-Identifier: MIT
# The machine's pure parts on the host. The direct map of the allocator tests is an mmap of theirs.
KTEST_CFLAGS := -DDIRECT_MAP=0x200000000000ull -DDIRECT_END=0x300000000000ull -DDP_WINDOW=0x400000000000ull
KTEST_FAKE   := tests/unit/kernel/fake_machine.c

UNIT += kernel_format kernel_string kernel_cmdline kernel_cores kernel_acpi kernel_memmap kernel_phys kernel_heap \
	kernel_split kernel_bootinfo kernel_logview

UNIT_kernel_format_SRC  := tests/unit/kernel/test_format.c kernel/lib/format.c
UNIT_kernel_string_SRC  := tests/unit/kernel/test_string.c
UNIT_kernel_cmdline_SRC := tests/unit/kernel/test_cmdline.c kernel/cmdline.c
UNIT_kernel_cores_SRC   := tests/unit/kernel/test_cores.c kernel/cores.c
UNIT_kernel_acpi_SRC    := tests/unit/kernel/test_acpi.c kernel/acpi.c
UNIT_kernel_memmap_SRC  := tests/unit/kernel/test_memmap.c kernel/mm/memmap.c
UNIT_kernel_phys_SRC    := tests/unit/kernel/test_phys.c $(KTEST_FAKE) kernel/mm/phys.c kernel/mm/memmap.c
UNIT_kernel_heap_SRC    := tests/unit/kernel/test_heap.c $(KTEST_FAKE) kernel/mm/heap.c kernel/mm/phys.c kernel/mm/memmap.c
UNIT_kernel_split_SRC   := tests/unit/kernel/test_split.c $(KTEST_FAKE) kernel/mm/split.c kernel/mm/memmap.c
UNIT_kernel_bootinfo_SRC := tests/unit/kernel/test_bootinfo.c $(KTEST_FAKE) kernel/bootinfo.c
UNIT_kernel_logview_SRC := tests/unit/kernel/test_logview.c kernel/logview.c kernel/lib/format.c
$(foreach t,format string cmdline cores acpi memmap phys heap split bootinfo logview,$(eval UNIT_kernel_$(t)_CFLAGS := $(KTEST_CFLAGS)))

# Ping sockets' packets, without the sockets.
UNIT += kernel_icmp
UNIT_kernel_icmp_SRC := tests/unit/kernel/test_icmp.c kernel/net/icmp.c kernel/net/icmp6.c
UNIT_kernel_icmp_QGM := qgm/re/checksum.c
UNIT_kernel_icmp_CFLAGS := $(KTEST_CFLAGS)
