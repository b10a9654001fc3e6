# SPDX-License-Identifier: MIT
APPS += ping
APP_ping_SRC := apps/ping/main.c
APP_ping_DIR := bin
