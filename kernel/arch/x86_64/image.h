// SPDX-License-Identifier: MIT
/* Addresses that boot/pix.ld defines, and what can be read without a fault. */
#pragma once

#include "kernel/types.h"

extern const char image_start[], image_end[]; /* physical addresses */
extern const char text_start[], text_end[], qgm_text_start[], qgm_text_end[];
extern const char rodata_start[], rodata_end[], initramfs_start[], initramfs_end[];
extern const char shared_data_start[], shared_data_end[];
extern const char qgm_data_start[], qgm_data_end[];
extern const char data_start[], data_end[], data_limit[], data_pristine[];
extern const char boot_stack_guard[], boot_stack_top[];

/* Are all n bytes at va mapped in the current root's kernel half? Generic cores, panic included. */
bool kernel_readable(vaddr_t va, u64 n);
