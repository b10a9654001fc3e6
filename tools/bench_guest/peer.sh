#!/bin/bash
# SPDX-License-Identifier: MIT
# Build the Linux guest that bench-guest compares PIX with, and that proves the test harness:
#   peer.sh OUTDIR  ->  OUTDIR/vmlinuz, OUTDIR/initramfs.cpio.gz, OUTDIR/version
# The kernel is Debian's linux-image-amd64 (the cloud flavour has no e1000), unpacked, never
# installed. The initramfs is busybox, the network drivers and peer_init.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../linux_deb.sh"
out=$1
mkdir -p "$out"
cd "$out"
if [ -s vmlinuz ] && [ -s initramfs.cpio.gz ] && [ ! "$here/peer_init" -nt initramfs.cpio.gz ] &&
	[ ! "$here/peer.sh" -nt initramfs.cpio.gz ]; then
	exit 0
fi

rm -rf tree root
mkdir tree root
linux_deb peer
dpkg-deb --fsys-tarfile linux-image-[0-9]*.deb | tar -x -C tree --wildcards \
	'./boot/vmlinuz-*' './lib/modules/*/kernel/drivers/net/ethernet/intel/e1000*' \
	'./lib/modules/*/kernel/drivers/net/*failover.ko' './lib/modules/*/kernel/drivers/net/virtio_net.ko' \
	'./lib/modules/*/kernel/drivers/virtio/*' './lib/modules/*/kernel/net/*' \
	'./lib/modules/*/kernel/drivers/firmware/*' './lib/modules/*/kernel/drivers/ptp/*' \
	'./lib/modules/*/kernel/drivers/pps/*'
version=$(basename tree/lib/modules/*)
modules=tree/lib/modules/$version/kernel

mkdir -p root/{bin,dev,proc,sys,tmp,etc,modules}
cp /bin/busybox root/bin/busybox
# In the order of loading: each one after those it needs.
n=10
for name in pps_core ptp e1000 e1000e failover net_failover virtio_ring virtio virtio_pci_legacy_dev \
	virtio_pci_modern_dev virtio_pci virtio_net llc stp bridge qemu_fw_cfg; do
	file=$(find "$modules" -name "$name.ko" | head -n 1)
	# What is missing as a module is part of the kernel; the drivers are checked by the boot.
	[ -n "$file" ] && cp "$file" "root/modules/$n-$name.ko"
	n=$((n + 1))
done
cp "$here/peer_init" root/init
chmod +x root/init
(cd root && find . | sort | cpio --quiet -o -H newc | gzip -1) > initramfs.tmp
cp "tree/boot/vmlinuz-$version" vmlinuz
echo "$version" > version
mv initramfs.tmp initramfs.cpio.gz
rm -rf tree root
