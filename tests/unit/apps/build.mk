# SPDX-License-Identifier: MIT
# The pure parts of the apps, built against the host's C library; <pix/...> comes from ours.
APPS_TEST_CFLAGS := -idirafter libc/include

UNIT += apps_json apps_rpc apps_values arpd_packet arpd_neigh arpd_core arpd_nd_packet arpd_nd ping_echo init_service

UNIT_apps_json_SRC    := tests/unit/apps/test_json.c apps/lib/json_read.c apps/lib/json_write.c apps/lib/utf8.c
UNIT_apps_rpc_SRC     := tests/unit/apps/test_rpc.c $(addprefix apps/lib/,rpc_server.c rpc_client.c \
	json_read.c json_write.c utf8.c)
UNIT_apps_values_SRC  := tests/unit/apps/test_values.c apps/lib/netaddr.c apps/lib/netaddr6.c apps/lib/args.c
UNIT_arpd_packet_SRC  := tests/unit/apps/test_arpd_packet.c apps/arpd/packet.c apps/lib/netaddr.c
UNIT_arpd_neigh_SRC   := tests/unit/apps/test_arpd_neigh.c apps/arpd/neigh.c
ARPD_LIB_SRC          := $(addprefix apps/lib/,netaddr.c netaddr6.c json_read.c json_write.c utf8.c)
UNIT_arpd_core_SRC    := tests/unit/apps/test_arpd_core.c $(ARPD_CORE_SRC) $(ARPD_LIB_SRC)
UNIT_arpd_nd_packet_SRC := tests/unit/apps/test_arpd_nd_packet.c apps/arpd/nd_packet.c \
	apps/lib/netaddr.c apps/lib/netaddr6.c
UNIT_arpd_nd_SRC      := tests/unit/apps/test_arpd_nd.c $(ARPD_CORE_SRC) $(ARPD_LIB_SRC)
UNIT_ping_echo_SRC    := tests/unit/apps/test_ping_echo.c apps/lib/echo.c
UNIT_init_service_SRC := tests/unit/apps/test_init_service.c apps/init/service.c

$(foreach t,arpd_packet arpd_neigh arpd_core arpd_nd_packet arpd_nd,$(eval UNIT_$(t)_CFLAGS := $(APPS_TEST_CFLAGS)))

# The configuration and the shell, against a double of /dev/pix.
JSON_LIB_SRC   := apps/lib/json_read.c apps/lib/json_write.c apps/lib/utf8.c
OPERATOR_SRC   := $(CONFD_CORE_SRC) $(addprefix apps/lib/,netaddr.c netaddr6.c text.c words.c) $(JSON_LIB_SRC)
OPERATOR_FAKES := tests/unit/apps/pixdev_fake.c

UNIT += confd_conf confd_commit confd_store
UNIT_confd_conf_SRC   := tests/unit/apps/test_conf.c $(OPERATOR_SRC) $(OPERATOR_FAKES)
UNIT_confd_commit_SRC := tests/unit/apps/test_confd.c tests/unit/apps/confd_rig.c $(OPERATOR_SRC) $(OPERATOR_FAKES)
UNIT_confd_store_SRC := tests/unit/apps/test_confd_store.c tests/unit/apps/confd_rig.c $(OPERATOR_SRC) \
	$(OPERATOR_FAKES)

$(UNIT_OUT)/confd_commit.ok $(UNIT_OUT)/confd_commit.san.ok: docs/config.md
$(UNIT_OUT)/confd_conf.ok $(UNIT_OUT)/confd_conf.san.ok: $(wildcard tests/unit/apps/cases/*)

UNIT += pash_edit
UNIT_pash_edit_SRC := tests/unit/apps/test_edit.c apps/pash/edit.c apps/lib/text.c

UNIT += pash_shell
UNIT_pash_shell_SRC := tests/unit/apps/test_pash.c tests/unit/apps/confd_direct.c $(OPERATOR_SRC) \
	$(OPERATOR_FAKES) $(filter-out apps/pash/confd.c apps/pash/program.c,$(PASH_CORE_SRC))

$(UNIT_OUT)/pash_shell.ok $(UNIT_OUT)/pash_shell.san.ok: $(wildcard tests/unit/apps/cases/*)

UNIT += confd_fuzz
UNIT_confd_fuzz_SRC := tests/unit/apps/fuzz_conf.c $(OPERATOR_SRC) $(OPERATOR_FAKES)
