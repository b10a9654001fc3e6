#!/bin/bash
# SPDX-License-Identifier: MIT
# Install the Debian packages that building, booting and testing need and that are missing here.
# `make deps` runs it; `make demo` and `make test` call it themselves. A no-op takes some 20 ms:
# one dpkg-query, nothing else. Without root it names what is missing and exits 1.
set -u

# A list of its own comes by the environment (make bench-deps).
PACKAGES=${PACKAGES:-"qemu-system-x86 nasm grub-pc-bin grub-efi-amd64-bin grub-common xorriso mtools ovmf
	gcc binutils make clang libclang-rt-14-dev clang-format clang-tidy cppcheck shellcheck cpio dpkg-dev
	iproute2 procps iputils-ping traceroute iperf3 tcpdump python3-scapy python3-pytest libcmocka-dev
	relacy-dev g++
	python3-location libloc-database busybox-static"}

missing() {
	# shellcheck disable=SC2086  # a list of words
	dpkg-query -W -f '${Package} ${db:Status-Status}\n' $PACKAGES 2>/dev/null |
		awk -v want="$PACKAGES" '
			$2 == "installed" { have[$1] = 1 }
			END { n = split(want, w, /[ \t\n]+/)
			      for (i = 1; i <= n; i++) if (w[i] != "" && !(w[i] in have)) printf "%s ", w[i] }'
}

need=$(missing)
[ -z "$need" ] && exit 0

sudo=
if [ "$(id -u)" -ne 0 ]; then
	if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
		sudo=sudo
	else
		echo "deps: missing Debian packages: $need" >&2
		echo "deps: install them as root: apt-get install --no-install-recommends $need" >&2
		exit 1
	fi
fi

echo "deps: installing $need"
export DEBIAN_FRONTEND=noninteractive
updated=
for try in 1 2 3 4 5; do
	# The lock may be held by someone else: wait for it instead of failing.
	if [ -z "$updated" ]; then
		$sudo apt-get -qq -o DPkg::Lock::Timeout=60 update </dev/null && updated=1
	fi
	# shellcheck disable=SC2086
	if $sudo apt-get -qq -y -o DPkg::Lock::Timeout=120 install --no-install-recommends $need \
		</dev/null >/dev/null; then
		need=$(missing)
		[ -z "$need" ] && exit 0
	fi
	echo "deps: try $try failed, still missing: $need" >&2
	sleep $((try * 3))
	updated=
done
echo "deps: could not install: $need" >&2
exit 1
