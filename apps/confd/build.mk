# SPDX-License-Identifier: MIT

CONFD_CORE_SRC := $(addprefix apps/confd/,check.c check_iface.c check_routes.c check_steering.c \
	complete.c conf.c difference.c error.c inventory.c json.c model.c parse.c print.c saved.c \
	schema.c schema_rows.c server.c steering.c store.c value.c)

APPS += confd
APP_confd_SRC := apps/confd/main.c $(CONFD_CORE_SRC)
APP_confd_DIR := sbin
