# SPDX-License-Identifier: MIT
# libc under test beside the host's C library: its objects are joined and every symbol that they
# define gets the prefix pix_, so malloc is pix_malloc. The plain build takes the very objects of
# libc.a; the other one is compiled again with ASan and UBSan.

UNIT += libc_string libc_number libc_printf libc_malloc libc_stdio libc_inet libc_time libc_misc libc_abi
LIBC_TESTS := $(filter libc_%,$(UNIT))
$(foreach t,$(LIBC_TESTS),$(eval UNIT_$(t)_SRC := tests/unit/libc/test_$(t:libc_%=%).c))

LIBCUT     := $(B)/unit/libcut.o
LIBCUT_SAN := $(B)/unit/libcut.san.o
LIBCUT_SRC := $(wildcard libc/src/*.c)
LIBCUT_ASM := $(B)/user/libc/src/setjmp.asm.o

# $(1): joined object, $(2): objects
define libcut
	@mkdir -p $(@D)
	$(LD) -r -o $(1).tmp $(2)
	nm -g --defined-only $(1).tmp | awk '{ print $$3, "pix_" $$3 }' > $(1).map
	objcopy --redefine-syms=$(1).map $(1).tmp $(1)
	@rm $(1).tmp
endef

$(LIBCUT): $(LIBCUT_SRC:%.c=$(B)/user/%.o) $(LIBCUT_ASM)
	$(call libcut,$@,$^)

$(LIBCUT_SAN): $(LIBCUT_SRC:%.c=$(B)/usersan/%.o) $(LIBCUT_ASM)
	$(call libcut,$@,$^)

$(B)/usersan/libc/src/memory.o $(B)/usersan/libc/src/string.o: USERSAN_EXTRA = -fno-tree-loop-distribute-patterns
$(B)/usersan/libc/src/start.o: USERSAN_EXTRA = -fno-stack-protector
$(B)/usersan/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CC) $(USER_CFLAGS) $(USERSAN_EXTRA) $(SAN) -Wno-frame-larger-than -c $< -o $@

$(foreach t,$(LIBC_TESTS),$(eval $(B)/unit/$(t): $(LIBCUT))$(eval $(B)/unit/$(t).san: $(LIBCUT_SAN)))

# The numbers of the headers: one table of them compiled with ours, one with the host's.
$(B)/unit/libc_abi: $(B)/user/tests/unit/libc/abi_ours.o
$(B)/unit/libc_abi.san: $(B)/user/tests/unit/libc/abi_ours.o
UNIT_libc_abi_SRC += tests/unit/libc/abi_host.c

# A program of our libc, run on the host by a test. Not sanitized: it is the apps' own build.
UNIT += libc_native
UNIT_libc_native_SRC   := tests/unit/libc/test_native.c
UNIT_libc_native_NOSAN := 1
$(B)/unit/libc_native: $(B)/unit/native

$(B)/unit/native: $(B)/user/tests/unit/libc/native.o $(LIBC)
	@mkdir -p $(@D)
	$(CC) $(USER_LDFLAGS) -o $@ $^ -lgcc
