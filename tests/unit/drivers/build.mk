# SPDX-License-Identifier: MIT
# Network drivers on models of their devices.

NIC_RIG := tests/unit/drivers/rig.c tests/unit/drivers/suite.c
# A chip of tools/nicsim on that bench.
NIC_SIM := tests/unit/drivers/model_nicsim.c $(NICSIM_SRC)
NIC_QGM := qgm/pool.c qgm/pool_fresh_avx2.c qgm/mpmc.c qgm/mpmc_avx2.c qgm/mpmc_avx512.c qgm/port.c qgm/cpu.c

# What drivers share.
NIC_COMMON := $(wildcard drivers/net/ring/*.c drivers/net/owner/*.c)

# The bursts of rings that drivers share, the wide ones against the plain ones.
UNIT += ring_bursts
UNIT_ring_bursts_SRC := tests/unit/drivers/test_ring.c \
	$(filter-out %/pair.c,$(wildcard drivers/net/ring/*.c))
UNIT_ring_bursts_QGM := $(NIC_QGM)

UNIT += e1000
UNIT_e1000_SRC := tests/unit/drivers/test_e1000.c tests/unit/drivers/model_82540.c $(NIC_RIG) \
	$(wildcard drivers/net/e1000/*.c) $(NIC_COMMON)
UNIT_e1000_QGM := $(NIC_QGM)

# Drivers with several queues on chips of nicsim: what goes through them, their queues, their faults.
NIC_MQ := $(wildcard tests/unit/drivers/mq*.c) \
	tests/unit/drivers/rig.c $(NIC_SIM)
NIC_MQ_QGM := $(NIC_QGM) qgm/steer/reta.c
E1000E_MQ := tests/unit/drivers/chip_82574.c tests/unit/drivers/suite.c $(NIC_MQ) \
	$(wildcard drivers/net/e1000/*.c) $(NIC_COMMON)
UNIT += e1000e e1000e_faults
UNIT_e1000e_SRC := tests/unit/drivers/test_e1000e.c $(E1000E_MQ)
UNIT_e1000e_QGM := $(NIC_MQ_QGM)
UNIT_e1000e_faults_SRC := tests/unit/drivers/test_e1000e_faults.c $(filter-out %/suite.c,$(E1000E_MQ))
UNIT_e1000e_faults_QGM := $(NIC_MQ_QGM)

UNIT += vmxnet3
UNIT_vmxnet3_SRC := tests/unit/drivers/test_vmxnet3.c tests/unit/drivers/chip_vmxnet3.c $(NIC_MQ) \
	$(wildcard drivers/net/vmxnet3/*.c) $(NIC_COMMON)
UNIT_vmxnet3_QGM := $(NIC_MQ_QGM)

UNIT += virtio_net
UNIT_virtio_net_SRC := tests/unit/drivers/test_virtio_net.c tests/unit/drivers/model_virtio.c tests/unit/drivers/model_virtqueue.c \
	$(NIC_RIG) $(wildcard drivers/net/virtio_net/*.c)
UNIT_virtio_net_QGM := $(NIC_QGM)

IXGBE_MQ := tests/unit/drivers/chip_82599.c $(NIC_MQ) $(wildcard drivers/net/ixgbe/*.c) $(NIC_COMMON)
UNIT += ixgbe ixgbe_queues ixgbe_faults
UNIT_ixgbe_SRC := tests/unit/drivers/test_ixgbe.c $(IXGBE_MQ)
UNIT_ixgbe_QGM := $(NIC_MQ_QGM)
UNIT_ixgbe_faults_SRC := tests/unit/drivers/test_ixgbe_faults.c $(IXGBE_MQ)
UNIT_ixgbe_faults_QGM := $(NIC_MQ_QGM)
UNIT_ixgbe_queues_SRC := tests/unit/drivers/test_ixgbe_queues.c $(IXGBE_MQ)
UNIT_ixgbe_queues_QGM := $(NIC_MQ_QGM)
VF_MQ := tests/unit/drivers/chip_82599_vf.c $(NIC_MQ) $(wildcard drivers/net/ixgbevf/*.c) $(NIC_COMMON)
UNIT += ixgbevf ixgbevf_host ixgbevf_queues
UNIT_ixgbevf_queues_SRC := tests/unit/drivers/test_ixgbevf_queues.c $(VF_MQ)
UNIT_ixgbevf_queues_QGM := $(NIC_MQ_QGM)
UNIT_ixgbevf_host_SRC := tests/unit/drivers/test_ixgbevf_host.c tests/unit/drivers/host_mail.c $(VF_MQ)
UNIT_ixgbevf_host_QGM := $(NIC_MQ_QGM)
UNIT_ixgbevf_SRC := tests/unit/drivers/test_ixgbevf.c $(VF_MQ)
UNIT_ixgbevf_QGM := $(NIC_MQ_QGM)
I40E_MQ := tests/unit/drivers/chip_xl710.c $(NIC_MQ) $(wildcard drivers/net/i40e/*.c) $(NIC_COMMON)
UNIT += i40e i40e_faults i40e_flows
UNIT_i40e_flows_SRC := tests/unit/drivers/test_i40e_flows.c $(I40E_MQ)
UNIT_i40e_flows_QGM := $(NIC_MQ_QGM)
UNIT_i40e_faults_SRC := tests/unit/drivers/test_i40e_faults.c $(I40E_MQ)
UNIT_i40e_faults_QGM := $(NIC_MQ_QGM)
UNIT_i40e_SRC := tests/unit/drivers/test_i40e.c $(I40E_MQ)
UNIT_i40e_QGM := $(NIC_MQ_QGM)

IGB_MQ := tests/unit/drivers/chip_82576.c $(NIC_MQ) $(wildcard drivers/net/igb/*.c) $(NIC_COMMON)
UNIT += igb igb_faults
UNIT_igb_SRC := tests/unit/drivers/test_igb.c $(IGB_MQ)
UNIT_igb_QGM := $(NIC_MQ_QGM)
UNIT_igb_faults_SRC := tests/unit/drivers/test_igb_faults.c $(IGB_MQ)
UNIT_igb_faults_QGM := $(NIC_MQ_QGM)

# Faults of RELIABILITY's list at random points, ten each; `make long-faults` has a thousand.
R13_RIG := tests/unit/drivers/r13.c tests/unit/drivers/r13_main.c tests/unit/drivers/r13_world.c tests/unit/drivers/mq.c \
	tests/unit/drivers/rig.c $(NIC_SIM)
R13 := ixgbe ixgbevf i40e igb e1000 e1000e vmxnet3 virtio_net
UNIT += $(R13:%=r13_%)
R13_FILES_e1000e := e1000
R13_MODEL_e1000 := tests/unit/drivers/model_82540.c
R13_MODEL_virtio_net := tests/unit/drivers/model_virtio.c tests/unit/drivers/model_virtqueue.c
define r13_program
UNIT_r13_$(1)_SRC := tests/unit/drivers/r13_$(1).c $(R13_MODEL_$(1)) $(R13_RIG) \
	$(wildcard drivers/net/$(or $(R13_FILES_$(1)),$(1))/*.c) $(NIC_COMMON)
UNIT_r13_$(1)_QGM := $(NIC_MQ_QGM)
endef
$(foreach t,$(R13),$(eval $(call r13_program,$(t))))

# Each fault of each NIC at a thousand random points, plain and sanitized: a table.
FAULT_POINTS ?= 1000
FAULT_SEED ?= 1
.PHONY: long-faults
long-faults: $(R13:%=$(B)/unit/r13_%) $(R13:%=$(B)/unit/r13_%.san)
	@r=0; for p in $^; do echo "== $$(basename $$p)"; \
		$(SAN_ENV) timeout 900 $$p $(FAULT_POINTS) $(FAULT_SEED) > $$p.long.log 2>&1 || r=1; \
		grep -aE 'points, seed|ERROR' $$p.long.log; done; exit $$r

# Many frames through a driver and its chip, each accounted for; `make long-volume` has 10^8.
VOLUME_RIG := tests/unit/drivers/test_volume.c $(filter-out %/mq_suite.c %/mq_shown.c %/mq_flows.c %/mq_faults.c %/mq_rules.c,$(NIC_MQ))
VOLUME := ixgbe i40e igb e1000e vmxnet3
UNIT += $(VOLUME:%=%_volume)
UNIT_ixgbe_volume_SRC := tests/unit/drivers/chip_82599.c $(VOLUME_RIG) $(wildcard drivers/net/ixgbe/*.c) $(NIC_COMMON)
UNIT_i40e_volume_SRC := tests/unit/drivers/chip_xl710.c $(VOLUME_RIG) $(wildcard drivers/net/i40e/*.c) $(NIC_COMMON)
UNIT_igb_volume_SRC := tests/unit/drivers/chip_82576.c $(VOLUME_RIG) $(wildcard drivers/net/igb/*.c) $(NIC_COMMON)
UNIT_e1000e_volume_SRC := tests/unit/drivers/chip_82574.c $(VOLUME_RIG) $(wildcard drivers/net/e1000/*.c) $(NIC_COMMON)
UNIT_vmxnet3_volume_SRC := tests/unit/drivers/chip_vmxnet3.c $(VOLUME_RIG) $(wildcard drivers/net/vmxnet3/*.c) $(NIC_COMMON)
$(foreach t,$(VOLUME),$(eval UNIT_$(t)_volume_QGM := $$(NIC_MQ_QGM)))

# Generic partition: compiled as for the image, on a fake configuration space.
UNIT += pci
UNIT_pci_SRC    := tests/unit/drivers/test_pci.c drivers/bus/pci_caps.c
UNIT_pci_CFLAGS := -UPIX_HOST

UNIT += char
UNIT_char_SRC := tests/unit/drivers/test_char.c drivers/char/vt.c drivers/char/scancode.c \
	drivers/char/font.c

UNIT += virtio_pairs
UNIT_virtio_pairs_SRC := tests/unit/drivers/test_virtio_pairs.c tests/unit/drivers/model_virtio.c \
	tests/unit/drivers/model_virtqueue.c tests/unit/drivers/rig.c $(wildcard drivers/net/virtio_net/*.c)
UNIT_virtio_pairs_QGM := $(NIC_QGM) qgm/steer/reta.c

UNIT += null_patch
UNIT_null_patch_SRC := tests/unit/drivers/test_null_patch.c $(wildcard drivers/net/null/*.c)
UNIT_null_patch_QGM := $(NIC_QGM)
