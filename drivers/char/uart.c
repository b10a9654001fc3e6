// SPDX-License-Identifier: MIT
/*
 * Serial console "uart0": a 16550 at COM1, 115200 8N1. Output waits for the transmit FIFO to be
 * empty, then writes 16 bytes at once; input is by interrupt. No device: the line status
 * register reads FFh and the driver stays away. A line that stands still (a full pipe behind a
 * virtual machine's port) is waited for two seconds, so that no byte is lost to a slow reader; then
 * the port counts as dead and costs one status read a call until it sends again. Data sheet:
 * National PC16550D, register names as there. Generic partition: output on any core under the
 * console's lock, input on the boot CPU.
 */
#include "kernel/driver.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/printk.h"

enum { COM1 = 0x3f8, COM1_IRQ = 4, UART_CLOCK = 115200, UART_BAUD = 115200, UART_FIFO = 16 };

/* X(name, offset, access, text) */
#define UART_REGISTERS(X)                                  \
	X(RBR, 0, RO, "receiver buffer")                   \
	X(THR, 0, WO, "transmitter holding")               \
	X(DLL, 0, RW, "divisor low, LCR.DLAB = 1")         \
	X(IER, 1, RW, "interrupt enable")                  \
	X(DLM, 1, RW, "divisor high, LCR.DLAB = 1")        \
	X(FCR, 2, WO, "FIFO control")                      \
	X(IIR, 2, RO, "interrupt identification")          \
	X(LCR, 3, RW, "line control")                      \
	X(MCR, 4, RW, "modem control")                     \
	X(LSR, 5, RO, "line status, errors cleared by it") \
	X(SCR, 7, RW, "scratch")

enum uart_reg {
#define X(name, off, access, text) UART_##name = (off),
	UART_REGISTERS(X)
#undef X
};

enum { IER_ERBFI = 1 << 0 };
enum { FCR_ENABLE = 1 << 0, FCR_TRIGGER_8 = 2 << 6 };
enum { LCR_8N1 = 3, LCR_DLAB = 1 << 7 };
enum { MCR_DTR = 1 << 0, MCR_RTS = 1 << 1, MCR_OUT2 = 1 << 3 };
enum { LSR_DR = 1 << 0, LSR_THRE = 1 << 5, LSR_ABSENT = 0xff };

#define TX_TIMEOUT_NS 2000000000ull
enum { RX_BATCH_MAX = 256 };

static bool tx_dead; /* a deadline passed: one status read a call until it lives again */

static u8 uart_rd(enum uart_reg r)
{
	return inb((u16)(COM1 + r));
}

static void uart_wr(enum uart_reg r, u8 v)
{
	outb((u16)(COM1 + r), v);
}

static bool tx_wait_empty(void)
{
	u64 end;

	if (uart_rd(UART_LSR) & LSR_THRE) {
		tx_dead = false;
		return true;
	}
	if (tx_dead)
		return false;
	end = clock_ns() + TX_TIMEOUT_NS;
	while (clock_ns() < end) {
		if (uart_rd(UART_LSR) & LSR_THRE)
			return true;
		cpu_pause();
	}
	tx_dead = true;
	return false;
}

static void uart_write(const char *buf, size_t n)
{
	while (n) {
		size_t burst = MIN(n, (size_t)UART_FIFO);

		if (!tx_wait_empty())
			return;
		n -= burst;
		while (burst--)
			uart_wr(UART_THR, (u8)*buf++);
	}
}

static void uart_interrupt(void *arg)
{
	(void)arg;
	for (unsigned i = 0; i < RX_BATCH_MAX; i++) {
		u8 lsr = uart_rd(UART_LSR);

		if (lsr == LSR_ABSENT || !(lsr & LSR_DR))
			break;
		console_input((char)uart_rd(UART_RBR));
	}
	(void)uart_rd(UART_IIR);
}

static bool uart_present(void)
{
	if (uart_rd(UART_LSR) == LSR_ABSENT)
		return false;
	uart_wr(UART_SCR, 0x5a);
	if (uart_rd(UART_SCR) != 0x5a)
		return false;
	uart_wr(UART_SCR, 0xa5);
	return uart_rd(UART_SCR) == 0xa5;
}

static struct console uart_console = { .name = "uart0", .write = uart_write };

void uart_init(void)
{
	if (!uart_present())
		return;
	uart_wr(UART_IER, 0);
	uart_wr(UART_LCR, LCR_DLAB);
	uart_wr(UART_DLL, UART_CLOCK / UART_BAUD);
	uart_wr(UART_DLM, 0);
	uart_wr(UART_LCR, LCR_8N1);
	/* The receiver is not reset: keys typed while the system starts are kept. */
	uart_wr(UART_FCR, FCR_ENABLE | FCR_TRIGGER_8);
	uart_wr(UART_MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
	console_register(&uart_console);
	if (irq_install_isa(COM1_IRQ, uart_interrupt, NULL)) {
		printk("uart0: no interrupt, input is off\n");
		return;
	}
	uart_wr(UART_IER, IER_ERBFI);
}
