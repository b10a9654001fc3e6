// SPDX-License-Identifier: MIT
/* The system's name (Linux ABI: six fields of 65 bytes). */
#pragma once

struct utsname {
	char sysname[65], nodename[65], release[65], version[65], machine[65], domainname[65];
};

int uname(struct utsname *u);
