// SPDX-License-Identifier: MIT
/* Both protocols against a fake QEMU on a socketpair: what a QEMU sends, in its order, and what
 * none should send. The messages are built byte by byte from the protocols' documents. */
#define _GNU_SOURCE /* memfd_create */
#include "tests/unit/nicsim/bench.h"

#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/nicsim/attach.h"

enum { MEM = 1 << 20 };

static struct nicsim *sim;
static struct nicsim_dev *dev;
static struct nicsim_attach *att;
static int qemu, memfd;
static u8 *mem;

static void start(const char *kind, bool bars32)
{
	char why[200], spec[40];
	int pair[2];

	sim = nicsim_create();
	sim->eager = false;
	dev = nicsim_add(sim, "test", bars32, why, sizeof(why));
	assert_non_null(dev);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	qemu = pair[0];
	snprintf(spec, sizeof(spec), "%s:%d", kind, pair[1]);
	att = nicsim_attach_make(dev, spec, why, sizeof(why));
	assert_non_null(att);
	memfd = memfd_create("ram", MFD_CLOEXEC);
	assert_int_equal(ftruncate(memfd, MEM), 0);
	mem = mmap(NULL, MEM, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
}

static int setup_proxy(void **state)
{
	(void)state;
	start("proxy", true);
	return 0;
}

static int setup_vfio(void **state)
{
	(void)state;
	start("vfio-fd", false);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (dev->attach)
		nicsim_attach_free(att);
	nicsim_destroy(sim);
	close(qemu);
	close(memfd);
	munmap(mem, MEM);
	return 0;
}

static void put(const void *buf, u64 len, const int *fds, u32 nfds)
{
	union {
		struct cmsghdr align;
		u8 space[CMSG_SPACE(sizeof(int) * 16)];
	} control = { .space = { 0 } };
	struct iovec iov = { (void *)(uintptr_t)buf, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nfds) {
		struct cmsghdr *c = &control.align;

		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	assert_int_equal(sendmsg(qemu, &m, 0), len);
}

static bool serve(void)
{
	bool alive = att->ops->serve(att);

	nicsim_run(sim, 0);
	return alive;
}

static void w16(u8 *p, u64 v)
{
	memcpy(p, &v, 2);
}
static void w32(u8 *p, u64 v)
{
	memcpy(p, &v, 4);
}
static void w64(u8 *p, u64 v)
{
	memcpy(p, &v, 8);
}
static u32 r32(const u8 *p)
{
	u32 v;

	memcpy(&v, p, 4);
	return v;
}
static u64 r64(const u8 *p)
{
	u64 v;

	memcpy(&v, p, 8);
	return v;
}

/* Nothing to read. */
static bool quiet(void)
{
	u8 c;

	return recv(qemu, &c, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
}

static u64 count_of(int fd)
{
	u64 v = 0;

	return read(fd, &v, sizeof(v)) == sizeof(v) ? v : 0;
}

/* --- mpqemu --------------------------------------------------------------------------------- */

static void proxy_put(u32 cmd, const void *data, u32 len, const int *fds, u32 nfds)
{
	u8 h[16] = { 0 };

	w32(h, cmd);
	w64(h + 8, len);
	put(h, 16, fds, nfds);
	if (len)
		put(data, len, NULL, 0);
}

static u64 proxy_ret(void)
{
	u8 m[24];

	assert_int_equal(recv(qemu, m, 24, 0), 24);
	assert_int_equal(r32(m), 1);
	assert_int_equal(r64(m + 8), 8);
	assert_true(quiet());
	return r64(m + 16);
}

static u64 proxy_cfg(u32 cmd, u32 addr, u32 v, u32 len)
{
	u8 d[12];

	w32(d, addr);
	w32(d + 4, v);
	w32(d + 8, len);
	proxy_put(cmd, d, 12, NULL, 0);
	assert_true(serve());
	return proxy_ret();
}

static u64 proxy_bar(u32 cmd, u64 addr, u64 v, u32 size)
{
	u8 d[24] = { 0 };

	w64(d, addr);
	w64(d + 8, v);
	w32(d + 16, size);
	d[20] = 1;
	proxy_put(cmd, d, 24, NULL, 0);
	assert_true(serve());
	return proxy_ret();
}

static void proxy_memory(u64 gpa, u64 size, u64 offset)
{
	u8 d[192] = { 0 };

	w64(d, gpa);
	w64(d + 64, size);
	w64(d + 128, offset);
	proxy_put(0, d, 192, &memfd, 1);
}

enum { SYSMEM, RET, CFGWRITE, CFGREAD, BARWRITE, BARREAD, IRQFD, RESET };

static void proxy_up(void)
{
	proxy_memory(0, MEM, 0);
	assert_true(serve());
	assert_true(quiet());
	proxy_cfg(CFGWRITE, 0x10, 0xfe000000, 4);
	proxy_cfg(CFGWRITE, 0x18, 0xfe010000, 4);
	proxy_cfg(CFGWRITE, 4, 6, 2);
}

static void test_proxy_start(void **state)
{
	int irq[2] = { eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK) };

	(void)state;
	proxy_memory(0, MEM, 0);
	proxy_put(IRQFD, NULL, 0, irq, 2);
	assert_true(serve() && serve());
	assert_true(quiet()); /* neither is answered */
	assert_int_equal(proxy_cfg(CFGREAD, 0, 0, 2), 0x1b36);
	assert_int_equal(proxy_cfg(CFGREAD, 2, 0, 2), 0x7e57);
	for (u32 i = 0; i < 7; i++) {
		u32 at = 0x10 + 4 * i;
		u64 old = proxy_cfg(CFGREAD, at, 0, 4), sized;

		proxy_cfg(CFGWRITE, at, 0xffffffff, 4);
		sized = proxy_cfg(CFGREAD, at, 0, 4);
		assert_int_equal(sized, i == 0 ? 0xfffff008 : i == 2 ? 0xfffff000 : 0);
		proxy_cfg(CFGWRITE, at, (u32)old, 4);
	}
	proxy_up();
	proxy_bar(BARWRITE, 0xfe000000 + TEST_RAISE, 1, 4);
	assert_int_equal(count_of(irq[0]), 1);
	proxy_put(RESET, NULL, 0, NULL, 0);
	assert_true(serve());
	proxy_ret();
	assert_int_equal(proxy_cfg(CFGREAD, 4, 0, 2), 0);
	assert_int_equal(proxy_cfg(CFGREAD, 0x10, 0, 4), 8);
	close(irq[0]);
	close(irq[1]);
}

static void test_proxy_registers(void **state)
{
	(void)state;
	proxy_up();
	assert_int_equal(proxy_bar(BARREAD, 0xfe000000, 0, 4), 0x54455354);
	proxy_bar(BARWRITE, 0xfe000004, 0xcafe, 4);
	assert_int_equal(proxy_bar(BARREAD, 0xfe000000, 0, 8), 0x0000cafe54455354ull);
	assert_int_equal(dev->nerrors, 0);
	assert_int_equal(proxy_bar(BARREAD, 0xfd000000, 0, 4), 0xffffffffffffffffull);
	proxy_bar(BARWRITE, 0, 1, 4);
	assert_int_equal(dev->errors[NICSIM_E_ACCESS], 2);
}

/* A frame through shared memory, there and back. */
static void test_proxy_dma(void **state)
{
	u8 d[16] = { 0 };
	char why[100];

	(void)state;
	proxy_up();
	assert_true(nicsim_wire_set(dev, "loop", why, sizeof(why)));
	proxy_bar(BARWRITE, 0xfe000000 + TEST_LEN, 4, 4);
	proxy_bar(BARWRITE, 0xfe000000 + TEST_TX_BASE, 0x1000, 4);
	proxy_bar(BARWRITE, 0xfe000000 + TEST_RX_BASE, 0x2000, 4);
	w64(d, 0x3000);
	w32(d + 8, 100);
	memcpy(mem + 0x1000, d, 16);
	w64(d, 0x4000);
	memcpy(mem + 0x2000, d, 16);
	memset(mem + 0x3000, 0x5a, 100);
	proxy_bar(BARWRITE, 0xfe000000 + TEST_CTRL, 6, 4);
	proxy_bar(BARWRITE, 0xfe000000 + TEST_RX_TAIL, 1, 4);
	proxy_bar(BARWRITE, 0xfe000000 + TEST_TX_TAIL, 1, 4);
	assert_memory_equal(mem + 0x4000, mem + 0x3000, 100);
	assert_int_equal(r32(mem + 0x1000 + 12), 1);
	assert_int_equal(r32(mem + 0x2000 + 12), 1);
	/* the map is told again with a fresh descriptor, and moves */
	proxy_memory(0, MEM, 0);
	proxy_memory(0x100000, MEM / 2, MEM / 2);
	assert_true(serve() && serve());
	assert_int_equal(dev->nregions, 1);
	assert_int_equal(dev->region[0].gpa, 0x100000);
	dev->region[0].ptr[0] = 0x77;
	assert_int_equal(mem[MEM / 2], 0x77);
}

/* The answer to a doorbell goes out before the descriptors are fetched. */
static void test_proxy_posted(void **state)
{
	(void)state;
	proxy_up();
	proxy_bar(BARWRITE, 0xfe000000 + TEST_LEN, 4, 4);
	proxy_bar(BARWRITE, 0xfe000000 + TEST_TX_BASE, 0x1000, 4);
	proxy_bar(BARWRITE, 0xfe000000 + TEST_CTRL, 4, 4);
	u8 d[24] = { 0 };

	w64(d, 0xfe000000 + TEST_TX_TAIL);
	w64(d + 8, 1);
	w32(d + 16, 4);
	d[20] = 1;
	w32(mem + 0x1000 + 8, 60);
	proxy_put(BARWRITE, d, 24, NULL, 0);
	assert_true(att->ops->serve(att));
	proxy_ret();
	assert_int_equal(r32(mem + 0x1000 + 12), 0);
	nicsim_run(sim, 0);
	assert_int_equal(r32(mem + 0x1000 + 12), 1);
}

/* Half a message is waited for, without blocking. */
static void test_proxy_pieces(void **state)
{
	u8 m[28] = { 0 };

	(void)state;
	w32(m, CFGREAD);
	w64(m + 8, 12);
	w32(m + 24, 2);
	for (u32 i = 0; i < 27; i++) {
		put(m + i, 1, NULL, 0);
		assert_true(serve());
		assert_true(quiet());
	}
	put(m + 27, 1, NULL, 0);
	assert_true(serve());
	assert_int_equal(proxy_ret(), 0x1b36);
}

static void proxy_bad(u32 cmd, u64 size, const void *data, u32 len, const int *fds, u32 nfds,
		      const char *says)
{
	u8 h[16] = { 0 };

	start("proxy", true);
	w32(h, cmd);
	w64(h + 8, size);
	put(h, 16, fds, nfds);
	if (len)
		put(data, len, NULL, 0);
	assert_false(serve());
	if (!strstr(att->why, says))
		fail_msg("cmd %u: \"%s\", not \"%s\"", cmd, att->why, says);
	teardown(NULL);
}

static void test_proxy_bad(void **state)
{
	u8 d[192] = { 0 };
	int fd = memfd_create("small", 0), two[2] = { fd, fd };

	(void)state;
	assert_int_equal(ftruncate(fd, 4096), 0);
	proxy_bad(8, 0, NULL, 0, NULL, 0, "unknown kind");
	proxy_bad(0xffffffff, 0, NULL, 0, NULL, 0, "unknown kind");
	proxy_bad(CFGREAD, 13, NULL, 0, NULL, 0, "wrong length");
	proxy_bad(BARREAD, ~0ull, NULL, 0, NULL, 0, "wrong length");
	proxy_bad(RET, 8, d, 8, NULL, 0, "without a question");
	proxy_bad(IRQFD, 0, NULL, 0, &fd, 1, "not two");
	w32(d + 8, 3);
	proxy_bad(CFGREAD, 12, d, 12, NULL, 0, "configuration access");
	w32(d, 4096);
	w32(d + 8, 4);
	proxy_bad(CFGWRITE, 12, d, 12, NULL, 0, "configuration access");
	w32(d + 16, 5);
	proxy_bad(BARREAD, 24, d, 24, NULL, 0, "wrong width");
	memset(d, 0, sizeof(d));
	proxy_bad(SYSMEM, 192, d, 192, &fd, 1, "wraps or is empty");
	w64(d + 64, 8192); /* more than the file has: would be SIGBUS */
	proxy_bad(SYSMEM, 192, d, 192, &fd, 1, "beyond its file");
	w64(d + 64, 4096);
	w64(d + 72, 4096);
	proxy_bad(SYSMEM, 192, d, 192, two, 2, "overlap");
	close(fd);
}

static void test_proxy_hang_up(void **state)
{
	(void)state;
	shutdown(qemu, SHUT_RDWR);
	assert_false(serve());
	assert_string_equal(att->why, "");
}

/* --- vfio-user ------------------------------------------------------------------------------ */

static u8 back[4200];

/* Send; returns the error of the answer. Its data is in back[16..]. */
static u32 vfio(u32 cmd, const void *data, u32 len, const int *fds, u32 nfds)
{
	static u16 id = 100;
	u8 m[4200] = { 0 };

	w16(m, ++id);
	w16(m + 2, cmd);
	w32(m + 4, 16 + len);
	if (len)
		memcpy(m + 16, data, len);
	put(m, 16 + len, fds, nfds);
	assert_true(serve());
	assert_int_equal(recv(qemu, back, 16, MSG_WAITALL), 16);
	assert_memory_equal(back, m, 4); /* id and command */
	if (r32(back + 4) > 16)
		assert_int_equal(recv(qemu, back + 16, r32(back + 4) - 16, MSG_WAITALL),
				 r32(back + 4) - 16);
	assert_true(quiet());
	assert_int_equal(r32(back + 8), r32(back + 12) ? 0x21 : 1);
	return r32(back + 12);
}

static u32 vfio_access(u32 cmd, u64 off, u32 region, u32 count, u64 v)
{
	u8 d[24];

	w64(d, off);
	w32(d + 8, region);
	w32(d + 12, count);
	w64(d + 16, v);
	return vfio(cmd, d, cmd == 10 ? 16 + count : 16, NULL, 0);
}

static u64 vfio_read(u32 region, u64 off, u32 count)
{
	assert_int_equal(vfio_access(9, off, region, count, 0), 0);
	assert_int_equal(r32(back + 4), 32 + count);
	w64(back + 32 + count, 0);
	return r64(back + 32);
}

static void vfio_write(u32 region, u64 off, u32 count, u64 v)
{
	assert_int_equal(vfio_access(10, off, region, count, v), 0);
	assert_int_equal(r32(back + 4), 32);
}

static u32 vfio_map(u64 gpa, u64 size, u64 offset, u32 nfds)
{
	u8 d[32];

	w32(d, 32);
	w32(d + 4, 3);
	w64(d + 8, offset);
	w64(d + 16, gpa);
	w64(d + 24, size);
	return vfio(2, d, 32, &memfd, nfds);
}

static u32 vfio_irqs(u32 flags, u32 index, u32 first, u32 count, const int *fds, u32 nfds)
{
	u8 d[20];

	w32(d, 20);
	w32(d + 4, flags);
	w32(d + 8, index);
	w32(d + 12, first);
	w32(d + 16, count);
	return vfio(8, d, 20, fds, nfds);
}

static void test_vfio_start(void **state)
{
	u8 d[40] = { 0 };

	(void)state;
	memcpy(d + 4, "{}", 3);
	assert_int_equal(vfio(1, d, 7, NULL, 0), 0);
	assert_int_equal(r32(back + 16), 0);
	assert_non_null(strstr((char *)back + 20, "\"capabilities\""));
	assert_int_equal(back[r32(back + 4) - 1], 0);
	assert_int_equal(vfio(4, d, 16, NULL, 0), 0);
	assert_int_equal(r32(back + 20), 3);
	assert_int_equal(r32(back + 24), 9);
	assert_int_equal(r32(back + 28), 5);
	for (u32 i = 0; i < 9; i++) {
		memset(d, 0, sizeof(d));
		w32(d + 8, i);
		assert_int_equal(vfio(5, d, 32, NULL, 0), 0);
		assert_int_equal(r64(back + 32), i == 7 ? 4096 : i == 0 || i == 2 ? 4096 : 0);
	}
	static const u32 counts[] = { 1, 1, 4, 0, 0 };

	for (u32 i = 0; i < 5; i++) {
		w32(d + 8, i);
		assert_int_equal(vfio(7, d, 16, NULL, 0), 0);
		assert_int_equal(r32(back + 28), counts[i]);
	}
	assert_int_equal(vfio_read(7, 0, 4), 0x7e571b36);
	assert_int_equal(vfio_read(7, 0x100, 2), 1);
	vfio_write(7, 4, 2, 2);
	assert_int_equal(vfio_read(0, 0, 4), 0x54455354);
	vfio_write(0, 4, 4, 0xbeef);
	assert_int_equal(vfio_read(0, 0, 8), 0xbeef54455354ull);
	assert_int_equal(vfio(13, NULL, 0, NULL, 0), 0);
	assert_int_equal(vfio_read(7, 4, 2), 0);
}

static void test_vfio_posted(void **state)
{
	u8 m[36] = { 0 };

	(void)state;
	vfio_write(7, 4, 2, 6);
	w16(m + 2, 10);
	w32(m + 4, 36);
	w32(m + 8, 0x10); /* no reply */
	w64(m + 16, TEST_SCRATCH);
	w32(m + 28, 4);
	for (u32 i = 0; i < 40; i++) {
		w32(m + 32, i);
		put(m, 36, NULL, 0);
	}
	for (u32 i = 0; i < 4; i++)
		assert_true(serve());
	assert_true(quiet());
	assert_int_equal(vfio_read(0, TEST_SCRATCH, 4), 39);
}

static void test_vfio_memory(void **state)
{
	u8 d[24] = { 0 };

	(void)state;
	assert_int_equal(vfio_map(0xc0000, 0x20000, 0, 0), 0); /* ROM: no descriptor */
	assert_int_equal(dev->nregions, 0);
	assert_int_equal(vfio_map(0, MEM / 2, 0, 1), 0);
	assert_int_equal(vfio_map(1ull << 32, MEM / 2, MEM / 2, 1), 0);
	assert_int_equal(dev->nregions, 2);
	vfio_write(7, 4, 2, 6);
	assert_true(nicsim_dma_write(dev, (1ull << 32) + 5, "x", 1));
	assert_int_equal(mem[MEM / 2 + 5], 'x');
	assert_int_equal(vfio_map(4096, 4096, 0, 1), 22);        /* overlaps */
	assert_int_equal(vfio_map(1ull << 40, MEM, MEM, 1), 22); /* beyond the file */
	assert_int_equal(vfio_map(1ull << 40, 0, 0, 1), 22);
	w32(d, 24);
	w64(d + 8, 1ull << 32);
	w64(d + 16, MEM / 2);
	assert_int_equal(vfio(3, d, 24, NULL, 0), 0);
	assert_memory_equal(back + 16, d, 24);
	assert_int_equal(dev->nregions, 1);
	w32(d + 4, 2); /* all */
	assert_int_equal(vfio(3, d, 24, NULL, 0), 0);
	assert_int_equal(dev->nregions, 0);
}

static void test_vfio_interrupts(void **state)
{
	int fd[4];

	(void)state;
	for (u32 i = 0; i < 4; i++)
		fd[i] = eventfd(0, EFD_NONBLOCK);
	vfio_write(7, 4, 2, 6);
	/* the line: masked by its edge, comes again when unmasked while it is asserted */
	assert_int_equal(vfio_irqs(0x24, 0, 0, 1, fd, 1), 0);
	vfio_write(0, TEST_RAISE, 4, 1);
	assert_int_equal(count_of(fd[0]), 1);
	vfio_write(0, TEST_RAISE, 4, 1);
	assert_int_equal(count_of(fd[0]), 0);
	assert_int_equal(vfio_irqs(0x11, 0, 0, 1, NULL, 0), 0);
	assert_int_equal(count_of(fd[0]), 1);
	vfio_write(0, TEST_RAISE, 4, 2);
	assert_int_equal(vfio_irqs(0x11, 0, 0, 1, NULL, 0), 0);
	assert_int_equal(count_of(fd[0]), 0);
	/* MSI-X: the table and its masks are QEMU's */
	assert_int_equal(vfio_irqs(0x24, 2, 0, 4, fd, 4), 0);
	vfio_write(7, 0x72, 2, 0x8000);
	vfio_write(0, TEST_RAISE, 4, 3);
	assert_int_equal(count_of(fd[3]), 1);
	assert_int_equal(count_of(fd[0]) + count_of(fd[1]) + count_of(fd[2]), 0);
	/* one taken away; what it misses comes when it is back */
	assert_int_equal(vfio_irqs(0x24, 2, 3, 1, NULL, 0), 0);
	vfio_write(0, TEST_RAISE, 4, 3);
	assert_int_equal(vfio_irqs(0x24, 2, 3, 1, &fd[1], 1), 0);
	assert_int_equal(count_of(fd[1]), 1);
	assert_int_equal(vfio_irqs(0x21, 2, 0, 0, NULL, 0), 0); /* all off */
	vfio_write(0, TEST_RAISE, 4, 2);
	assert_int_equal(count_of(fd[2]), 0);
	assert_int_equal(vfio_irqs(0x24, 2, 3, 2, fd, 2), 22);
	assert_int_equal(vfio_irqs(0x24, 2, 0, 2, fd, 1), 22);
	assert_int_equal(vfio_irqs(0x24, 9, 0, 1, fd, 1), 22);
	assert_int_equal(vfio_irqs(4, 1, 0, 1, fd, 1), 22);
	for (u32 i = 0; i < 4; i++)
		close(fd[i]);
}

static void test_vfio_bad(void **state)
{
	u8 d[40] = { 0 };

	(void)state;
	assert_int_equal(vfio(99, NULL, 0, NULL, 0), 95);
	assert_int_equal(vfio(1, d, 1, NULL, 0), 22);
	w16(d, 1);
	assert_int_equal(vfio(1, d, 4, NULL, 0), 22); /* a major version of the future */
	assert_int_equal(vfio(2, d, 5, NULL, 0), 22);
	assert_int_equal(vfio(3, d, 5, NULL, 0), 22);
	assert_int_equal(vfio(5, d, 3, NULL, 0), 22);
	w32(d + 8, 9);
	assert_int_equal(vfio(5, d, 32, NULL, 0), 22);
	assert_int_equal(vfio(7, d, 16, NULL, 0), 22);
	assert_int_equal(vfio(8, d, 4, NULL, 0), 22);
	assert_int_equal(vfio(9, d, 4, NULL, 0), 22);
	assert_int_equal(vfio_access(9, 4096, 7, 4, 0), 22);
	assert_int_equal(vfio_access(9, ~0ull, 7, 4, 0), 22);
	assert_int_equal(vfio_access(9, 0, 8, 4, 0), 22);
	assert_int_equal(vfio_access(9, 0, 0, 3, 0), 22);
	assert_int_equal(vfio_access(9, 0, 0, 0xffffffff, 0), 22);
	/* a write whose count is not its length */
	w64(d, 0);
	w32(d + 8, 7);
	w32(d + 12, 100);
	assert_int_equal(vfio(10, d, 20, NULL, 0), 22);
	assert_string_equal(att->why, "");
}

static void test_vfio_fatal(void **state)
{
	u8 h[16] = { 0 };

	(void)state;
	w32(h + 4, 15); /* shorter than its own header */
	put(h, 16, NULL, 0);
	assert_false(serve());
	assert_non_null(strstr(att->why, "wrong length"));
	teardown(NULL);
	start("vfio-fd", false);
	w32(h + 4, 0x7fffffff);
	put(h, 16, NULL, 0);
	assert_false(serve());
	teardown(NULL);
	start("vfio-fd", false);
	w32(h + 4, 16);
	w32(h + 8, 1); /* an answer */
	put(h, 16, NULL, 0);
	assert_false(serve());
}

/* Any bytes: no trap, no hang, the sanitizers stay silent. */
static void test_noise(void **state)
{
	u64 seed = 1;

	(void)state;
	for (u32 round = 0; round < 400; round++) {
		u8 m[256];

		start(round & 1 ? "proxy" : "vfio-fd", round & 1);
		for (u32 i = 0; i < 40; i++) {
			u32 cmd, len;

			for (u32 k = 0; k < sizeof(m); k++) {
				seed = seed * 6364136223846793005ull + 1442695040888963407ull;
				m[k] = (u8)(seed >> 56) & (seed & 1 ? 0xff : 7);
			}
			cmd = m[200] % 9;
			if (round & 1) {
				static const u8 size[] = { 192, 8, 12, 12, 24, 24, 0, 0, 0 };

				len = 16 + size[cmd];
				memset(m, 0, 16);
				w32(m, cmd);
				w64(m + 8, size[cmd]);
			} else {
				len = 16 + m[201] % 64;
				w16(m + 2, 1 + m[200] % 14);
				w32(m + 4, len);
				w32(m + 8, m[202] & 0x10);
			}
			put(m, len, &memfd, m[203] & 1);
			if (!serve())
				break;
			while (recv(qemu, m, sizeof(m), MSG_DONTWAIT) > 0)
				;
		}
		teardown(NULL);
	}
	start("proxy", true);
}

int main(void)
{
#define P(fn) cmocka_unit_test_setup_teardown(fn, setup_proxy, teardown)
#define V(fn) cmocka_unit_test_setup_teardown(fn, setup_vfio, teardown)
	const struct CMUnitTest tests[] = {
		P(test_proxy_start),     P(test_proxy_registers),
		P(test_proxy_dma),       P(test_proxy_posted),
		P(test_proxy_pieces),    cmocka_unit_test(test_proxy_bad),
		P(test_proxy_hang_up),   V(test_vfio_start),
		V(test_vfio_posted),     V(test_vfio_memory),
		V(test_vfio_interrupts), V(test_vfio_bad),
		V(test_vfio_fatal),      cmocka_unit_test_teardown(test_noise, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
