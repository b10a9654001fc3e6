# SPDX-License-Identifier: MIT
APPS += usertests
APP_usertests_SRC := $(addprefix apps/usertests/,main.c badptr.c badptr_calls.c calls.c faults.c files.c fuzz.c limits.c \
	memory.c pointers.c process.c resources.c signals.c sockets.c traps.c)
APP_usertests_DIR := bin
