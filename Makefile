# SPDX-License-Identifier: MIT
# PIX: one command builds everything into $(B) (out of tree). `make help` lists the commands.
#
# Each room adds its sources in its own build.mk:
#   KERNEL_SRC, KERNEL_ASM  kernel objects (general registers only)      -> image
#   DRIVER_SRC              drivers outside of the network (same flags)  -> image
#   NETDRV_SRC              network drivers, compiled for the image and for the host
#   QGM_SRC                 the data plane: one set of objects, linked into the image and host programs
#   LIBC_SRC, APPS, APP_<name>_SRC   user programs                      -> initramfs
#   UNIT, UNIT_<name>_SRC, UNIT_<name>_OBJ   host unit tests (plain, and ASan+UBSan)

# `make bench B=NAME` names a benchmark (or a family, or a result: ring-spsc/32), not the build directory.
ifneq ($(filter bench bench-full,$(MAKECMDGOALS)),)
BENCH_CASES := $(shell sed -n 's/^\t{ "\([^"]*\)", "\([^"]*\)".*/\1 \2/p' tools/bench/cases.c)
BENCH_NAME  := $(if $(findstring /,$(B)),$(filter $(BENCH_CASES),$(firstword $(subst /, ,$(B)))),$(B))
ifneq ($(and $(BENCH_NAME),$(filter command,$(origin B))),)
BENCH_ONE   := $(B)
override B  := build
ifeq ($(filter $(firstword $(subst /, ,$(BENCH_ONE)))%,$(BENCH_CASES)),)
$(error no benchmark is called $(BENCH_ONE); there are: $(sort $(BENCH_CASES)))
endif
endif
endif
B ?= build
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
SHELL := /bin/bash

CC   := gcc
LD   := ld
NASM := nasm
AR   := ar
PY   := /usr/bin/python3

# One short line for each thing made; V=1 shows the commands themselves.
ifneq ($(V),1)
say = @$(if $(findstring s,$(filter-out --%,$(firstword $(MAKEFLAGS)))),,printf '  %-8s %s\n' $(1) '$(@:$(B)/%=%)';)
endif

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wcast-qual \
	-Wsign-compare -Wvla -Wframe-larger-than=2048 -Werror
BASE := -std=gnu17 -O2 -g -I. -MD -MP -fno-omit-frame-pointer -fno-strict-aliasing -fno-common $(WARN)
FREE := $(BASE) -ffreestanding -fno-pic -fno-pie -mcmodel=kernel -mno-red-zone \
	-fstack-protector-strong -mstack-protector-guard=global -fno-asynchronous-unwind-tables \
	-fcf-protection=none

KERNEL_CFLAGS := $(FREE) -mgeneral-regs-only -fno-optimize-sibling-calls -DPIX_KERNEL
NETDRV_CFLAGS := $(FREE) -DPIX_KERNEL
QGM_CFLAGS    := $(FREE) -fno-tree-loop-distribute-patterns
HOST_CFLAGS   := $(BASE) -fno-pie -DPIX_HOST -Wframe-larger-than=16384
SAN           := -fsanitize=address,undefined -fno-sanitize-recover=all
USER_CFLAGS   := $(BASE) -ffreestanding -fno-pic -fno-pie -nostdinc -isystem libc/include \
	-isystem $(shell $(CC) -print-file-name=include) -mno-red-zone -fstack-protector-strong \
	-mstack-protector-guard=global -fno-asynchronous-unwind-tables -fcf-protection=none

.PHONY: all
all:

include $(wildcard */build.mk) $(wildcard tests/*/build.mk) tests/fuzz/fuzz.mk

KERNEL_OBJ := $(KERNEL_SRC:%.c=$(B)/obj/%.o) $(DRIVER_SRC:%.c=$(B)/obj/%.o) \
	$(NETDRV_SRC:%.c=$(B)/obj/%.o) $(KERNEL_ASM:%.asm=$(B)/obj/%.asm.o)
QGM_OBJ    := $(QGM_SRC:%.c=$(B)/obj/%.o)

$(KERNEL_SRC:%.c=$(B)/obj/%.o) $(DRIVER_SRC:%.c=$(B)/obj/%.o): OBJ_CFLAGS = $(KERNEL_CFLAGS)
$(NETDRV_SRC:%.c=$(B)/obj/%.o): OBJ_CFLAGS = $(NETDRV_CFLAGS)
$(QGM_OBJ): OBJ_CFLAGS = $(QGM_CFLAGS)
# Wider code of the data plane lives in files of its own, chosen at run time by CPUID.
AVX2   := -mavx2 -mbmi -mbmi2 -mpopcnt -mlzcnt -mpclmul
AVX512 := $(AVX2) -mavx512f -mavx512cd -mavx512bw -mavx512dq -mavx512vl -mvpclmulqdq \
	-mprefer-vector-width=512
$(B)/obj/%_avx2.o: OBJ_EXTRA = $(AVX2)
$(B)/obj/%_avx512.o: OBJ_EXTRA = $(AVX512)
$(B)/host/%_avx2.o $(B)/san/%_avx2.o: HOST_WIDE = $(AVX2)
$(B)/host/%_avx512.o $(B)/san/%_avx512.o: HOST_WIDE = $(AVX512)

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(OBJ_CFLAGS) $(OBJ_EXTRA) -c $< -o $@

$(B)/obj/%.asm.o: %.asm
	@mkdir -p $(@D)
	$(call say,AS)$(NASM) -f elf64 -g -F dwarf -I. -MD $(@:.o=.d) -MP $< -o $@

# The same sources for the host: drivers and pure parts of the kernel under test, and tools.
$(B)/host/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(HOST_CFLAGS) $(HOST_EXTRA) $(HOST_WIDE) -c $< -o $@

$(B)/san/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(HOST_CFLAGS) $(HOST_EXTRA) $(HOST_WIDE) $(SAN) -c $< -o $@

$(B)/user/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(USER_CFLAGS) -c $< -o $@

-include $(shell find $(B) -type f -name '*.d' 2>/dev/null)

.PHONY: help
help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort | expand -t 14

.PHONY: clean
clean: ## remove the build directory
	rm -rf $(B)
