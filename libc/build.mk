# SPDX-License-Identifier: MIT
# The C library of the apps: headers in libc/include, sources in libc/src, result $(B)/user/libc.a.
# Programs are static ELF64 at 0x400000 for the Linux x86-64 system-call ABI: they run on PIX and,
# unchanged, on a Linux host.

LIBC_SRC := $(wildcard libc/src/*.c)
LIBC_ASM := $(wildcard libc/src/*.asm)
LIBC_OBJ := $(LIBC_SRC:%.c=$(B)/user/%.o) $(LIBC_ASM:%.asm=$(B)/user/%.asm.o)
LIBC     := $(B)/user/libc.a

# Three segments R, RX, RW on pages of their own; nothing is writable and executable.
USER_LDFLAGS := -static -nostdlib -no-pie -Wl,-z,noexecstack -Wl,-z,separate-code -Wl,-z,norelro \
	-Wl,-z,max-page-size=4096 -Wl,-Ttext-segment=0x400000 -Wl,--build-id=none \
	-Wl,--gc-sections -Wl,--fatal-warnings

# memcpy's own loop must not become a call of memcpy, and the guard cannot be checked before it is set.
$(B)/user/libc/src/string.o $(B)/user/libc/src/memory.o: USER_CFLAGS += -fno-tree-loop-distribute-patterns
$(B)/user/libc/src/start.o: USER_CFLAGS += -fno-stack-protector

$(B)/user/%.asm.o: %.asm
	@mkdir -p $(@D)
	$(call say,AS)$(NASM) -f elf64 -g -F dwarf -I. -MD $(@:.o=.d) -MP $< -o $@

$(LIBC): $(LIBC_OBJ) libc/build.mk
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR)$(AR) rcsD $@ $(LIBC_OBJ)
