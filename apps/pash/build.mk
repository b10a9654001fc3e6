# SPDX-License-Identifier: MIT

PASH_CORE_SRC := $(addprefix apps/pash/,complete.c conf.c confd.c edit.c filter.c grammar.c names.c \
	program.c regex.c run.c services.c show_conservation.c show_interfaces.c show_port.c show_qgm.c show_routes.c show_steering.c show_system.c \
	show_tables.c table.c vrfs.c)

APPS += pash
APP_pash_SRC := apps/pash/main.c apps/pash/term.c $(PASH_CORE_SRC)
APP_pash_DIR := bin
