#!/bin/bash
# SPDX-License-Identifier: MIT
# A newer QEMU beside the system's, from Debian's backports, unpacked under $2 with its own C library and not
# installed. Prints the path of a wrapper for PIX_QEMU. Nothing of the system changes.
#
# usage: tools/newer_qemu.sh 10|11 DIR
#	10: of the system's own release: under TCG it has x2APIC and igb, which QEMU 7.2 lacks
#	11: of the release after it: has vfio-user (>= 10.1). Some 38 MB are fetched, once
set -euo pipefail

usage() {
	sed -n 's/^# usage: /usage: /p' "$0" >&2
	exit 2
}

[ $# = 2 ] || usage
which=$1
dir=$(mkdir -p "$2" && cd "$2" && pwd)
wrapper=$dir/qemu

sources() { # the machine's own, with other suites
	local f
	case $which in
	10)
		for f in /etc/apt/sources.list.d/*.sources; do
			sed '/^Suites:.*-updates/s/$/ bookworm-backports/' "$f" > "$dir/parts/$(basename "$f")"
		done
		;;
	11)
		sed -n '/^URIs:/p;/^Signed-By:/p' /etc/apt/sources.list.d/*.sources | awk '!seen[$1]++' > "$dir/where"
		{ echo "Types: deb"; cat "$dir/where"; echo "Suites: trixie trixie-backports"; echo "Components: main"; } \
			> "$dir/parts/newer.sources"
		;;
	esac
}

case $which in
10) suite=bookworm-backports device=igb ;;
11) suite=trixie-backports device=vfio-user-pci ;;
*) usage ;;
esac

if [ ! -x "$wrapper" ]; then
	mkdir -p "$dir"/{lists/partial,parts,cache/partial,root}
	: > "$dir/status" # no package is installed there: all are fetched
	sources
	apt=(-q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/parts"
		-o Dir::State::lists="$dir/lists" -o Dir::State::status="$dir/status"
		-o Dir::Cache::archives="$dir/cache" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=
		-o APT::Sandbox::User=root -o Debug::NoLocking=1 -o Acquire::Languages=none)
	apt-get "${apt[@]}" update >&2
	apt-get "${apt[@]}" -y -t "$suite" install --no-install-recommends --download-only qemu-system-x86 >&2
	for deb in "$dir"/cache/*.deb; do
		dpkg -x "$deb" "$dir/root"
	done
	rm -rf "$dir/cache"
	ld=$(find "$dir/root" -name ld-linux-x86-64.so.2 -path '*lib64*' | head -n 1)
	cat > "$wrapper.new" <<END
#!/bin/sh
R=$dir/root
export QEMU_MODULE_DIR=\$R/usr/lib/x86_64-linux-gnu/qemu # not the system's
exec $ld --library-path \$R/lib/x86_64-linux-gnu:\$R/usr/lib/x86_64-linux-gnu \\
	\$R/usr/bin/qemu-system-x86_64 -L \$R/usr/share/qemu -L \$R/usr/share/seabios "\$@"
END
	chmod +x "$wrapper.new"
	"$wrapper.new" --version >&2
	"$wrapper.new" -device "$device,help" > /dev/null
	mv "$wrapper.new" "$wrapper"
fi
echo "$wrapper"
