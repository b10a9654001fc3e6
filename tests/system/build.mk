# SPDX-License-Identifier: MIT
# The system tests: the real image under QEMU (pytest).

TEST_IMAGES := $(B)/pix.elf $(B)/pix.iso

.PHONY: test system-test
system-test: deps ## unit and system tests, within 15 minutes on 2 cores
	@r=0; $(MAKE) --no-print-directory unit || r=1; \
	$(MAKE) --no-print-directory system-test || r=1; exit $$r
