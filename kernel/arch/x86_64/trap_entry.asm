; SPDX-License-Identifier: MIT
;
; Entry of all traps and interrupts on generic cores (Intel SDM vol. 3A, 6.12-6.14). Each vector
; has a stub that completes the frame to struct trapframe; the rest is common. NMI, double fault
; and machine check come on IST stacks and may hit before a swapgs, so they look at GS_BASE itself.

%include "kernel/arch/x86_64/cpu.inc"

extern trap_dispatch
extern trap_dispatch_ist
extern cpu_features_smap

; Vectors for which the CPU pushes an error code
%define HAS_ERROR(v) ((v) == 8 || ((v) >= 10 && (v) <= 14) || (v) == 17 || (v) == 21 || (v) == 29 || (v) == 30)
%define IS_IST(v)    ((v) == 2 || (v) == 8 || (v) == 18)

section .text progbits alloc exec nowrite align=16
bits 64

%assign v 0
%rep 256
	align 4
trap_stub_%+v:
%if HAS_ERROR(v) == 0
	push    0
%endif
	push    v
%if IS_IST(v)
	jmp     trap_ist
%else
	jmp     trap_common
%endif
%assign v v + 1
%endrep

align 16
trap_common:
	cld
	test    byte [rsp + 24], 3              ; cs: from user mode?
	jz      .kernel
	swapgs
.kernel:
	PUSH_REGS
	test    byte [cpu_features_smap], 1
	jz      .no_smap
	clac
.no_smap:
	mov     rdi, rsp
	call    trap_dispatch
trap_restore:
	test    byte [rsp + FRAME_CS], 3
	jz      .kernel
	swapgs
.kernel:
	POP_REGS
	add     rsp, 16
	iretq

; void trap_return(struct trapframe *f): interrupts are off, f is on the current kernel stack or
; anywhere else that stays mapped.
global trap_return
trap_return:
	cli
	mov     rsp, rdi
	jmp     trap_restore

align 16
trap_ist:
	cld
	PUSH_REGS
	test    byte [cpu_features_smap], 1
	jz      .no_smap
	clac
.no_smap:
	xor     ebx, ebx
	mov     ecx, MSR_GS_BASE
	rdmsr
	test    edx, edx
	js      .kernel_gs
	swapgs
	inc     ebx
.kernel_gs:
	mov     rdi, rsp
	call    trap_dispatch_ist
	test    ebx, ebx
	jz      .done
	swapgs
.done:
	POP_REGS
	add     rsp, 16
	iretq

; const u64 trap_stubs[256]
section .rodata progbits alloc noexec nowrite align=8
global trap_stubs
trap_stubs:
%assign v 0
%rep 256
	dq trap_stub_%+v
%assign v v + 1
%endrep

section .note.GNU-stack noalloc noexec nowrite progbits
