; SPDX-License-Identifier: MIT
;
; SYSCALL entry of generic cores (Intel SDM vol. 2, SYSCALL/SYSRET). The CPU has put the user's rip
; into rcx and rflags into r11, and cleared IF, DF, AC, TF by SFMASK; the stack is still the user's.
; The stack switches to the thread's, a struct trapframe (kernel/arch/x86_64/trap.h) is built at its
; top, and syscall_dispatch() does the rest. It says whether SYSRETQ may be used: only if rip is a
; user address and rcx, r11 are as SYSRETQ leaves them; else trap_return() restores all by IRETQ.
; (SYSRETQ to a non-canonical rip would fault in ring 0 on the user's stack.)

bits 64
section .text progbits alloc exec nowrite align=16

%define CPU_KERNEL_RSP	8	; struct cpu
%define CPU_USER_RSP	16
%define SEL_UDATA	0x1b
%define SEL_UCODE	0x23
%define VECTOR_SYSCALL	0x100

extern syscall_dispatch
extern trap_return

; Entered by SYSCALL only. Interrupts off.
global syscall_entry
syscall_entry:
	swapgs
	mov	[gs:CPU_USER_RSP], rsp
	mov	rsp, [gs:CPU_KERNEL_RSP]
	push	SEL_UDATA
	push	qword [gs:CPU_USER_RSP]
	push	r11
	push	SEL_UCODE
	push	rcx
	push	0
	push	VECTOR_SYSCALL
	push	rax
	push	rcx
	push	rdx
	push	rbx
	push	rbp
	push	rsi
	push	rdi
	push	r8
	push	r9
	push	r10
	push	r11
	push	r12
	push	r13
	push	r14
	push	r15
	mov	rdi, rsp
	xor	ebp, ebp		; backtraces end here
	call	syscall_dispatch	; bool syscall_dispatch(struct trapframe *); interrupts off
	test	al, al
	jz	.iret
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	r11
	pop	r10
	pop	r9
	pop	r8
	pop	rdi
	pop	rsi
	pop	rbp
	pop	rbx
	pop	rdx
	pop	rcx
	pop	rax
	mov	rsp, [rsp + 5 * 8]	; past vector, error, rip, cs, rflags
	swapgs
	o64 sysret
.iret:
	mov	rdi, rsp
	call	trap_return
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits
