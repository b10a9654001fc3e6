// SPDX-License-Identifier: MIT
/* What becomes of one frame. */
#include "tests/unit/re/fates.h"

#include "qgm/drop.h"

static void one(u16 port, const void *frame, u16 len, enum fate_kind kind)
{
	fake_forget();
	fake_rx(port, frame, len);
	assert_int_equal(fate_count, 1);
	assert_int_equal(fates[0].kind, kind);
}

u32 fate_drops(void)
{
	u32 n = 0;

	for (u32 i = 0; i < DROP_COUNT; i++)
		n += fake_drops(i);
	return n;
}

void fate_dropped(u16 port, const void *frame, u16 len, enum drop_reason why)
{
	u32 before = fake_drops(why), all = fate_drops();

	one(port, frame, len, FATE_DROP);
	assert_string_equal(drop_infos[fates[0].why].name, drop_infos[why].name);
	assert_int_equal(fake_drops(why), before + 1);
	assert_int_equal(fate_drops(), all + 1);
}

void fate_punted(u16 port, const void *frame, u16 len, enum pix_punt_class cls)
{
	one(port, frame, len, FATE_PUNT);
	assert_int_equal(fates[0].why, cls);
	assert_int_equal(fates[0].len, len);
}

u16 fate_forwarded(u16 port, const void *frame, u16 len)
{
	one(port, frame, len, FATE_OUT);
	return fates[0].out_port;
}
