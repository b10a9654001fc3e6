# SPDX-License-Identifier: MIT
APPS += init
APP_init_SRC := apps/init/main.c apps/init/service.c
APP_init_DIR := sbin
ETC_FILES += apps/init/init.conf
