// SPDX-License-Identifier: MIT
/*
 * Malicious-driver detection: a descriptor that no correct driver writes stops its queue, is
 * recorded (first event only, until the driver clears it) and raises ICR0.MAL_DETECT. Each is also
 * an error of the driver. The numbers of events are this model's own.
 *
 * Data sheet 332464: 7.13 (malicious driver detection), 10.2.2.25.
 */
#include "tools/nicsim/xl710/xl710.h"

enum {
	GL_MDET_TX = 0x0e6480,
	PF_MDET_TX = 0x0e6400,
	GL_MDET_RX = 0x12a510,
	PF_MDET_RX = 0x12a400,
};
#define VALID (1u << 31)

void xl710_mdd_tx(struct xl710 *x, u32 q, u32 event)
{
	if (q >= XL710_QUEUES)
		return;
	x->txq[q].stopped = true;
	if ((XR(x, GL_MDET_TX) & VALID) == 0)
		XR(x, GL_MDET_TX) = VALID | event << 25 | q; /* PF 0 */
	XR(x, PF_MDET_TX) = 1;
	xl710_cause(x, XL710_ICR0_MDET);
}

void xl710_mdd_rx(struct xl710 *x, u32 q, u32 event)
{
	if (q >= XL710_QUEUES)
		return;
	x->rxq[q].on = false;
	if ((XR(x, GL_MDET_RX) & VALID) == 0)
		XR(x, GL_MDET_RX) = VALID | q << 17 | event << 8;
	XR(x, PF_MDET_RX) = 1;
	xl710_cause(x, XL710_ICR0_MDET);
}
