# SPDX-License-Identifier: MIT

CONFD_CORE_SRC := $(addprefix apps/confd/,check.c complete.c conf.c error.c json.c model.c parse.c \
	print.c saved.c schema.c server.c store.c)

APPS += confd
APP_confd_SRC := apps/confd/main.c $(CONFD_CORE_SRC)
APP_confd_DIR := sbin
