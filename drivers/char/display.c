// SPDX-License-Identifier: MIT
/*
 * The display as a console: "fb0" on an RGB framebuffer as the boot loader reports it, "vga0" on
 * the text memory at B8000h when there is a VGA card in text mode, nothing otherwise. Generic
 * partition; writes come under the console's lock, also from panic.
 */
#include "kernel/driver.h"
#include "drivers/char/font.h"
#include "drivers/char/vt.h"
#include "kernel/arch/x86_64/cpu.h"
#include "kernel/bootinfo.h"
#include "kernel/console.h"
#include "kernel/mm/heap.h"
#include "kernel/mm/paging.h"
#include "kernel/printk.h"

enum { VGA_COLS = 80, VGA_ROWS = 25, VGA_ATTR = 0x07, VGA_ATTR_CURSOR = 0x70 };
enum {
	VGA_TEXT = 0xb8000,
	CRTC_INDEX = 0x3d4,
	CRTC_DATA = 0x3d5,
	CRTC_CURSOR_START = 0x0a,
	CRTC_CURSOR_LOW = 0x0f,
	CURSOR_OFF = 0x20
};

static struct vt screen;
static volatile u8 *pixels;
static volatile u16 *text;
static u32 ink, paper;

/* --- framebuffer --------------------------------------------------------------------------- */

static void fb_pixel(volatile u8 *p, unsigned bytes, u32 value)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (u8)(value >> 8 * i);
}

static void fb_row32(volatile u8 *line, u8 dots, u32 on, u32 off)
{
	volatile u32 *p = (volatile u32 *)line;

	for (unsigned i = 0; i < FONT_CELL_W; i++)
		p[i] = dots & (0x80u >> i) ? on : off;
}

static void fb_draw(u32 x, u32 y, u8 ch, bool cursor)
{
	const struct boot_fb *fb = &boot_info.fb;
	unsigned bytes = (fb->bpp + 7u) / 8;
	u32 on = cursor ? paper : ink, off = cursor ? ink : paper;

	for (unsigned r = 0; r < FONT_CELL_H; r++) {
		volatile u8 *line = pixels + (size_t)(y * FONT_CELL_H + r) * fb->pitch +
				    (size_t)x * FONT_CELL_W * bytes;
		u8 dots = font_row(ch, r);

		if (bytes == 4) {
			fb_row32(line, dots, on, off);
			continue;
		}
		for (unsigned i = 0; i < FONT_CELL_W; i++)
			fb_pixel(line + i * bytes, bytes, dots & (0x80u >> i) ? on : off);
	}
}

/* A grey level in the framebuffer's own layout. */
static u32 fb_grey(const struct boot_fb *fb, u32 level)
{
	return level >> (8 - MIN(fb->red_size, 8)) << fb->red_pos |
	       level >> (8 - MIN(fb->green_size, 8)) << fb->green_pos |
	       level >> (8 - MIN(fb->blue_size, 8)) << fb->blue_pos;
}

static bool fb_usable(const struct boot_fb *fb)
{
	return fb->type == FB_RGB && fb->base &&
	       (fb->bpp == 32 || fb->bpp == 24 || fb->bpp == 16 || fb->bpp == 15) &&
	       fb->width >= 20 * FONT_CELL_W && fb->height >= 4 * FONT_CELL_H &&
	       fb->pitch >= fb->width * ((fb->bpp + 7u) / 8);
}

/* --- text mode ----------------------------------------------------------------------------- */

static void vga_draw(u32 x, u32 y, u8 ch, bool cursor)
{
	text[y * VGA_COLS + x] = (u16)(ch | (cursor ? VGA_ATTR_CURSOR : VGA_ATTR) << 8);
}

/* The CRT controller's cursor register holds what is written, with a card. */
static bool vga_present(void)
{
	u8 was, seen;

	outb(CRTC_INDEX, CRTC_CURSOR_LOW);
	was = inb(CRTC_DATA);
	outb(CRTC_DATA, was ^ 0x55);
	seen = inb(CRTC_DATA);
	outb(CRTC_DATA, was);
	return seen == (was ^ 0x55);
}

/* The hardware cursor blinks at its own place: off, we draw ours. */
static void vga_cursor_off(void)
{
	outb(CRTC_INDEX, CRTC_CURSOR_START);
	outb(CRTC_DATA, CURSOR_OFF);
}

/* --- both ---------------------------------------------------------------------------------- */

static void display_write(const char *buf, size_t n)
{
	vt_write(&screen, buf, n);
}

static struct console display_console = { .write = display_write };

static bool screen_start(u32 cols, u32 rows, void (*draw)(u32, u32, u8, bool))
{
	u8 *cells = kmalloc(2 * (size_t)cols * rows);

	if (!cells)
		return false;
	vt_init(&screen, cols, rows, cells, cells + (size_t)cols * rows, draw);
	return true;
}

void display_init(void)
{
	const struct boot_fb *fb = &boot_info.fb;

	if (fb_usable(fb)) {
		pixels = kmmio_map(fb->base, (u64)fb->pitch * fb->height, PT_WC | PT_W);
		ink = fb_grey(fb, 0xc8);
		paper = 0;
		if (!pixels ||
		    !screen_start(MIN(fb->width / FONT_CELL_W, (u32)VT_COLS_MAX),
				  MIN(fb->height / FONT_CELL_H, (u32)VT_ROWS_MAX), fb_draw))
			return;
		display_console.name = "fb0";
	} else if (fb->type != FB_RGB && !boot_info.uefi && vga_present()) {
		text = kmmio_map(VGA_TEXT, VGA_COLS * VGA_ROWS * sizeof(*text), PT_UC | PT_W);
		if (!text || !screen_start(VGA_COLS, VGA_ROWS, vga_draw))
			return;
		vga_cursor_off();
		display_console.name = "vga0";
	} else {
		return;
	}
	console_register(&display_console);
}
