; SPDX-License-Identifier: MIT
;
; From power-on to kernel_main. Two ways in, both in 32-bit protected mode without paging:
;   pvh_entry32   QEMU -kernel and cloud hypervisors; ebx = hvm_start_info   (Xen docs/misc/pvh.pandoc)
;   mb2_entry32   GRUB; eax = 0x36d76289, ebx = boot information             (Multiboot2 1.6+, 3.3)
; The boot CPU builds the early tables (first 4 GiB, identity, direct map and image, all with every
; right), enters long mode and jumps to the high half. The final tables replace these within a few
; milliseconds (kernel/mm/roots.c); the early ones are used again by the APs' trampoline only.

%define KERNEL_BASE     0xffffffff80000000
%define MB2_MAGIC       0x36d76289
%define MB2_HEADER      0xe85250d6
%define MSR_EFER        0xc0000080
%define EFER_LME        (1 << 8)
%define CR0_PE          (1 << 0)
%define CR0_MP          (1 << 1)
%define CR0_WP          (1 << 16)
%define CR0_PG          (1 << 31)
%define CR4_PAE         (1 << 5)
%define PTE_P           (1 << 0)
%define PTE_W           (1 << 1)
%define PTE_PS          (1 << 7)

global mb2_entry32
global early_pml4
extern kernel_main
extern boot_stack_top
extern data_start, data_end, data_pristine

; --- PVH note: name "Xen", type XEN_ELFNOTE_PHYS32_ENTRY (18), 8 bytes of address. p_align must be 4.
section .note.pvh note alloc noexec nowrite align=4
	dd 4
	dd 8
	dd 18
	db "Xen", 0
	dq pvh_entry32

; --- Multiboot2 header, in the first 32 KiB of the file, 8-byte aligned (3.1)
section .boot.mb2 progbits alloc noexec nowrite align=8
mb2_header:
	dd MB2_HEADER
	dd 0                                    ; architecture: i386 protected mode
	dd mb2_header_end - mb2_header
	dd 0x100000000 - (MB2_HEADER + (mb2_header_end - mb2_header))
	align 8
	dw 5, 1                                 ; framebuffer, optional (3.1.10)
	dd 20
	dd 1024, 768, 32
	align 8
	dw 6, 1                                 ; modules page aligned, optional (3.1.11)
	dd 8
	align 8
	dw 0, 0
	dd 8
mb2_header_end:

section .boot.text progbits alloc exec nowrite align=16
bits 32

pvh_entry32:
	mov     ebp, 1                          ; BOOT_PVH
	jmp     boot_common

mb2_entry32:
	mov     ebp, 2                          ; BOOT_MULTIBOOT2
	cmp     eax, MB2_MAGIC
	je      boot_common
	mov     ebp, 0                          ; unknown loader: kernel_main says so

; ebp = loader, ebx = its information (physical)
boot_common:
	cli
	cld
	rdtsc
	mov     [boot_tsc], eax
	mov     [boot_tsc + 4], edx
	mov     [boot_loader], ebp
	mov     [boot_info_addr], ebx
	mov     esp, low_stack_top

	mov     eax, 0x80000000                 ; long mode? (SDM vol. 2, CPUID)
	cpuid
	cmp     eax, 0x80000001
	jb      no_long_mode
	mov     eax, 0x80000001
	cpuid
	test    edx, 1 << 29
	jz      no_long_mode

	; early_pd: 4 tables of 512 pages of 2 MiB
	mov     edi, early_pd
	mov     eax, PTE_P | PTE_W | PTE_PS
	mov     ecx, 2048
.pd:
	mov     [edi], eax
	mov     dword [edi + 4], 0
	add     eax, 1 << 21
	add     edi, 8
	dec     ecx
	jnz     .pd

	mov     edi, early_pdpt
	mov     eax, early_pd + (PTE_P | PTE_W)
	mov     ecx, 4
.pdpt:
	mov     [edi], eax
	add     eax, 4096
	add     edi, 8
	dec     ecx
	jnz     .pdpt

	mov     dword [early_pdpt_image + 510 * 8], early_pd + (PTE_P | PTE_W)
	mov     dword [early_pml4], early_pdpt + (PTE_P | PTE_W)
	mov     dword [early_pml4 + 256 * 8], early_pdpt + (PTE_P | PTE_W)
	mov     dword [early_pml4 + 511 * 8], early_pdpt_image + (PTE_P | PTE_W)

	mov     eax, cr4
	or      eax, CR4_PAE
	mov     cr4, eax
	mov     eax, early_pml4
	mov     cr3, eax
	mov     ecx, MSR_EFER
	rdmsr
	or      eax, EFER_LME
	wrmsr
	mov     eax, cr0
	or      eax, CR0_PG | CR0_WP | CR0_MP | CR0_PE
	mov     cr0, eax
	lgdt    [early_gdtr]
	jmp     0x08:entry64_low

; Say why on the first serial port, then stop.
no_long_mode:
	mov     esi, no_long_mode_text
.next:
	lodsb
	test    al, al
	jz      .stop
	mov     dx, 0x3f8
	out     dx, al
	jmp     .next
.stop:
	hlt
	jmp     .stop

bits 64
entry64_low:
	mov     ax, 0x10
	mov     ds, ax
	mov     es, ax
	mov     ss, ax
	xor     eax, eax
	mov     fs, ax
	mov     gs, ax
	mov     rax, entry64_high
	jmp     rax

section .boot.data progbits alloc noexec write align=16
early_gdt:
	dq 0
	dq 0x00af9b000000ffff                   ; 0x08: 64-bit code
	dq 0x00cf93000000ffff                   ; 0x10: data
early_gdtr:
	dw $ - early_gdt - 1
	dd early_gdt
	dd 0
no_long_mode_text:
	db "PIX needs a 64-bit processor (CPUID.80000001h:EDX.LM = 0).", 13, 10, 0
	align 8
global boot_tsc, boot_loader, boot_info_addr
boot_tsc:       dq 0
boot_loader:    dd 0
boot_info_addr: dd 0

section .boot.bss nobits alloc noexec write align=4096
early_pml4:       resb 4096
early_pdpt:       resb 4096
early_pdpt_image: resb 4096
early_pd:         resb 4 * 4096
low_stack:        resb 512
low_stack_top:

; High half. Keep a pristine copy of the generic partition's .data before any C code runs.
section .text progbits alloc exec nowrite align=16
entry64_high:
	mov     rsp, boot_stack_top
	mov     rsi, data_start
	mov     rdi, data_pristine
	mov     rcx, data_end
	sub     rcx, rsi
	shr     rcx, 3
	rep     movsq
	xor     ebp, ebp                        ; end of the frame pointer chain
	mov     edi, [abs boot_loader]
	mov     esi, [abs boot_info_addr]
	mov     rdx, [abs boot_tsc]
	call    kernel_main
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits
