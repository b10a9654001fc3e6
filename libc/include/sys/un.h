// SPDX-License-Identifier: MIT
/* Addresses of UNIX sockets: a path of at most 107 bytes. */
#pragma once

#include <sys/socket.h>

struct sockaddr_un {
	sa_family_t sun_family;
	char sun_path[108];
};
