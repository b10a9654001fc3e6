; SPDX-License-Identifier: MIT
;
; QGM cores: the switch into their world, and their trap entry. Kernel mode only, %gs never
; changes, so there is no swapgs. Exceptions come on IST stacks, interrupts on the core's stack (only
; inside core_halt).

%include "kernel/arch/x86_64/cpu.inc"

%define CR4_PGE (1 << 7)
%define HAS_ERROR(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)

extern core_trap
extern core_main

section .text progbits alloc exec nowrite align=16
bits 64

; void core_enter(struct core_state *st, u64 stack_top, u64 root): leaves the generic partition for
; good. Flushes global translations too: those of the direct map must not survive here.
global core_enter
core_enter:
	cli
	mov     rsp, rsi
	mov     rax, cr4
	mov     rcx, rax
	and     rcx, ~CR4_PGE
	mov     cr4, rcx
	mov     cr3, rdx
	mov     cr4, rax
	xor     ebp, ebp
	call    core_main
	ud2

%assign v 0
%rep 256
	align 4
core_stub_%+v:
%if HAS_ERROR(v) == 0
	push    0
%endif
	push    v
	jmp     core_common
%assign v v + 1
%endrep

align 16
core_common:
	cld
	PUSH_REGS
	mov     rdi, rsp
	call    core_trap
	POP_REGS
	add     rsp, 16
	iretq

section .rodata progbits alloc noexec nowrite align=8
global core_stubs
core_stubs:
%assign v 0
%rep 256
	dq core_stub_%+v
%assign v v + 1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
