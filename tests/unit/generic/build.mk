# SPDX-License-Identifier: MIT
# The pure parts of the generic partition on the host.
UNIT += generic_cpio generic_elf generic_ldisc generic_vma generic_random

UNIT_generic_cpio_SRC   := tests/unit/generic/test_cpio.c kernel/fs/cpio.c
UNIT_generic_elf_SRC    := tests/unit/generic/test_elf.c kernel/proc/elf.c
UNIT_generic_ldisc_SRC  := tests/unit/generic/test_ldisc.c kernel/fs/ldisc.c
UNIT_generic_vma_SRC    := tests/unit/generic/test_vma.c tests/unit/generic/fake_heap.c kernel/mm/vma.c
UNIT_generic_random_SRC := tests/unit/generic/test_random.c tests/unit/generic/fake_random.c kernel/lib/random.c
