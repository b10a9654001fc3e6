# SPDX-License-Identifier: MIT
# The generic partition and the machine under both. Each sub-room adds one KERNEL_SRC line.

# machine: start-up, traps, memory, time, the log
KERNEL_SRC += $(addprefix kernel/,main.c acpi.c bootinfo.c clock.c cmdline.c config.c console.c cores.c \
	early_serial.c ksym.c logview.c panic.c power.c printk.c selftest.c smp.c spinlock.c stackguard.c \
	lib/format.c lib/string.c mm/heap.c mm/kstack.c mm/memmap.c mm/paging.c mm/phys.c mm/roots.c \
	mm/split.c mm/split_verify.c) \
	$(addprefix kernel/arch/x86_64/,cpu.c desc.c ioapic.c irq.c lapic.c qgmcore.c smp_start.c trap.c \
	core_idle.c core_trap.c)
KERNEL_ASM += $(addprefix kernel/arch/x86_64/,core_entry.asm trampoline.asm trap_entry.asm)

# memcpy's own loop must not become a call of memcpy.
$(B)/obj/kernel/lib/string.o: OBJ_EXTRA = -fno-tree-loop-distribute-patterns

# drivers: the door for device drivers
KERNEL_SRC += kernel/driver.c kernel/driver_irq.c

# generic: threads, processes, files, sockets
KERNEL_SRC += $(addprefix kernel/sched/,sched.c thread.c wait.c) \
	$(addprefix kernel/proc/,elf.c exec.c fault.c process.c sigframe.c signal.c sys_fd.c \
	sys_file.c sys_mem.c sys_misc.c sys_path.c sys_proc.c syscall.c) \
	$(addprefix kernel/fs/,byteq.c cpio.c fd.c file.c inode.c ldisc.c memdev.c pipe.c poll.c tty.c vfs.c) \
	kernel/mm/aspace.c kernel/mm/frame.c kernel/mm/usercopy.c kernel/mm/vma.c kernel/lib/random.c \
	kernel/net/socket.c kernel/net/sys_socket.c kernel/net/sys_msg.c kernel/net/unix.c
KERNEL_ASM += kernel/arch/x86_64/switch.asm kernel/arch/x86_64/syscall.asm
# net: the door between the partitions
KERNEL_SRC += $(addprefix kernel/net/,config_dev.c core_env.c core_loop.c door.c icmp.c icmp6.c log_dev.c neigh_dev.c \
	net.c ping.c ready.c shared.c snapshot.c stat.c stat_dev.c)

# What `show version` says about the build; the file is rewritten only when that changes.
BUILD_ID := $(or $(shell git describe --always --dirty 2>/dev/null),no commit), gcc $(shell $(CC) -dumpfullversion)
.PHONY: build-id
build-id:
$(B)/build-id: build-id
	@mkdir -p $(@D)
	@echo '$(BUILD_ID)' | cmp -s - $@ || echo '$(BUILD_ID)' > $@
$(B)/obj/kernel/net/stat.o: $(B)/build-id
$(B)/obj/kernel/net/stat.o: OBJ_EXTRA = -DPIX_BUILD='"$(BUILD_ID)"'
