// SPDX-License-Identifier: MIT
/*
 * PS/2 keyboard behind an i8042 (IBM PS/2 Technical Reference, Keyboard and Auxiliary Device
 * Controller): interrupt 1, scan codes translated to set 1. Every wait has a deadline; no
 * controller reads FFh and is left alone. Generic partition, boot CPU.
 */
#include "kernel/driver.h"
#include "drivers/char/scancode.h"
#include "kernel/acpi.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/irq.h"
#include "kernel/clock.h"
#include "kernel/console.h"
#include "kernel/printk.h"

enum { KBC_DATA = 0x60, KBC_STATUS = 0x64, KBC_COMMAND = 0x64, KEYBOARD_IRQ = 1 };
enum { STATUS_OBF = 1 << 0, STATUS_IBF = 1 << 1, STATUS_AUX = 1 << 5, STATUS_ABSENT = 0xff };
enum {
	CMD_READ_CONFIG = 0x20,
	CMD_WRITE_CONFIG = 0x60,
	CMD_DISABLE_AUX = 0xa7,
	CMD_DISABLE_KEYBOARD = 0xad,
	CMD_ENABLE_KEYBOARD = 0xae
};
enum {
	CONFIG_KEYBOARD_IRQ = 1 << 0,
	CONFIG_AUX_IRQ = 1 << 1,
	CONFIG_KEYBOARD_OFF = 1 << 4,
	CONFIG_TRANSLATE = 1 << 6
};
enum { KEYBOARD_ENABLE_SCAN = 0xf4, KEYBOARD_ACK = 0xfa };
enum { KBC_TIMEOUT_NS = 5000000, KBC_DRAIN_MAX = 32 };

static struct scancode decoder;

static bool wait_status(u8 mask, u8 want)
{
	u64 end = clock_ns() + KBC_TIMEOUT_NS;

	do {
		if ((inb(KBC_STATUS) & mask) == want)
			return true;
		cpu_pause();
	} while (clock_ns() < end);
	return false;
}

static bool kbc_command(u8 cmd)
{
	if (!wait_status(STATUS_IBF, 0))
		return false;
	outb(KBC_COMMAND, cmd);
	return true;
}

static bool kbc_send(u8 v)
{
	if (!wait_status(STATUS_IBF, 0))
		return false;
	outb(KBC_DATA, v);
	return true;
}

static int kbc_receive(void)
{
	return wait_status(STATUS_OBF, STATUS_OBF) ? inb(KBC_DATA) : -1;
}

static void kbc_drain(void)
{
	for (unsigned i = 0; i < KBC_DRAIN_MAX && inb(KBC_STATUS) & STATUS_OBF; i++)
		(void)inb(KBC_DATA);
}

static void keyboard_interrupt(void *arg)
{
	char out[SCANCODE_BYTES_MAX];

	(void)arg;
	for (unsigned i = 0; i < KBC_DRAIN_MAX; i++) {
		u8 status = inb(KBC_STATUS);
		unsigned n;
		u8 code;

		if (status == STATUS_ABSENT || !(status & STATUS_OBF))
			break;
		code = inb(KBC_DATA);
		if (status & STATUS_AUX)
			continue;
		n = scancode_decode(&decoder, code, out);
		for (unsigned k = 0; k < n; k++)
			console_input(out[k]);
	}
}

static bool keyboard_start(void)
{
	int config;

	if (!kbc_command(CMD_DISABLE_KEYBOARD) || !kbc_command(CMD_DISABLE_AUX))
		return false;
	kbc_drain();
	if (!kbc_command(CMD_READ_CONFIG) || (config = kbc_receive()) < 0)
		return false;
	config &= ~(CONFIG_AUX_IRQ | CONFIG_KEYBOARD_OFF | CONFIG_KEYBOARD_IRQ);
	config |= CONFIG_TRANSLATE;
	if (!kbc_command(CMD_WRITE_CONFIG) || !kbc_send((u8)config) ||
	    !kbc_command(CMD_ENABLE_KEYBOARD) || !kbc_send(KEYBOARD_ENABLE_SCAN))
		return false;
	if (kbc_receive() != KEYBOARD_ACK)
		return false; /* no keyboard on the port */
	if (irq_install_isa(KEYBOARD_IRQ, keyboard_interrupt, NULL))
		return false;
	config |= CONFIG_KEYBOARD_IRQ;
	return kbc_command(CMD_WRITE_CONFIG) && kbc_send((u8)config);
}

void keyboard_init(void)
{
	if (!acpi.has_8042 || inb(KBC_STATUS) == STATUS_ABSENT)
		return;
	if (!keyboard_start())
		printk("keyboard: none on the PS/2 port\n");
}
