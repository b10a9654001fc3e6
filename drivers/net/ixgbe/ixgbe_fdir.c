// SPDX-License-Identifier: MIT
/*
 * Flow Director of an 82599, perfect matches (7.1.2.7): some 2,000 filters of IPv4 with TCP or UDP
 * that all compare both addresses and both ports, and name a receive queue. Owner QGM.
 *
 * They lie in 64 KiB of the receive packet buffer, linked from 8,192 buckets; which bucket is ours
 * to compute (7.1.2.7.4). One command at a time, by registers that all filters share; nothing
 * waits: a call begins one, a later call finds it done (-EAGAIN in between).
 */
#include "drivers/net/ixgbe/ixgbe.h"

enum { TRIES = 200, BUCKETS = 0x2000 };

void ixgbe_fdir_setup(struct ixgbe *e)
{
	struct ixgbe_fdir *fd = &e->fdir;

	*fd = (struct ixgbe_fdir){ .on = e->queues > 1 };
	ixgbe_wr(e, IXGBE_FDIRCTRL, 0);
	if (!fd->on)
		return;
	ixgbe_wr(e, IXGBE_FDIRHKEY, FDIR_BUCKET_KEY);
	ixgbe_wr(e, IXGBE_FDIRSKEY, FDIR_SIGNATURE_KEY);
	ixgbe_wr(e, IXGBE_FDIRM,
		 FDIRM_VLANID | FDIRM_VLANP | FDIRM_POOL | FDIRM_FLEX | FDIRM_DIPV6);
	ixgbe_wr(e, IXGBE_FDIRTCPM, 0);
	ixgbe_wr(e, IXGBE_FDIRUDPM, 0);
	ixgbe_wr(e, IXGBE_FDIRSIP4M, 0);
	ixgbe_wr(e, IXGBE_FDIRDIP4M, 0);
	ixgbe_wr(e, IXGBE_FDIRIP6M, 0xffffffff);
	ixgbe_wr(e, IXGBE_FDIRCTRL,
		 FDIRCTRL_PBALLOC_64K | FDIRCTRL_PERFECT_MATCH | FDIRCTRL_DROP_QUEUE |
			 FDIRCTRL_FLEX_ETHERTYPE | FDIRCTRL_MAX_LENGTH | FDIRCTRL_FULL_THRESH);
}

bool ixgbe_fdir_ready(struct ixgbe *e, bool late)
{
	struct ixgbe_fdir *fd = &e->fdir;

	if (!fd->on || ixgbe_rd(e, IXGBE_FDIRCTRL) & FDIRCTRL_INIT_DONE)
		return true;
	fd->on = !late; /* without it, then */
	return late;
}

/* Is it of the one kind that is compared? */
bool ixgbe_fdir_can(const struct ixgbe *e, const struct port_flow *f)
{
	return e->fdir.on && !f->open && (f->key.proto == 6 || f->key.proto == 17) &&
	       pix_ip_is4(f->key.src) && pix_ip_is4(f->key.dst);
}

static u32 type_of(const struct port_flow *f)
{
	return f->key.proto == 6 ? FDIR_TCP : FDIR_UDP;
}

/*
 * 7.1.2.7.4: bits of the key say by how much the words of the stream (type, addresses, ports) are
 * moved before they are added up; the low half of the key goes with the stream in word order
 * 1, 0, the high one with 0, 1. As the type is in both halves, it comes in after bit 0 of the low
 * one, which belongs to the word before.
 */
static u32 bucket(const struct port_flow *f)
{
	u32 common = pix_ip_to4(f->key.dst) ^ pix_ip_to4(f->key.src) ^
		     ((u32)f->key.sport << 16 | f->key.dport);
	u32 type = type_of(f) << 16, high = common ^ type ^ type >> 16;
	u32 low = common >> 16 | common << 16, hash = 0;

	for (u32 i = 0; i < 16; i++) {
		if (FDIR_BUCKET_KEY >> i & 1)
			hash ^= low >> i;
		if (FDIR_BUCKET_KEY >> (i + 16) & 1)
			hash ^= high >> i;
		if (!i)
			low ^= type ^ type << 16;
	}
	return hash & (BUCKETS - 1);
}

static u32 swap(u32 v)
{
	return __builtin_bswap32(v);
}

static void add(struct ixgbe *e, u32 slot, const struct port_flow *f)
{
	ixgbe_rd(e, IXGBE_FDIRFSTAT); /* failures of before */
	ixgbe_wr(e, IXGBE_FDIRIPSA, swap(pix_ip_to4(f->key.src)));
	ixgbe_wr(e, IXGBE_FDIRIPDA, swap(pix_ip_to4(f->key.dst)));
	ixgbe_wr(e, IXGBE_FDIRPORT, f->key.sport | (u32)f->key.dport << 16);
	ixgbe_wr(e, IXGBE_FDIRVLAN, 0);
	ixgbe_wr(e, IXGBE_FDIRHASH, bucket(f) | slot << FDIRHASH_INDEX_SHIFT);
	ixgbe_wr(e, IXGBE_FDIRCMD,
		 FDIRCMD_ADD | FDIRCMD_UPDATE | FDIRCMD_LAST | FDIRCMD_QUEUE_EN |
			 type_of(f) << FDIRCMD_TYPE_SHIFT | (u32)f->queue << FDIRCMD_QUEUE_SHIFT);
}

/* 0 no command is under way, -EAGAIN, -EIO the device does not end one: no more of them. */
static int idle(struct ixgbe *e)
{
	struct ixgbe_fdir *fd = &e->fdir;

	if (!(ixgbe_rd(e, IXGBE_FDIRCMD) & FDIRCMD_CMD)) {
		fd->tries = 0;
		return 0;
	}
	if (++fd->tries < TRIES)
		return -EAGAIN;
	fd->on = false;
	return -EIO;
}

int ixgbe_fdir_add(struct ixgbe *e, u32 slot, const struct port_flow *f)
{
	struct ixgbe_fdir *fd = &e->fdir;
	int err = idle(e);

	if (err)
		return err;
	if (fd->busy == slot + 1) { /* what came of it? */
		fd->busy = 0;
		return ixgbe_rd(e, IXGBE_FDIRFSTAT) & FDIRFSTAT_FADD ? -ENOSPC : 0;
	}
	if (fd->busy) /* somebody else's result is still to be fetched */
		return -EAGAIN;
	if (!(ixgbe_rd(e, IXGBE_FDIRFREE) & FDIRFREE_FREE))
		return -ENOSPC;
	add(e, slot, f);
	fd->busy = (u16)(slot + 1);
	return -EAGAIN;
}

int ixgbe_fdir_remove(struct ixgbe *e, u32 slot, const struct port_flow *f)
{
	struct ixgbe_fdir *fd = &e->fdir;
	int err = idle(e);

	if (err)
		return err;
	if (fd->busy == slot + 1) /* it is not wanted any more */
		fd->busy = 0;
	if (fd->busy)
		return -EAGAIN;
	ixgbe_wr(e, IXGBE_FDIRHASH, bucket(f) | slot << FDIRHASH_INDEX_SHIFT);
	ixgbe_wr(e, IXGBE_FDIRCMD, FDIRCMD_REMOVE);
	return 0; /* the next command waits for it */
}
