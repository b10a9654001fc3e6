// SPDX-License-Identifier: MIT
#include "tools/nicsim/attach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool nicsim_attach_is_proxy(const char *spec)
{
	return !strncmp(spec, "proxy:", 6);
}

void nicsim_attach_free(struct nicsim_attach *a)
{
	if (!a)
		return;
	a->dev->attach = NULL;
	a->ops->destroy(a);
}

/* An open stream socket by number, -1. */
static int stream_fd(const char *text)
{
	char *end;
	long fd = strtol(text, &end, 10);
	int type;
	socklen_t len = sizeof(type);

	if (!*text || *end || fd < 0 || fd > 65535 ||
	    getsockopt((int)fd, SOL_SOCKET, SO_TYPE, &type, &len) || type != SOCK_STREAM)
		return -1;
	return (int)fd;
}

static int listen_at(const char *path, char *why, size_t whysize)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd;

	if (strlen(path) >= sizeof(at.sun_path)) {
		snprintf(why, whysize, "vfio: path of %zu bytes is too long", strlen(path));
		return -1;
	}
	strcpy(at.sun_path, path);
	unlink(path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !bind(fd, (const struct sockaddr *)&at, sizeof(at)) && !listen(fd, 1))
		return fd;
	snprintf(why, whysize, "vfio: %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

struct nicsim_attach *nicsim_attach_make(struct nicsim_dev *dev, const char *spec, char *why,
					 size_t whysize)
{
	struct nicsim_attach *a = NULL;
	int fd;

	if (nicsim_attach_is_proxy(spec) || !strncmp(spec, "vfio-fd:", 8)) {
		const char *text = strchr(spec, ':') + 1;

		fd = stream_fd(text);
		if (fd < 0)
			snprintf(why, whysize, "attach=%s: %s is no open stream socket", spec,
				 text);
		else
			a = nicsim_attach_is_proxy(spec) ? nicsim_attach_proxy(dev, fd)
							 : nicsim_attach_vfio(dev, fd, false);
	} else if (!strncmp(spec, "vfio:", 5)) {
		fd = listen_at(spec + 5, why, whysize);
		if (fd >= 0)
			a = nicsim_attach_vfio(dev, fd, true);
	} else {
		snprintf(why, whysize, "attach=%s: proxy:FD, vfio:PATH or vfio-fd:FD", spec);
	}
	dev->attach = a;
	return a;
}
