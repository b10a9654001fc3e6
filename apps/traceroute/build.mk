# SPDX-License-Identifier: MIT
APPS += traceroute
APP_traceroute_SRC := apps/traceroute/main.c
APP_traceroute_DIR := bin
