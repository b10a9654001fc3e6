# SPDX-License-Identifier: MIT
# Unit tests: host programs (cmocka, or any program whose exit status says pass). A room adds
# tests/unit/ROOM/build.mk:
#
#   UNIT += fib
#   UNIT_fib_SRC := tests/unit/re/test_fib.c     compiled for the host
#   UNIT_fib_QGM := $(QGM_SRC)                   freestanding sources: the image's own objects in the
#                                                plain build, instrumented ones in the sanitized build
#   UNIT_fib_CFLAGS := -DX                       for its own SRC (optional)
#   UNIT_fib_LDLIBS := -lpthread                 (optional)
#   UNIT_fib_TIMEOUT := 600                      seconds (default 300: a busy host may need them)
#   UNIT_fib_NOSAN := 1                          leave out the ASan+UBSan build (say why)
#
# All are linked with $(B)/*/libpixhost.a, the hosted environment of qgm/ (tools/host).
#
# `make unit` builds and runs all, each plain and under ASan+UBSan, one line per program, and a
# count. `make unit-NAME` runs one. What passed is not run again until something it is made of
# changes (stamps in $(B)/unit).

UNIT :=
include $(wildcard tests/unit/*/build.mk)

HOSTLIB_SRC := $(wildcard tools/host/*.c)
HOSTLIB     := $(B)/host/libpixhost.a
HOSTLIB_SAN := $(B)/san/libpixhost.a
UNIT_OUT    := $(B)/unit
UNIT_STAMPS := $(foreach t,$(UNIT),$(UNIT_OUT)/$(t).ok $(if $(UNIT_$(t)_NOSAN),,$(UNIT_OUT)/$(t).san.ok))
SAN_ENV     := ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1

$(HOSTLIB): $(HOSTLIB_SRC:%.c=$(B)/host/%.o)
	@rm -f $@
	$(call say,AR)$(AR) rcsD $@ $^

$(HOSTLIB_SAN): $(HOSTLIB_SRC:%.c=$(B)/san/%.o)
	@rm -f $@
	$(call say,AR)$(AR) rcsD $@ $^

# Run one program under a time limit; keep its output; one line for it.
# $(1) program, $(2) log, $(3) stamp, $(4) seconds
define unit_run
	@rm -f $(3); s=$$(date +%s%N); \
	if $(SAN_ENV) timeout -k 5 $(4) $(1) > $(2) 2>&1; then \
		n=$$(grep -aoE '\[  PASSED  \] [0-9]+' $(2) | awk '{s += $$4} END {print s + 0}'); \
		printf 'ok    %-28s %4s checks %6d ms\n' $(notdir $(1)) $$n $$(( ($$(date +%s%N) - s) / 1000000 )); \
		echo $$n > $(3); \
	else \
		r=$$?; printf 'FAIL  %-28s exit %d, see %s\n' $(notdir $(1)) $$r $(2); \
		tail -n 25 $(2) | sed 's/^/      | /'; exit 1; \
	fi
endef

# Sources whose flags are the program's; wide code has its own (Makefile).
unit_plain = $(filter-out %_avx2.c %_avx512.c,$(UNIT_$(1)_SRC))

define unit_rules
$(UNIT_OUT)/$(1): $(UNIT_$(1)_SRC:%.c=$(B)/host/%.o) $(UNIT_$(1)_QGM:%.c=$(B)/obj/%.o) $(HOSTLIB)
	@mkdir -p $$(@D)
	$$(call say,LINK)$(CC) -no-pie -g -o $$@ $$(filter %.o %.a,$$^) -lcmocka $(UNIT_$(1)_LDLIBS)

$(UNIT_OUT)/$(1).san: $(UNIT_$(1)_SRC:%.c=$(B)/san/%.o) $(UNIT_$(1)_QGM:%.c=$(B)/san/%.o) $(HOSTLIB_SAN)
	@mkdir -p $$(@D)
	$$(call say,LINK)$(CC) -no-pie -g $(SAN) -o $$@ $$(filter %.o %.a,$$^) -lcmocka $(UNIT_$(1)_LDLIBS)

$(UNIT_OUT)/$(1).ok: $(UNIT_OUT)/$(1)
	$$(call unit_run,$$<,$$<.log,$$@,$(or $(UNIT_$(1)_TIMEOUT),300))

$(UNIT_OUT)/$(1).san.ok: $(UNIT_OUT)/$(1).san
	$$(call unit_run,$$<,$$<.log,$$@,$(or $(UNIT_$(1)_TIMEOUT),300))

$(patsubst %.c,$(B)/host/%.o,$(call unit_plain,$(1))) $(patsubst %.c,$(B)/san/%.o,$(call unit_plain,$(1))): \
	HOST_EXTRA = $(UNIT_$(1)_CFLAGS)

.PHONY: unit-$(1)
unit-$(1): $(UNIT_OUT)/$(1).ok $(if $(UNIT_$(1)_NOSAN),,$(UNIT_OUT)/$(1).san.ok)
endef
$(foreach t,$(UNIT),$(eval $(call unit_rules,$(t))))

.PHONY: unit unit-all
unit-all: $(UNIT_STAMPS)

unit: ## build and run all unit tests, plain and under ASan+UBSan
	@r=0; $(MAKE) --no-print-directory -s -k -j2 unit-all || r=1; \
	ok=0; n=0; for s in $(UNIT_STAMPS); do [ -f $$s ] && ok=$$((ok + 1)) && n=$$((n + $$(cat $$s))); done; \
	echo "unit: $$ok of $(words $(UNIT_STAMPS)) programs passed, $$n checks"; exit $$r
