# SPDX-License-Identifier: MIT
# Fuzz targets (clang, libFuzzer, ASan, UBSan), each a program $(B)/fuzz/NAME with a corpus of its
# own in tests/fuzz/corpus/NAME. A target's sources are FUZZ_NAME_SRC.
#
#   make fuzz                each for FUZZ_SECONDS (60); what it finds of value stays in $(B)/fuzz
#   make fuzz-short          the corpus, then 400 more from one seed: part of `make test`
#   $(B)/fuzz/NAME FILE      one input again

FUZZ_RIG := tests/fuzz/nic_world.c tests/unit/drivers/rig.c tests/unit/drivers/model_nicsim.c $(NICSIM_SRC) \
	$(NIC_COMMON) $(NIC_MQ_QGM) tools/host/env.c
# A chip of nicsim is a target, too; the others have their unit tests' models.
FUZZ_CHIPS := ixgbe ixgbevf i40e igb e1000e vmxnet3
FUZZ_OTHER := e1000 virtio_net
FUZZ       := $(foreach d,$(FUZZ_CHIPS),$(d)_driver $(d)_model) $(FUZZ_OTHER:%=%_driver)
define fuzz_nic
FUZZ_$(1)_driver_SRC := tests/fuzz/nic_driver.c tests/fuzz/fuzz_$(1).c $$(R13_MODEL_$(1)) $$(FUZZ_RIG) \
	$$(wildcard drivers/net/$$(or $$(R13_FILES_$(1)),$(1))/*.c)
FUZZ_$(1)_model_SRC := $$(FUZZ_$(1)_driver_SRC:%/nic_driver.c=%/nic_model.c)
endef
$(foreach d,$(FUZZ_CHIPS) $(FUZZ_OTHER),$(eval $(call fuzz_nic,$(d))))

CLANG        := clang
FUZZ_SAN     := address,undefined
FUZZ_CFLAGS  := -std=gnu17 -O1 -g -I. -MD -MP -fno-omit-frame-pointer -fno-strict-aliasing -fno-pie -DPIX_HOST \
	-w -fsanitize=fuzzer-no-link,$(FUZZ_SAN) -fno-sanitize-recover=all
FUZZ_SECONDS ?= 60

$(B)/fuzz/obj/%_avx2.o: FUZZ_EXTRA = $(AVX2)
$(B)/fuzz/obj/%_avx512.o: FUZZ_EXTRA = $(AVX512)
$(B)/fuzz/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(CLANG) $(FUZZ_CFLAGS) $(FUZZ_EXTRA) -c $< -o $@

define fuzz_rules
$(B)/fuzz/$(1): $(FUZZ_$(1)_SRC:%.c=$(B)/fuzz/obj/%.o)
	@mkdir -p $$(@D)
	$(CLANG) -no-pie -g -fsanitize=fuzzer,$(FUZZ_SAN) -o $$@ $$^ -lcmocka
endef
$(foreach t,$(FUZZ),$(eval $(call fuzz_rules,$(t))))

.PHONY: fuzz fuzz-short
fuzz: deps $(FUZZ:%=$(B)/fuzz/%) ## fuzz drivers and models of NICs; FUZZ_SECONDS=60 each
	@tests/fuzz/run.sh $(B) $(FUZZ_SECONDS)s $(FUZZ)
fuzz-short: deps $(FUZZ:%=$(B)/fuzz/%)
	@tests/fuzz/run.sh $(B) 400 $(FUZZ)
