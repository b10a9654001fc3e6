# SPDX-License-Identifier: MIT
# Lock-free structures under ThreadSanitizer, on real threads. Each planted bug must be reported:
# a relaxed store where rings publish, a relaxed load of their index, steering changed without its marker, tables freed without a grace period, a nap without its fence.

RACE_SRC    := tests/race/race.c tests/race/rings.c tests/race/epochs.c tests/race/engine.c tests/race/routes.c \
	tests/race/order.c tests/race/fib.c tests/unit/qgm/flows.c tests/unit/steer/order.c \
	tests/unit/re/fib_churn.c tests/unit/re/naive4.c tests/unit/re/fib6_churn.c tests/unit/re/naive6.c
RACE_QGM    := $(QGM_SRC)
RACE_CFLAGS := $(HOST_CFLAGS) -fsanitize=thread -Wno-tsan
RACE_ALL    := $(RACE_SRC) $(RACE_QGM) $(wildcard tools/host/*.c)

$(B)/tsan/%_avx2.o $(B)/tsan-relaxed/%_avx2.o: RACE_EXTRA = $(AVX2)
$(B)/tsan/%_avx512.o $(B)/tsan-relaxed/%_avx512.o: RACE_EXTRA = $(AVX512)

$(B)/tsan/%.o: %.c Makefile tests/race/build.mk
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(RACE_CFLAGS) $(RACE_EXTRA) -c $< -o $@

$(B)/tsan-relaxed/%.o: %.c Makefile tests/race/build.mk
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(RACE_CFLAGS) $(RACE_EXTRA) -DPLANT_RING_RELAXED -c $< -o $@

$(B)/race/race: $(RACE_ALL:%.c=$(B)/tsan/%.o)
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -no-pie -g -fsanitize=thread -o $@ $^ -lpthread

$(B)/race/race-relaxed: $(RACE_ALL:%.c=$(B)/tsan-relaxed/%.o)
	@mkdir -p $(@D)
	$(call say,LINK)$(CC) -no-pie -g -fsanitize=thread -o $@ $^ -lpthread

# Models: the same sources as C++ against relacy (relacy-dev), and with a bug planted in each.
MODELS       := tests/race/relacy/models.cc
MODEL_CFLAGS := -std=gnu++17 -O2 -g -I. -MD -MP -Wall -fpermissive -w
$(B)/race/models: MODEL_EXTRA :=
$(B)/race/models-relaxed: MODEL_EXTRA := -DPLANT_RING_RELAXED
$(B)/race/models-nap: MODEL_EXTRA := -DPLANT_NAP_FENCE
$(B)/race/models-index: MODEL_EXTRA := -DPLANT_MPMC_INDEX
$(B)/race/models $(B)/race/models-relaxed $(B)/race/models-nap $(B)/race/models-index: $(MODELS) tests/race/build.mk
	@mkdir -p $(@D)
	$(call say,LINK)$(CXX) $(MODEL_CFLAGS) $(MODEL_EXTRA) -MF $@.d -MT $@ $< -o $@

.PHONY: race
race: $(B)/race/race $(B)/race/race-relaxed $(B)/race/models $(B)/race/models-relaxed $(B)/race/models-nap \
	$(B)/race/models-index
race: ## rings, epochs, the engine under ThreadSanitizer; rings and sleep as models
	@$(PY) tests/race/run.py $(B)/race
