; SPDX-License-Identifier: MIT
;
; The initramfs: the newc archive that apps/build.mk packs, in the image as it is, between the linker
; script's initramfs_start and initramfs_end. Read by kernel/fs/vfs.c where it lies.

bits 64
section .initramfs progbits alloc noexec nowrite align=4096

	incbin	"initramfs.cpio"
