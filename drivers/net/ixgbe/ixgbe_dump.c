// SPDX-License-Identifier: MIT
/* Registers of the 82599 by name, one access a call. Owner QGM. */
#include "drivers/net/ixgbe/ixgbe.h"

enum { RW, RO, RC, W1 };

#define R(n, off, access)                      \
	{                                      \
		n, (off), 4, 0, (access) == RC \
	}
#define R8(n, off, stride)                                                                       \
	R(n "0", (off), RW), R(n "1", (off) + (stride), RW), R(n "2", (off) + 2 * (stride), RW), \
		R(n "3", (off) + 3 * (stride), RW), R(n "4", (off) + 4 * (stride), RW),          \
		R(n "5", (off) + 5 * (stride), RW), R(n "6", (off) + 6 * (stride), RW),          \
		R(n "7", (off) + 7 * (stride), RW)
#define Q(name) R8(#name, IXGBE_##name, IXGBE_STRIDE_##name)

/* Reading SWSM takes the semaphore: it is listed without a value. */
static const struct port_reg table[] = {
#define ONE(name, access) R(#name, IXGBE_##name, access)
	ONE(CTRL, RW),
	ONE(STATUS, RO),
	ONE(CTRL_EXT, RW),
	ONE(ESDP, RW),
	ONE(I2CCTL, RW),
	ONE(EICR, RC),
	ONE(EIAC, RW),
	ONE(EIMS, RW),
	ONE(EIAM, RW),
	ONE(GPIE, RW),
	ONE(IVAR_MISC, RW),
	ONE(RDRXCTL, RW),
	ONE(RXCTRL, RW),
	ONE(FCRTV, RW),
	ONE(FCCFG, RW),
	ONE(HLREG0, RW),
	ONE(MAXFRS, RW),
	ONE(MFLCN, RW),
	ONE(AUTOC, RW),
	ONE(LINKS, RO),
	ONE(AUTOC2, RW),
	ONE(RTTDCS, RW),
	ONE(DMATXCTL, RW),
	ONE(RXCSUM, RW),
	ONE(RFCTL, RW),
	ONE(FCTRL, RW),
	ONE(VLNCTRL, RW),
	ONE(MCSTCTRL, RW),
	ONE(MRQC, RW),
	ONE(DTXMXSZRQ, RW),
	ONE(MTQC, RW),
	ONE(SECRXCTRL, RW),
	ONE(SECRXSTAT, RO),
	ONE(FDIRCTRL, RW),
	ONE(EEC, RW),
	ONE(EERD, RW),
	ONE(SWSM, RC),
	ONE(FWSM, RO),
	ONE(SW_FW_SYNC, RW),
	ONE(GCR_EXT, RW),
	Q(RDBAL),
	Q(RDBAH),
	Q(RDLEN),
	Q(RDH),
	Q(RDT),
	Q(SRRCTL),
	Q(RXDCTL),
	Q(DCA_RXCTRL),
	Q(TDBAL),
	Q(TDBAH),
	Q(TDLEN),
	Q(TDH),
	Q(TDT),
	Q(TXDCTL),
	Q(TDWBAL),
	Q(TDWBAH),
	Q(EITR),
	Q(IVAR),
	Q(FCRTL),
	Q(FCRTH),
	Q(RXPBSIZE),
	Q(TXPBSIZE),
	Q(TXPBTHRESH),
	Q(RETA),
	R8("RETA1.", IXGBE_RETA + 32, 4),
	R8("RETA2.", IXGBE_RETA + 64, 4),
	R8("RETA3.", IXGBE_RETA + 96, 4),
	Q(FTQF),
	Q(SAQF),
	Q(DAQF),
	Q(SDPQF),
	Q(L34TIMIR),
	R("RAL0", IXGBE_RAL, RW),
	R("RAH0", IXGBE_RAH, RW),
#undef ONE
};

int ixgbe_dump_init(struct port *p)
{
	return port_regs_alloc(p, table, ARRAY_SIZE(table));
}

u64 ixgbe_read_reg(struct port *p, u32 i)
{
	const struct ixgbe *e = p->priv;

	return mmio_rd32(&e->regs, table[i].off);
}
