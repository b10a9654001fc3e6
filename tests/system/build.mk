# SPDX-License-Identifier: MIT
# The system tests: the real image under QEMU (pytest).

TEST_IMAGES := $(B)/pix.elf $(B)/pix.iso

.PHONY: test system-test
system-test: deps $(TEST_IMAGES)
	B=$(B) PIX_TEST_LOGS=$(B)/test-logs $(PY) -m pytest -q -p no:cacheprovider --durations=0 \
		--junit-xml=$(B)/system-test.xml tests/system $(TESTS)

test: deps ## unit and system tests
	$(MAKE) unit
	$(MAKE) system-test
