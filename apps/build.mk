# SPDX-License-Identifier: MIT
# User programs. Each app has apps/NAME/build.mk with three lines:
#   APPS += NAME
#   APP_NAME_SRC := apps/NAME/main.c ...
#   APP_NAME_DIR := bin        (or sbin)
# The program with symbols is $(B)/user/bin/NAME, the stripped copy $(B)/rootfs/bin/NAME. Files of
# /etc: ETC_FILES += apps/NAME/name.conf. $(B)/initramfs.cpio holds the tree $(B)/rootfs.

APPS      :=
ETC_FILES :=
APPLIB_SRC := $(wildcard apps/lib/*.c)

include $(wildcard apps/*/build.mk)

APPLIB     := $(B)/user/applib.a
APP_BINS   := $(foreach a,$(APPS),$(B)/user/$(APP_$(a)_DIR)/$(a))
ROOTFS     := $(B)/rootfs
ROOTFS_FILES := $(foreach a,$(APPS),$(ROOTFS)/$(APP_$(a)_DIR)/$(a)) \
	$(foreach f,$(ETC_FILES),$(ROOTFS)/etc/$(notdir $(f)))
ROOTFS_DIRS  := bin dev etc run sbin tmp
INITRAMFS    := $(B)/initramfs.cpio

$(APPLIB): $(APPLIB_SRC:%.c=$(B)/user/%.o) apps/build.mk
	@mkdir -p $(@D)
	@rm -f $@
	$(call say,AR)$(AR) rcsD $@ $(filter %.o,$^)

define app_rules
$(B)/user/$(APP_$(1)_DIR)/$(1): $(APP_$(1)_SRC:%.c=$(B)/user/%.o) $(APPLIB) $(B)/user/libc.a
	@mkdir -p $$(@D)
	$$(call say,LINK)$(CC) $$(USER_LDFLAGS) -o $$@ $(APP_$(1)_SRC:%.c=$(B)/user/%.o) $(APPLIB) $(B)/user/libc.a -lgcc

$(ROOTFS)/$(APP_$(1)_DIR)/$(1): $(B)/user/$(APP_$(1)_DIR)/$(1)
	@mkdir -p $$(@D)
	$$(call say,STRIP)strip -s -o $$@ $$<
endef
$(foreach a,$(APPS),$(eval $(call app_rules,$(a))))

define etc_rule
$(ROOTFS)/etc/$(notdir $(1)): $(1)
	@mkdir -p $$(@D)
	$$(call say,COPY)cp $$< $$@
endef
$(foreach f,$(ETC_FILES),$(eval $(call etc_rule,$(f))))

# newc archive of a copy of the tree without times, with fixed modes: directories first, files in a
# fixed order, owner root. The same programs give the same bytes.
$(INITRAMFS): $(ROOTFS_FILES) apps/build.mk
	@rm -rf $@.tree && mkdir -p $(addprefix $@.tree/,$(ROOTFS_DIRS))
	@$(foreach f,$(ROOTFS_FILES:$(ROOTFS)/%=%),cp $(ROOTFS)/$(f) $@.tree/$(f) &&) true
	@chmod -R u=rwX,go=rX $@.tree && find $@.tree -exec touch -h -d @0 {} +
	$(call say,CPIO)cd $@.tree && printf '%s\n' $(sort $(ROOTFS_DIRS)) $(sort $(ROOTFS_FILES:$(ROOTFS)/%=%)) | \
		cpio --quiet -o -H newc -R 0:0 --reproducible > $(abspath $@)
	@rm -rf $@.tree

.PHONY: apps
apps: $(APP_BINS) $(INITRAMFS) ## build the user programs and the initramfs

all: apps
