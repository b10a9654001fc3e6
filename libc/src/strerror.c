// SPDX-License-Identifier: MIT
/* Texts of error numbers and signals. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const char *const error_texts[] = {
	[0] = "Success",
	[EPERM] = "Operation not permitted",
	[ENOENT] = "No such file or directory",
	[ESRCH] = "No such process",
	[EINTR] = "Interrupted system call",
	[EIO] = "Input/output error",
	[ENXIO] = "No such device or address",
	[E2BIG] = "Argument list too long",
	[ENOEXEC] = "Not an executable format",
	[EBADF] = "Bad file descriptor",
	[ECHILD] = "No child processes",
	[EAGAIN] = "Resource temporarily unavailable",
	[ENOMEM] = "Cannot allocate memory",
	[EACCES] = "Permission denied",
	[EFAULT] = "Bad address",
	[EBUSY] = "Device or resource busy",
	[EEXIST] = "File exists",
	[EXDEV] = "Link across file systems",
	[ENODEV] = "No such device",
	[ENOTDIR] = "Not a directory",
	[EISDIR] = "Is a directory",
	[EINVAL] = "Invalid argument",
	[ENFILE] = "Too many open files in system",
	[EMFILE] = "Too many open files",
	[ENOTTY] = "Not a terminal or wrong ioctl",
	[ETXTBSY] = "Program is being executed",
	[EFBIG] = "File too large",
	[ENOSPC] = "No space left",
	[ESPIPE] = "Illegal seek",
	[EROFS] = "Read-only file system",
	[EMLINK] = "Too many links",
	[EPIPE] = "Broken pipe",
	[EDOM] = "Argument out of domain",
	[ERANGE] = "Result out of range",
	[EDEADLK] = "Deadlock avoided",
	[ENAMETOOLONG] = "Name too long",
	[ENOSYS] = "Function not implemented",
	[ENOTEMPTY] = "Directory not empty",
	[ELOOP] = "Too many symbolic links",
	[ENODATA] = "No data available",
	[ETIME] = "Timer expired",
	[EPROTO] = "Protocol error",
	[EBADMSG] = "Bad message",
	[EOVERFLOW] = "Value too large",
	[EILSEQ] = "Invalid byte sequence",
	[ENOTSOCK] = "Not a socket",
	[EDESTADDRREQ] = "Destination address required",
	[EMSGSIZE] = "Message too long",
	[EPROTOTYPE] = "Wrong protocol type for socket",
	[ENOPROTOOPT] = "Protocol option not available",
	[EPROTONOSUPPORT] = "Protocol not supported",
	[ESOCKTNOSUPPORT] = "Socket type not supported",
	[EOPNOTSUPP] = "Operation not supported",
	[EPFNOSUPPORT] = "Protocol family not supported",
	[EAFNOSUPPORT] = "Address family not supported",
	[EADDRINUSE] = "Address already in use",
	[EADDRNOTAVAIL] = "Address not available",
	[ENETDOWN] = "Network is down",
	[ENETUNREACH] = "Network is unreachable",
	[ENETRESET] = "Connection dropped by network reset",
	[ECONNABORTED] = "Connection aborted",
	[ECONNRESET] = "Connection reset by peer",
	[ENOBUFS] = "No buffer space available",
	[EISCONN] = "Already connected",
	[ENOTCONN] = "Not connected",
	[ESHUTDOWN] = "Endpoint is shut down",
	[ETIMEDOUT] = "Timed out",
	[ECONNREFUSED] = "Connection refused",
	[EHOSTDOWN] = "Host is down",
	[EHOSTUNREACH] = "No route to host",
	[EALREADY] = "Operation already in progress",
	[EINPROGRESS] = "Operation in progress",
	[ESTALE] = "Stale handle",
	[EDQUOT] = "Quota exceeded",
	[ECANCELED] = "Operation canceled",
};

static const char *const signal_texts[] = {
	[SIGHUP] = "Hangup",
	[SIGINT] = "Interrupt",
	[SIGQUIT] = "Quit",
	[SIGILL] = "Illegal instruction",
	[SIGTRAP] = "Trap",
	[SIGABRT] = "Aborted",
	[SIGBUS] = "Bus error",
	[SIGFPE] = "Arithmetic exception",
	[SIGKILL] = "Killed",
	[SIGUSR1] = "User signal 1",
	[SIGSEGV] = "Segmentation fault",
	[SIGUSR2] = "User signal 2",
	[SIGPIPE] = "Broken pipe",
	[SIGALRM] = "Alarm clock",
	[SIGTERM] = "Terminated",
	[SIGCHLD] = "Child changed state",
	[SIGCONT] = "Continued",
	[SIGSTOP] = "Stopped",
	[SIGTSTP] = "Stopped by terminal",
	[SIGTTIN] = "Background read",
	[SIGTTOU] = "Background write",
	[SIGURG] = "Urgent data",
	[SIGXCPU] = "CPU limit",
	[SIGXFSZ] = "File size limit",
	[SIGVTALRM] = "Virtual timer",
	[SIGPROF] = "Profiling timer",
	[SIGWINCH] = "Window size changed",
	[SIGIO] = "Input possible",
	[SIGPWR] = "Power failure",
	[SIGSYS] = "Bad system call",
};

char *strerror(int err)
{
	static char buf[32];
	const char *s = NULL;

	if (err >= 0 && (size_t)err < sizeof(error_texts) / sizeof(error_texts[0]))
		s = error_texts[err];
	if (s)
		return (char *)(size_t)s;
	snprintf(buf, sizeof(buf), "Unknown error %d", err);
	return buf;
}

char *strsignal(int sig)
{
	static char buf[32];
	const char *s = NULL;

	if (sig > 0 && (size_t)sig < sizeof(signal_texts) / sizeof(signal_texts[0]))
		s = signal_texts[sig];
	if (s)
		return (char *)(size_t)s;
	snprintf(buf, sizeof(buf), "Signal %d", sig);
	return buf;
}
