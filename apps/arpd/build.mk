# SPDX-License-Identifier: MIT
APPS += arpd
ARPD_CORE_SRC := $(addprefix apps/arpd/,arp.c core.c dad.c iface.c nd.c nd_packet.c neigh.c packet.c \
	ra.c show.c table.c)
APP_arpd_SRC := apps/arpd/main.c $(ARPD_CORE_SRC)
APP_arpd_DIR := sbin
