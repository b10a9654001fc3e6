; SPDX-License-Identifier: MIT
;
; The change of stacks between two threads of a generic core, and the first instructions of a new
; thread. Called by kernel/sched/sched.c with sched_lock held and interrupts off. What the System V
; ABI lets a call destroy need not be saved; x87/SSE/AVX state and the page-table root are switched
; by the caller.

bits 64
section .text progbits alloc exec nowrite align=16

extern thread_begin

; void switch_stacks(u64 *save_rsp, u64 load_rsp)
; rdi: where to keep this thread's rsp; rsi: the other thread's. Clobbers nothing else that counts.
global switch_stacks
switch_stacks:
	push	rbp
	push	rbx
	push	r12
	push	r13
	push	r14
	push	r15
	mov	[rdi], rsp
	mov	rsp, rsi
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbx
	pop	rbp
	ret

; Where a new thread's stack returns to: a frame pointer of 0 ends its backtraces.
global thread_trampoline
thread_trampoline:
	xor	ebp, ebp
	call	thread_begin
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits
