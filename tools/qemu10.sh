#!/bin/bash
# SPDX-License-Identifier: MIT
# A newer QEMU beside the system's, from Debian's backports, unpacked under $1 and not installed: under TCG it
# has x2APIC, which QEMU 7.2 lacks. Prints the path of a wrapper for PIX_QEMU. Nothing of the system changes.
#
# usage: tools/qemu10.sh DIR
set -euo pipefail

dir=$(mkdir -p "$1" && cd "$1" && pwd)
wrapper=$dir/qemu

if [ ! -x "$wrapper" ]; then
	mkdir -p "$dir"/{lists/partial,parts,cache/partial,root}
	touch "$dir/status"
	for f in /etc/apt/sources.list.d/*.sources; do
		sed '/^Suites:.*-updates/s/$/ bookworm-backports/' "$f" > "$dir/parts/$(basename "$f")"
	done
	apt=(-q -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$dir/parts"
		-o Dir::State::lists="$dir/lists" -o Dir::State::status="$dir/status"
		-o Dir::Cache::archives="$dir/cache" -o Dir::Cache::srcpkgcache= -o Dir::Cache::pkgcache=
		-o APT::Sandbox::User=root -o Debug::NoLocking=1)
	apt-get "${apt[@]}" update >&2
	apt-get "${apt[@]}" -y -t bookworm-backports install --no-install-recommends --download-only \
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
	\$R/usr/bin/qemu-system-x86_64 -L \$R/usr/share/qemu -L \$R/usr/share/seabios "\$@" 2>/dev/null
END
	chmod +x "$wrapper.new"
	"$wrapper.new" --version >&2
	mv "$wrapper.new" "$wrapper"
fi
echo "$wrapper"
