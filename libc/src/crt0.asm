; SPDX-License-Identifier: MIT
; Where a program begins. The kernel enters with the System V initial stack: [rsp] = argc, then argv,
; NULL, environment, NULL, auxiliary vector (System V ABI AMD64, 3.4.1); rdx is not used.

section .text
global _start
extern __libc_start

; void _start(void), does not return
_start:
	xor	ebp, ebp		; ends the chain of frames
	mov	rdi, rsp
	and	rsp, -16
	call	__libc_start
	ud2

section .note.GNU-stack noalloc noexec nowrite progbits
