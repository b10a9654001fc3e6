#!/bin/bash
# SPDX-License-Identifier: MIT
# Build the Linux guest that tries the models of nicsim with drivers nobody here wrote:
#   guest.sh OUTDIR  ->  OUTDIR/vmlinuz, OUTDIR/initramfs.cpio.gz, OUTDIR/version
# Debian's kernel (unpacked, never installed) with ixgbe, ixgbevf, i40e, iavf and uio_pci_generic;
# busybox; DPDK's testpmd with its poll-mode drivers, as installed here (dpdk-dev).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../linux_deb.sh"
out=$1
mkdir -p "$out"
cd "$out"
if [ -s vmlinuz ] && [ -s initramfs.cpio.gz ] && [ ! "$here/init" -nt initramfs.cpio.gz ] &&
	[ ! "$here/guest.sh" -nt initramfs.cpio.gz ]; then
	exit 0
fi

rm -rf tree root
mkdir tree root
linux_deb conform
dpkg-deb --fsys-tarfile linux-image-[0-9]*.deb | tar -x -C tree ./boot ./lib/modules
version=$(basename tree/lib/modules/*)
from=tree/lib/modules/$version/kernel

mkdir -p root/{bin,dev,proc,sys,tmp,etc,lib64} "root/lib/modules/$version"
cp /bin/busybox root/bin/busybox

# Modules with all that they need, by the names in them.
declare -A have
depends() {
	objcopy -O binary --only-section=.modinfo "$1" /dev/stdout | tr '\0' '\n' | sed -n 's/^depends=//p' | tr ',' ' '
}
copy_module() {
	local name=$1 file dep
	[ -z "${have[$name]:-}" ] || return 0
	have[$name]=1
	file=$(find "$from" -name "$name.ko" -o -name "${name//_/-}.ko" | head -n 1)
	[ -n "$file" ] || { echo "conform: the kernel has no module $name" >&2; return 0; }
	for dep in $(depends "$file"); do copy_module "$dep"; done
	mkdir -p "root/lib/modules/$version/kernel"
	cp "$file" "root/lib/modules/$version/kernel/"
}
for name in ixgbe ixgbevf i40e iavf uio uio_pci_generic bridge qemu_fw_cfg; do copy_module "$name"; done
for f in modules.builtin modules.order modules.builtin.modinfo; do
	[ -e "tree/lib/modules/$version/$f" ] && cp "tree/lib/modules/$version/$f" "root/lib/modules/$version/"
done
busybox depmod -b root "$version"

# testpmd: the program, drivers, and every library that they name.
libs=/usr/lib/x86_64-linux-gnu
pmds=$(find $libs/dpdk -maxdepth 1 -name 'pmds-*' | head -n 1)
[ -d "$pmds" ] || { echo "conform: install dpdk-dev" >&2; exit 1; }
files=(/usr/bin/dpdk-testpmd)
# the buses come with the drivers; loaded twice they stop everything
for name in net_ixgbe net_i40e net_iavf mempool_ring; do
	files+=("$(find "$pmds" -name "librte_$name.so.*" | sort | tail -n 1)")
done
mkdir -p root/usr/bin root/pmds
cp /usr/bin/dpdk-testpmd root/usr/bin/
for file in "${files[@]:1}"; do cp -L "$file" root/pmds/"$(basename "${file%.*}")"; done
ldd "${files[@]}" | awk '$2 == "=>" { print $3 } $1 ~ /^\// && $1 !~ /:$/ { print $1 }' | sort -u |
	while read -r file; do
		mkdir -p "root$(dirname "$file")"
		cp -L "$file" "root$file"
	done
cp "$here/init" root/init
chmod +x root/init
(cd root && find . | sort | cpio --quiet -o -H newc | gzip -1) > initramfs.tmp
cp "tree/boot/vmlinuz-$version" vmlinuz
echo "$version $(dpkg-query -W -f '${Version}' dpdk-dev)" > version
mv initramfs.tmp initramfs.cpio.gz
rm -rf tree root
