; SPDX-License-Identifier: MIT
;
; Where application processors wake up: real mode, in a page below 1 MiB that smp_start.c copies
; this to and patches (SDM vol. 3A, 8.4). It goes to long mode on the early tables, then in
; the high half to root_boot and a stack of its own. 64 of them may be in here at once.

%include "kernel/arch/x86_64/cpu.inc"

global trampoline_start, trampoline_end
global trampoline_gdtr, trampoline_far32, trampoline_far64, trampoline_cr3
extern ap_main
extern ap_stacks, ap_next_index
extern root_boot
extern cpu_features_nx

section .rodata progbits alloc noexec nowrite align=16
bits 16
trampoline_start:
	cli
	cld
	xor     ebx, ebx
	mov     bx, cs
	mov     ds, bx
	shl     ebx, 4                          ; physical address of this page
	o32 lgdt [trampoline_gdtr - trampoline_start]
	mov     eax, cr0
	or      eax, CR0_PE
	mov     cr0, eax
	jmp     dword far [trampoline_far32 - trampoline_start]

bits 32
trampoline_32:
	mov     ax, 0x10
	mov     ds, ax
	mov     ss, ax
	mov     es, ax
	mov     eax, cr4
	or      eax, CR4_PAE
	mov     cr4, eax
	mov     eax, [ebx + trampoline_cr3 - trampoline_start]
	mov     cr3, eax
	mov     ecx, MSR_EFER
	rdmsr
	or      eax, EFER_LME
	wrmsr
	mov     eax, CR0_PG | CR0_WP | CR0_MP | CR0_PE | (1 << 5)
	mov     cr0, eax
	jmp     far [ebx + trampoline_far64 - trampoline_start]

bits 64
trampoline_64:
	mov     rax, ap_entry64
	jmp     rax

	align 8
trampoline_gdt:
	dq 0
	dq 0x00cf9b000000ffff                   ; 0x08: 32-bit code
	dq 0x00cf93000000ffff                   ; 0x10: data
	dq 0x00af9b000000ffff                   ; 0x18: 64-bit code
trampoline_gdtr:
	dw $ - trampoline_gdt - 1
	dd trampoline_gdt - trampoline_start    ; + page
	align 8
trampoline_far32:
	dd trampoline_32 - trampoline_start     ; + page
	dw 0x08
	align 8
trampoline_far64:
	dd trampoline_64 - trampoline_start     ; + page
	dw 0x18
	align 8
trampoline_cr3:
	dd 0
trampoline_end:

section .text progbits alloc exec nowrite align=16
ap_entry64:
	test    byte [cpu_features_nx], 1       ; NX bits are reserved until NXE is set
	jz      .no_nx
	mov     ecx, MSR_EFER
	rdmsr
	or      eax, 1 << 11                    ; NXE
	wrmsr
.no_nx:
	mov     rax, [root_boot]
	mov     cr3, rax
	mov     edi, 1
	lock xadd [ap_next_index], edi
	mov     eax, edi
	mov     rsp, [ap_stacks + rax * 8]
	xor     ebp, ebp
	call    ap_main
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits
