// SPDX-License-Identifier: MIT
/*
 * The device as the attacker of its driver. Whatever it does, the driver reads and writes within
 * its own memory and what a device wrote (ASan), hands up nothing longer than a buffer, gives no
 * buffer away twice (the pool looks), does not wait for ever (libFuzzer's time-out), and when the
 * device is reset from outside it stops and every buffer is back.
 */
#include "tests/fuzz/nic.h"

enum { MS = 1000000, OPS_MAX = 200 };

static struct {
	u64 mask;
	u32 left; /* reads that it is in force */
	bool set; /* instead of: exclusive or */
} lie;

static u64 spoil(u32 bar, u64 off, u64 v)
{
	(void)bar;
	(void)off;
	if (!lie.left)
		return v;
	lie.left--;
	return lie.set ? lie.mask : v ^ lie.mask;
}

/* What a QGM or the operator may call besides. */
static void call(struct fuzz_in *in)
{
	struct port *p = rig.port;
	u32 q = in8(in) % fuzz_queues();

	if (p->state != PORT_RUNNING)
		return;
	switch (in8(in) % 4) {
	case 0:
		if (p->ops->arm)
			p->ops->arm(p, q, in8(in) & 1);
		break;
	case 1:
		if (p->ops->room)
			(void)p->ops->room(p, q);
		break;
	case 2:
		if (p->regs.count && !p->regs.table[in8(in) % p->regs.count].clears)
			(void)p->ops->read_reg(p, in8(in) % p->regs.count);
		break;
	default:
		p->ops->step(p, rig.now);
		break;
	}
}

static void operation(struct fuzz_in *in)
{
	switch (in8(in) % 12) {
	case 0:
		for (u32 n = 1 + in8(in) % 32; n; n--)
			fuzz_turn(MS);
		break;
	case 1:
		fuzz_turn(in16(in));
		break;
	case 2:
	case 3:
		fuzz_inject(in);
		break;
	case 4:
		fuzz_send(in8(in) % fuzz_queues(), in16(in));
		break;
	case 5:
	case 6:
		fuzz_scribble(in);
		break;
	case 7:
		lie.set = in8(in) & 1;
		lie.left = in8(in);
		lie.mask = in32(in);
		break;
	case 8: {
		u8 which = in8(in), count = in8(in);

		fuzz_fault(which, count == 255 ? ~0ull : count, in16(in));
		break;
	}
	case 9:
		rig.model->link = in8(in) & 1;
		break;
	case 10:
		if (in8(in) & 1)
			fuzz_plug(in8(in) & 1);
		else
			fuzz_restart(in8(in) & 1);
		break;
	default:
		call(in);
		break;
	}
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);
int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct fuzz_in in = { data, size };

	lie.left = 0;
	fuzz_begin(&in);
	rig.spoil = spoil;
	for (u32 n = 0; in.n && n < OPS_MAX; n++)
		operation(&in);
	fuzz_end();
	return 0;
}
