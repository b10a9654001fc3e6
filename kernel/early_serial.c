// SPDX-License-Identifier: MIT
/*
 * The first words: a polled writer for the 8250 at 0x3f8, 115200 8N1, from the first line of
 * kernel_main until the uart driver registers itself under the same name. National Semiconductor
 * PC16550D data sheet, section 8.
 */
#include "kernel/early_serial.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/console.h"

enum { COM1 = 0x3f8 };
enum uart_reg {
	UART_THR = 0,
	UART_DLL = 0,
	UART_DLM = 1,
	UART_FCR = 2,
	UART_LCR = 3,
	UART_MCR = 4,
	UART_LSR = 5,
	UART_SCR = 7
};
enum {
	LCR_8N1 = 0x03,
	LCR_DLAB = 0x80,
	FCR_ENABLE_CLEAR = 0x07,
	MCR_DTR_RTS = 0x03,
	LSR_THRE = 0x20
};
enum { WAIT_POLLS = 100000 };

static void early_write(const char *buf, size_t n)
{
	while (n--) {
		for (int i = 0; i < WAIT_POLLS && !(inb(COM1 + UART_LSR) & LSR_THRE); i++)
			;
		outb(COM1 + UART_THR, *buf++);
	}
}

static struct console early_console = { .name = "uart0", .write = early_write };

void early_serial_init(void)
{
	/* A scratch register that does not hold its value: there is no UART. */
	outb(COM1 + UART_SCR, 0x5a);
	if (inb(COM1 + UART_SCR) != 0x5a)
		return;
	outb(COM1 + UART_LCR, LCR_DLAB);
	outb(COM1 + UART_DLL, 1);
	outb(COM1 + UART_DLM, 0);
	outb(COM1 + UART_LCR, LCR_8N1);
	outb(COM1 + UART_FCR, FCR_ENABLE_CLEAR);
	outb(COM1 + UART_MCR, MCR_DTR_RTS);
	console_register(&early_console);
}
