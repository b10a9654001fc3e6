// SPDX-License-Identifier: MIT
/*
 * A generator with fast key erasure: each call makes ChaCha20 (RFC 8439) blocks from a key, the
 * first of which replaces the key before anything is handed out, so that earlier output cannot be
 * computed from a later state. The key is seeded with RDRAND where the CPU has it and with the TSC
 * at boot and at events; without RDRAND, on a machine that nothing happens to, early output is
 * guessable, and a line at start-up says so.
 */
#include "kernel/lib/random.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/clock.h"
#include "kernel/lib/string.h"
#include "kernel/printk.h"
#include "kernel/spinlock.h"

enum { KEY_WORDS = 8, RDRAND_TRIES = 10 };

static struct spinlock random_lock = SPINLOCK_INIT("random");
static u32 key[KEY_WORDS]; /* under random_lock */
static u64 block_counter;
static bool seeded;
static u64 pool; /* stirred from interrupt handlers; atomic */

static u32 rotl(u32 v, unsigned n)
{
	return v << n | v >> (32 - n);
}

static void quarter_round(u32 *a, u32 *b, u32 *c, u32 *d)
{
	*a += *b;
	*d = rotl(*d ^ *a, 16);
	*c += *d;
	*b = rotl(*b ^ *c, 12);
	*a += *b;
	*d = rotl(*d ^ *a, 8);
	*c += *d;
	*b = rotl(*b ^ *c, 7);
}

void chacha20_block(const u32 state[16], u8 out[64])
{
	u32 x[16];

	memcpy(x, state, sizeof(x));
	for (unsigned i = 0; i < 10; i++) {
		quarter_round(&x[0], &x[4], &x[8], &x[12]);
		quarter_round(&x[1], &x[5], &x[9], &x[13]);
		quarter_round(&x[2], &x[6], &x[10], &x[14]);
		quarter_round(&x[3], &x[7], &x[11], &x[15]);
		quarter_round(&x[0], &x[5], &x[10], &x[15]);
		quarter_round(&x[1], &x[6], &x[11], &x[12]);
		quarter_round(&x[2], &x[7], &x[8], &x[13]);
		quarter_round(&x[3], &x[4], &x[9], &x[14]);
	}
	for (unsigned i = 0; i < 16; i++)
		x[i] += state[i];
	memcpy(out, x, 64); /* x86: little-endian, as the RFC serialises */
}

static void next_block(u8 out[64])
{
	u32 state[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };

	memcpy(&state[4], key, sizeof(key));
	state[12] = (u32)block_counter;
	state[13] = (u32)(block_counter >> 32);
	block_counter++;
	chacha20_block(state, out);
}

static bool rdrand(u64 *v)
{
	for (unsigned i = 0; i < RDRAND_TRIES; i++) {
		u8 ok;
		__asm__ volatile("rdrand %0; setc %1" : "=r"(*v), "=qm"(ok) : : "cc");
		if (ok)
			return true;
	}
	return false;
}

static void mix_key(u64 v, unsigned at)
{
	key[at % KEY_WORDS] ^= (u32)v;
	key[(at + 1) % KEY_WORDS] ^= (u32)(v >> 32);
}

static void seed(void)
{
	bool hardware = cpu_features.rdrand;

	for (unsigned i = 0; i < KEY_WORDS; i += 2) {
		u64 v = 0;
		if (hardware)
			hardware = rdrand(&v);
		mix_key(v ^ rdtsc() * 0x9e3779b97f4a7c15ull, i);
	}
	mix_key(clock_wall_boot(), 0);
	if (!hardware)
		printk("random: no RDRAND, seeded from the clock only\n");
	seeded = true;
}

void random_stir(u64 event)
{
	__atomic_fetch_add(&pool, (rdtsc() ^ event) * 0x9e3779b97f4a7c15ull, __ATOMIC_RELAXED);
}

void random_bytes(void *buf, size_t n)
{
	u8 block[64];
	u8 *dst = buf;
	u64 flags = spin_lock_irqsave(&random_lock);

	if (!seeded)
		seed();
	mix_key(__atomic_load_n(&pool, __ATOMIC_RELAXED), 2);
	mix_key(rdtsc(), 4);
	next_block(block);
	memcpy(key, block, sizeof(key));
	while (n > 0) {
		size_t part = n < sizeof(block) ? n : sizeof(block);
		next_block(block);
		memcpy(dst, block, part);
		dst += part;
		n -= part;
	}
	memset(block, 0, sizeof(block));
	spin_unlock_irqrestore(&random_lock, flags);
}
