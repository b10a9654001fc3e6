// SPDX-License-Identifier: MIT
/* Numbers, sizes and offsets that both C libraries must agree on: both speak to Linux's ABI. */
#pragma once

struct abi_value {
	const char *name;
	long value;
};

/* clang-format off */
#define ABI_NUMBERS(X) \
	X(O_RDWR) X(O_CREAT) X(O_EXCL) X(O_TRUNC) X(O_APPEND) X(O_NONBLOCK) X(O_CLOEXEC) \
	X(O_DIRECTORY) X(O_NOFOLLOW) X(O_NOCTTY) X(F_SETFL) X(F_GETFL) X(F_SETFD) \
	X(FD_CLOEXEC) X(F_DUPFD_CLOEXEC) X(AT_FDCWD) X(S_IFMT) X(S_IFSOCK) X(S_IFREG) \
	X(S_IFDIR) X(S_IFCHR) X(AF_UNIX) X(AF_INET) X(AF_INET6) X(SOCK_STREAM) X(SOCK_DGRAM) \
	X(SOCK_RAW) X(SOCK_SEQPACKET) X(SOCK_NONBLOCK) X(SOCK_CLOEXEC) X(SOL_SOCKET) \
	X(SO_REUSEADDR) X(SO_TYPE) X(SO_ERROR) X(SO_BROADCAST) X(SO_SNDBUF) X(SO_RCVBUF) \
	X(SO_PASSCRED) X(SO_PEERCRED) X(SO_RCVTIMEO) X(SO_SNDTIMEO) X(SO_TIMESTAMP) \
	X(SO_ACCEPTCONN) X(SCM_RIGHTS) X(MSG_PEEK) X(MSG_CTRUNC) X(MSG_TRUNC) X(MSG_DONTWAIT) \
	X(MSG_WAITALL) X(MSG_NOSIGNAL) X(MSG_ERRQUEUE) X(SHUT_RD) X(SHUT_WR) X(SHUT_RDWR) \
	X(IPPROTO_ICMP) X(IPPROTO_TCP) X(IPPROTO_UDP) X(IPPROTO_ICMPV6) X(IPPROTO_RAW) \
	X(IP_TTL) X(IP_TOS) X(IP_RECVERR) X(IP_RECVTTL) X(TCGETS) X(TCSETS) X(TCSETSW) \
	X(TCSETSF) X(TCFLSH) X(TCSBRK) X(TIOCSCTTY) X(TIOCGPGRP) X(TIOCSPGRP) X(TIOCGWINSZ) \
	X(TIOCSWINSZ) X(FIONREAD) X(FIONBIO) X(PROT_READ) X(PROT_WRITE) X(PROT_EXEC) \
	X(MAP_SHARED) X(MAP_PRIVATE) X(MAP_FIXED) X(MAP_ANONYMOUS) X(MAP_NORESERVE) \
	X(MAP_POPULATE) X(POLLIN) X(POLLPRI) X(POLLOUT) X(POLLERR) X(POLLHUP) X(POLLNVAL) \
	X(SIGHUP) X(SIGINT) X(SIGQUIT) X(SIGILL) X(SIGABRT) X(SIGBUS) X(SIGFPE) X(SIGKILL) \
	X(SIGUSR1) X(SIGSEGV) X(SIGUSR2) X(SIGPIPE) X(SIGALRM) X(SIGTERM) X(SIGCHLD) \
	X(SIGCONT) X(SIGSTOP) X(SIGTSTP) X(SIGTTIN) X(SIGTTOU) X(SIGWINCH) X(SIGPWR) X(SIGSYS) \
	X(SA_NOCLDSTOP) X(SA_NOCLDWAIT) X(SA_SIGINFO) X(SA_RESTART) X(SA_NODEFER) \
	X(SA_RESETHAND) X(SIG_BLOCK) X(SIG_UNBLOCK) X(SIG_SETMASK) X(WNOHANG) X(WUNTRACED) \
	X(WCONTINUED) X(CLOCK_REALTIME) X(CLOCK_MONOTONIC) X(CLOCK_BOOTTIME) X(VINTR) X(VQUIT) \
	X(VERASE) X(VKILL) X(VEOF) X(VTIME) X(VMIN) X(VSTART) X(VSTOP) X(VSUSP) X(VEOL) \
	X(VREPRINT) X(VDISCARD) X(VWERASE) X(VLNEXT) X(VEOL2) X(IGNBRK) X(BRKINT) X(PARMRK) \
	X(ISTRIP) X(INLCR) X(IGNCR) X(ICRNL) X(IXON) X(IXANY) X(IXOFF) X(IMAXBEL) X(IUTF8) \
	X(OPOST) X(ONLCR) X(OCRNL) X(ONOCR) X(ONLRET) X(CSIZE) X(CS8) X(CSTOPB) X(CREAD) \
	X(PARENB) X(HUPCL) X(CLOCAL) X(B9600) X(B38400) X(B115200) X(ISIG) X(ICANON) X(ECHO) \
	X(ECHOE) X(ECHOK) X(ECHONL) X(NOFLSH) X(TOSTOP) X(ECHOCTL) X(ECHOKE) X(IEXTEN) \
	X(TCSANOW) X(TCSADRAIN) X(TCSAFLUSH) X(TCIFLUSH) X(TCOFLUSH) X(TCIOFLUSH) \
	X(RB_AUTOBOOT) X(RB_POWER_OFF) X(INT_MAX) X(INT_MIN) X(LONG_MAX) X(PATH_MAX) \
	X(SYS_read) X(SYS_openat) X(SYS_execve) X(SYS_wait4) X(SYS_rt_sigaction) \
	X(SYS_rt_sigreturn) X(SYS_accept4) X(SYS_exit_group) X(SYS_clock_gettime) \
	X(SYS_getrandom) X(SYS_reboot) X(SYS_ppoll) X(_IOW( 'p', 3, long)) \
	X(_IOR('p', 4, int)) X(_IO('p', 5)) X(_IOWR('p', 6, short)) X(CMSG_SPACE(5)) \
	X(CMSG_LEN(5)) X(WEXITSTATUS(0x300)) X(WTERMSIG(11)) X(WIFSIGNALED(11)) \
	X(WIFEXITED(0x300)) X(WIFSTOPPED(0x137f)) X(WIFSIGNALED( 0x137f))

#define ABI_SIZES(X) \
	X(struct stat) X(struct timespec) X(struct timeval) X(struct pollfd) X(struct winsize) \
	X(struct sockaddr) X(struct sockaddr_storage) X(struct sockaddr_un) \
	X(struct sockaddr_in) X(struct sockaddr_in6) X(struct msghdr) X(struct cmsghdr) \
	X(struct iovec) X(struct rusage) X(struct utsname) X(struct iphdr) X(struct icmphdr) \
	X(siginfo_t) X(off_t) X(mode_t) X(socklen_t) X(dev_t) X(ino_t)

#define ABI_OFFSETS(X) \
	X(struct stat, st_mode) X(struct stat, st_size) X(struct stat, st_rdev) \
	X(struct stat, st_mtim) X(struct stat, st_blocks) X(struct msghdr, msg_control) \
	X(struct msghdr, msg_flags) X(struct msghdr, msg_iovlen) \
	X(struct sockaddr_in6, sin6_addr) X(siginfo_t, si_pid) X(siginfo_t, si_status) \
	X(siginfo_t, si_addr) X(struct rusage, ru_maxrss) X(struct utsname, machine) \
	X(struct iphdr, ttl) X(struct icmphdr, un)

/* Defines the table NAME from the headers in use. */
#define ABI_NUMBER_(x)    { #x, (long)(x) },
#define ABI_SIZE_(t)      { "sizeof " #t, sizeof(t) },
#define ABI_OFFSET_(t, f) { "offset of " #f " in " #t, __builtin_offsetof(t, f) },
#define ABI_TABLE(NAME) \
	extern const struct abi_value NAME[]; \
	const struct abi_value NAME[] = { \
		ABI_NUMBERS(ABI_NUMBER_) ABI_SIZES(ABI_SIZE_) ABI_OFFSETS(ABI_OFFSET_) { 0, 0 } \
	};
/* clang-format on */
