# SPDX-License-Identifier: MIT
# The image: pix.elf (PVH and multiboot2) and pix.iso (GRUB2, BIOS and UEFI, dd-able).
# pix.elf is linked twice: the symbol table of the first link goes into the second (boot/ksyms.py).

ISO_CMDLINE ?=
ISO_CONFIG  ?= boot/config.txt

PIX_LDFLAGS := -nostdlib -static -z max-page-size=4096 -z noexecstack --build-id=none -T boot/pix.ld \
	--no-warn-rwx-segments

KERNEL_ASM += boot/entry.asm

.SECONDEXPANSION:

$(B)/boot/initramfs.o: $(B)/initramfs.cpio boot/blob.asm
	@mkdir -p $(@D)
	$(call say,AS)$(NASM) -f elf64 -DBLOB_SECTION=.initramfs -DBLOB_NAME=initramfs_blob -DBLOB_FILE='"$<"' boot/blob.asm -o $@

$(B)/boot/ksyms0.o: boot/blob.asm
	@mkdir -p $(@D)
	$(call say,AS)$(NASM) -f elf64 -DBLOB_SECTION=.ksyms -DBLOB_NAME=ksym_table $< -o $@

$(B)/boot/pass1.elf: $$(KERNEL_OBJ) $$(QGM_OBJ) $(B)/boot/initramfs.o $(B)/boot/ksyms0.o boot/pix.ld
	$(call say,LD)$(LD) $(PIX_LDFLAGS) $(filter %.o,$^) -o $@

$(B)/boot/ksyms.bin: $(B)/boot/pass1.elf boot/ksyms.py
	$(call say,KSYMS)$(PY) boot/ksyms.py $< $@

$(B)/boot/ksyms.o: $(B)/boot/ksyms.bin boot/blob.asm
	$(call say,AS)$(NASM) -f elf64 -DBLOB_SECTION=.ksyms -DBLOB_NAME=ksym_table -DBLOB_FILE='"$<"' boot/blob.asm -o $@

# pix.sym keeps the debug information; the image carries none.
$(B)/pix.sym: $$(KERNEL_OBJ) $$(QGM_OBJ) $(B)/boot/initramfs.o $(B)/boot/ksyms.o boot/pix.ld
	$(call say,LD)$(LD) $(PIX_LDFLAGS) $(filter %.o,$^) -o $@

$(B)/pix.elf: $(B)/pix.sym
	$(call say,OBJCOPY)objcopy --strip-debug $< $@

ISO_MODULES := multiboot2 normal boot iso9660 fat all_video serial configfile part_acorn part_amiga \
	part_apple part_bsd part_dfly part_dvh part_gpt part_msdos part_plan part_sun part_sunpc

$(B)/pix.iso: $(B)/pix.elf boot/grub.cfg $(ISO_CONFIG)
	@rm -rf $(B)/iso && mkdir -p $(B)/iso/boot/grub
	@strip -s -o $(B)/iso/boot/pix.elf $<
	@cp $(ISO_CONFIG) $(B)/iso/boot/config.txt
	@sed 's|@CMDLINE@|$(ISO_CMDLINE)|' boot/grub.cfg > $(B)/iso/boot/grub/grub.cfg
	$(call say,ISO)grub-mkrescue -o $@ --compress=xz --fonts= --locales= --themes= --install-modules="$(ISO_MODULES)" \
		$(B)/iso 2> $(B)/boot/mkrescue.log || { cat $(B)/boot/mkrescue.log; exit 1; }

.PHONY: image iso
image: $(B)/pix.elf ## build the bootable kernel image
iso: $(B)/pix.iso ## build the bootable ISO

all: image iso
