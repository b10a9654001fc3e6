// SPDX-License-Identifier: MIT
/* Statistics of the 82576 (8.18): those of all gigabit MACs, and packets and octets to and from the
 * host. */
#include "tools/nicsim/82576/n576.h"

enum { RPTHC = 0x4104, HGPTC = 0x4118, HGORC = 0x4128, HGOTC = 0x4130 };

void n576_count_rx(struct n576 *n, const u8 *frame, u32 len)
{
	nicsim_mac_rx(n->reg, frame, len);
	nicsim_mac_count(n->reg, RPTHC, 1);
	nicsim_mac_count64(n->reg, HGORC, len + 4);
}

void n576_count_tx(struct n576 *n, const u8 *frame, u32 len)
{
	nicsim_mac_tx(n->reg, frame, len);
	nicsim_mac_count(n->reg, HGPTC, 1);
	nicsim_mac_count64(n->reg, HGOTC, len + 4);
}
