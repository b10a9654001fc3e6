#!/bin/bash
# SPDX-License-Identifier: MIT
# Sourced by the scripts that build a Linux guest.

# linux_deb NAME: Debian's kernel package (linux-image-amd64: the cloud flavour has no e1000) into the current
# directory, once. NAME stands before messages.
linux_deb() {
	local package try
	if ls linux-image-[0-9]*.deb >/dev/null 2>&1; then
		return 0
	fi
	package=$(apt-cache depends linux-image-amd64 | awk '/Depends: linux-image/ { print $2; exit }')
	[ -n "$package" ] || { echo "$1: apt knows no linux-image-amd64 (apt-get update?)" >&2; return 1; }
	echo "$1: downloading $package"
	for try in 1 2 3; do
		apt-get -qq -o APT::Sandbox::User=root download "$package" && return 0
		sleep $((try * 3))
	done
	echo "$1: download of $package failed" >&2
	return 1
}
