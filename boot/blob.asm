; SPDX-License-Identifier: MIT
; A file as a section of the image: BLOB_FILE in section BLOB_SECTION under the name BLOB_NAME.
section BLOB_SECTION progbits alloc noexec nowrite align=16
global BLOB_NAME
BLOB_NAME:
%ifdef BLOB_FILE
	incbin BLOB_FILE
%else
	dd 0
%endif
