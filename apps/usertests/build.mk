# SPDX-License-Identifier: MIT
APPS += usertests
APP_usertests_SRC := apps/usertests/main.c apps/usertests/faults.c apps/usertests/pointers.c \
	apps/usertests/calls.c apps/usertests/limits.c
APP_usertests_DIR := bin
