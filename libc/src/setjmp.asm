; SPDX-License-Identifier: MIT
; setjmp/longjmp, and the return path of signal handlers.
; jmp_buf: rbx rbp r12 r13 r14 r15 rsp rip (8 bytes each). System V ABI AMD64 3.2.1: these and rsp are
; the callee-saved registers.

section .text
global setjmp
global longjmp
global __restore_rt

; int setjmp(jmp_buf env): 0, or longjmp's value. Clobbers rax, rdx.
setjmp:
	mov	[rdi], rbx
	mov	[rdi + 8], rbp
	mov	[rdi + 16], r12
	mov	[rdi + 24], r13
	mov	[rdi + 32], r14
	mov	[rdi + 40], r15
	lea	rdx, [rsp + 8]		; rsp after our return
	mov	[rdi + 48], rdx
	mov	rdx, [rsp]
	mov	[rdi + 56], rdx
	xor	eax, eax
	ret

; void longjmp(jmp_buf env, int val): setjmp returns val, or 1 when val is 0.
longjmp:
	mov	eax, esi
	cmp	eax, 1
	adc	eax, 0			; 0 becomes 1
	mov	rbx, [rdi]
	mov	rbp, [rdi + 8]
	mov	r12, [rdi + 16]
	mov	r13, [rdi + 24]
	mov	r14, [rdi + 32]
	mov	r15, [rdi + 40]
	mov	rsp, [rdi + 48]
	jmp	[rdi + 56]

; void __restore_rt(void): sa_restorer of every handler, rt_sigreturn (15). rsp points at the frame.
__restore_rt:
	mov	eax, 15
	syscall
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits
