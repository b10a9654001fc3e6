// SPDX-License-Identifier: MIT
/* toeplitz: keys, and the hash by tables for any CPU (toeplitz.h). */
#include "qgm/steer/toeplitz.h"

#include "qgm/cpu.h"

const u8 toeplitz_key_microsoft[TOEPLITZ_KEY_40] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3,
	0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb, 0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3,
	0x80, 0x30, 0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static u32 key_bit(const struct toeplitz *t, u32 i)
{
	return i < t->key_len * 8u ? t->key[i / 8] >> (7 - i % 8) & 1u : 0;
}

/* The 32 key bits that begin at bit i, the first on top. */
static u32 key_word(const struct toeplitz *t, u32 i)
{
	u32 w = 0;

	for (u32 b = 0; b < 32; b++)
		w = w << 1 | key_bit(t, i + b);
	return w;
}

static void make_tables(struct toeplitz *t, u32 input)
{
	for (u32 n = 0; n < input * 2; n++) {
		for (u32 v = 0; v < 16; v++) {
			t->nibble[n][v] = 0;
			for (u32 b = 0; b < 4; b++) {
				if (v & 8u >> b)
					t->nibble[n][v] ^= key_word(t, n * 4 + b);
			}
		}
	}
}

int toeplitz_init(struct toeplitz *t, const u8 *key, u32 len)
{
	u32 wide = cpu_wide();

	if (len != TOEPLITZ_KEY_40 && len != TOEPLITZ_KEY_52)
		return -22;
	*t = (struct toeplitz){ .key_len = (u8)len };
	__builtin_memcpy(t->key, key, len);
	for (u32 j = 0; j < (len - 4) / 4; j++) {
		for (u32 i = 0; i < 63; i++)
			t->window[j] |= (u64)key_bit(t, 32 * j + i) << i;
		*(j & 1 ? &t->odd[j / 2] : &t->even[j / 2]) = t->window[j];
	}
	make_tables(t, len - 4);
	if (wide & CPU_VPCLMUL)
		t->way = TOEPLITZ_VPCLMUL;
	else if ((wide & CPU_CLMUL) && (wide & CPU_AVX2))
		t->way = TOEPLITZ_CLMUL;
	return 0;
}

void toeplitz_key_symmetric(u8 *key, u32 len)
{
	for (u32 i = 0; i < len; i++)
		key[i] = i & 1 ? 0x5a : 0x6d;
}

u32 toeplitz_hash(const struct toeplitz *t, const void *in, u32 len)
{
	const u8 *b = in;
	u32 h = 0, n = MIN(len, t->key_len - 4u);

	for (u32 i = 0; i < n; i++)
		h ^= t->nibble[2 * i][b[i] >> 4] ^ t->nibble[2 * i + 1][b[i] & 15];
	return h;
}

void toeplitz_hash4(const struct toeplitz *t, const struct toeplitz4 *in, u32 *hash, u32 n)
{
	if (likely(t->way == TOEPLITZ_VPCLMUL && n > 1)) {
		toeplitz_hash4_vpclmul(t, in, hash, n);
		return;
	}
	if (likely(t->way != TOEPLITZ_TABLES)) {
		toeplitz_hash4_clmul(t, in, hash, n);
		return;
	}
	for (u32 i = 0; i < n; i++)
		hash[i] = toeplitz_hash(t, &in[i], 12);
}

void toeplitz_hash6(const struct toeplitz *t, const struct toeplitz6 *in, u32 *hash, u32 n)
{
	if (likely(t->way == TOEPLITZ_VPCLMUL && n > 1)) {
		toeplitz_hash6_vpclmul(t, in, hash, n);
		return;
	}
	if (likely(t->way != TOEPLITZ_TABLES)) {
		toeplitz_hash6_clmul(t, in, hash, n);
		return;
	}
	for (u32 i = 0; i < n; i++)
		hash[i] = toeplitz_hash(t, &in[i], 36);
}
