# SPDX-License-Identifier: MIT
APPS += arpd
APP_arpd_SRC := $(addprefix apps/arpd/,main.c core.c iface.c neigh.c packet.c show.c table.c)
APP_arpd_DIR := sbin
