// SPDX-License-Identifier: MIT
/*
 * Which queue of an XL710 a frame is received by: the hash of addresses and ports (7.1.10), by a
 * table of 128 queues. Owner QGM.
 *
 * The key has a period of 16 bits, so that both directions of a flow are received by the same QGM,
 * as with the engine's own hash. Fragments, and what is neither TCP, UDP nor SCTP, are hashed by
 * addresses only.
 */
#include "drivers/net/i40e/i40e.h"

#define KEY_WORD 0x5a6d5a6du /* bytes 6d 5a 6d 5a, the first lowest */
enum { KEY_WORDS = 13 };

static void write_table(const struct i40e *e)
{
	for (u32 i = 0; i < I40E_RETA_SIZE / 4; i++) {
		const u8 *r = &e->reta[4 * i];

		i40e_wrn(e, PFQF_HLUT, i,
			 r[0] | (u32)r[1] << 8 | (u32)r[2] << 16 | (u32)r[3] << 24);
	}
}

static u8 running(const struct i40e *e, u8 queue)
{
	return queue < e->queues && e->on >> queue & 1 ? queue : 0;
}

void i40e_rss_setup(struct i40e *e)
{
	for (u32 i = 0; i < KEY_WORDS; i++)
		i40e_wrn(e, PFQF_HKEY, i, KEY_WORD);
	for (u32 i = 0; i < I40E_RETA_SIZE; i++)
		e->reta[i] = running(e, e->reta[i]);
	write_table(e);
}

void i40e_spread(struct port *p, const struct reta *r)
{
	struct i40e *e = p->priv;

	for (u32 i = 0; i < I40E_RETA_SIZE; i++)
		e->reta[i] = running(e, r->entry[i & (r->size - 1u)]);
	write_table(e);
}
