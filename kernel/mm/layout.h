// SPDX-License-Identifier: MIT
/*
 * The virtual address space.
 *
 *   0000000000000000 .. 00007fffffffffff  user (slot 0..255), generic roots of processes only
 *   ffff800000000000 .. ffffbfffffffffff  direct map of the generic part of RAM    generic + boot
 *   ffffc00000000000 .. ffffc07fffffffff  data-plane window (slot 384)   each root its own view
 *   ffffd00000000000 .. ffffd07fffffffff  generic MMIO, kernel stacks    generic + boot
 *   ffffffff80000000 .. ffffffffbfffffff  kernel image, at physical + KERNEL_BASE  views by section
 *   ffffffffc0000000 .. ffffffffffffffff  fixed page of the local APIC              all roots
 */
#pragma once

#define USER_TOP 0x0000800000000000ull /* one past the last user address */
#ifndef DIRECT_MAP                     /* unit tests put direct map and window elsewhere */
#define DIRECT_MAP 0xffff800000000000ull
#define DIRECT_END 0xffffc00000000000ull
#define DP_WINDOW  0xffffc00000000000ull
#endif
#define DP_MMIO      (DP_WINDOW + 0x4000000000ull) /* its upper half: registers of devices */
#define DP_END       (DP_WINDOW + 0x8000000000ull)
#define KMMIO_BASE   0xffffd00000000000ull
#define KSTACK_BASE  0xffffd04000000000ull
#define KSTACK_END   0xffffd08000000000ull
#define KERNEL_BASE  0xffffffff80000000ull
#define FIXMAP_LAPIC 0xffffffffc0000000ull
