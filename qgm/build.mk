# SPDX-License-Identifier: MIT
# The data plane: one set of objects, linked into the image and, unchanged, into host programs.

QGM_SRC := $(wildcard qgm/*.c qgm/fe/*.c qgm/re/*.c qgm/steer/*.c)

.PHONY: qgm
qgm: $(QGM_SRC:%.c=$(B)/obj/%.o) ## compile the data plane's objects only
