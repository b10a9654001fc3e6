#!/bin/bash
# SPDX-License-Identifier: MIT
# `make run`: the image under QEMU, serial console in this terminal (Ctrl-A X leaves QEMU).
# CPUS, MEM, PORTS (NIC models), CONFIG (a start-up configuration), APPEND (command line), ISO=1.
# Ports are joined in pairs by hubs of QEMU's own, so eth0 and eth1 see each other.
set -eu

B=${B:-build}
args=(-accel tcg -cpu max -machine "${MACHINE:-q35}" -smp "${CPUS:-2}" -m "${MEM:-256}"
	-nodefaults -display none -serial mon:stdio)
i=0
for model in ${PORTS:-e1000 virtio-net-pci}; do
	args+=(-netdev "hubport,id=n$i,hubid=$((i / 2))" -device "$model,netdev=n$i,mac=52:54:00:00:00:0$((i + 1)),romfile=")
	i=$((i + 1))
done
[ -n "${CONFIG:-}" ] && args+=(-fw_cfg "name=opt/pix/config,file=$CONFIG")
if [ -n "${ISO:-}" ]; then
	args+=(-cdrom "$B/pix.iso")
else
	args+=(-kernel "$B/pix.elf" -append "${APPEND:-}")
fi
exec qemu-system-x86_64 "${args[@]}"
