#!/bin/bash
# SPDX-License-Identifier: MIT
# A QEMU with vfio-user (>= 10.1), from the backports of the Debian release after the system's, unpacked under
# $1 with its own C library and not installed. Prints the path of a wrapper for PIX_QEMU. Nothing of the system
# changes. Some 38 MB are fetched, once.
#
# usage: tools/qemu11.sh DIR
set -euo pipefail

dir=$(mkdir -p "$1" && cd "$1" && pwd)
wrapper=$dir/qemu

if [ ! -x "$wrapper" ]; then
	mkdir -p "$dir"/{lists/partial,parts,cache/partial,root}
	: > "$dir/status" # no package is installed there: all are fetched
	sed -n '/^URIs:/p;/^Signed-By:/p' /etc/apt/sources.list.d/*.sources | awk '!seen[$1]++' > "$dir/where"
	{ echo "Types: deb"; cat "$dir/where"; echo "Suites: trixie trixie-backports"; echo "Components: main"; } \
		> "$dir/parts/newer.sources"
	apt=(-q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/parts"
		-o Dir::State::lists="$dir/lists" -o Dir::State::status="$dir/status"
		-o Dir::Cache::archives="$dir/cache" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=
		-o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Acquire::Languages=none)
	apt-get "${apt[@]}" update >&2
	apt-get "${apt[@]}" -y -t trixie-backports install --no-install-recommends --download-only \
		qemu-system-x86 >&2
	for deb in "$dir"/cache/*.deb; do
		dpkg -x "$deb" "$dir/root"
	done
	rm -rf "$dir/cache"
	ld=$(find "$dir/root" -name ld-linux-x86-64.so.2 -path '*lib64*' | head -n 1)
	cat > "$wrapper.new" <<END
#!/bin/sh
R=$dir/root
exec $ld --library-path \$R/lib/x86_64-linux-gnu:\$R/usr/lib/x86_64-linux-gnu \\
	\$R/usr/bin/qemu-system-x86_64 -L \$R/usr/share/qemu -L \$R/usr/share/seabios "\$@"
END
	chmod +x "$wrapper.new"
	"$wrapper.new" --version >&2
	"$wrapper.new" -device vfio-user-pci,help > /dev/null
	mv "$wrapper.new" "$wrapper"
fi
echo "$wrapper"
