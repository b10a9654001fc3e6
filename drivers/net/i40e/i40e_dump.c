// SPDX-License-Identifier: MIT
/* Registers of the XL710 by name, one access a call. Owner QGM. */
#include "drivers/net/i40e/i40e.h"

#define R(n, off, rc)                \
	{                            \
		n, (off), 4, 0, (rc) \
	}
#define ONE(name) R(#name, I40E_##name, false)
#define R8(n, off, stride)                                                                    \
	R(n "0", (off), false), R(n "1", (off) + (stride), false),                            \
		R(n "2", (off) + 2 * (stride), false), R(n "3", (off) + 3 * (stride), false), \
		R(n "4", (off) + 4 * (stride), false), R(n "5", (off) + 5 * (stride), false), \
		R(n "6", (off) + 6 * (stride), false), R(n "7", (off) + 7 * (stride), false)
#define Q(name) R8(#name, I40E_##name, I40E_STRIDE_##name)

/* Reading PFINT_ICR0 clears its causes: it is listed without a value. */
static const struct port_reg table[] = {
	R("PFINT_ICR0", I40E_PFINT_ICR0, true),
	ONE(PFINT_ICR0_ENA),
	ONE(PFINT_DYN_CTL0),
	ONE(PFINT_LNKLST0),
	ONE(GLINT_CTL),
	ONE(PF_ATQBAL),
	ONE(PF_ATQBAH),
	ONE(PF_ATQLEN),
	ONE(PF_ATQH),
	ONE(PF_ATQT),
	ONE(PF_ARQBAL),
	ONE(PF_ARQBAH),
	ONE(PF_ARQLEN),
	ONE(PF_ARQH),
	ONE(PF_ARQT),
	ONE(PFGEN_CTRL),
	ONE(PF_FUNC_RID),
	ONE(GLNVM_ULD),
	ONE(GLGEN_RSTCTL),
	ONE(GLGEN_RSTAT),
	ONE(PFHMC_ERRORINFO),
	ONE(PFHMC_ERRORDATA),
	ONE(GLHMC_LANTXOBJSZ),
	ONE(GLHMC_LANQMAX),
	ONE(GLHMC_LANRXOBJSZ),
	ONE(GL_MDET_TX),
	ONE(GL_MDET_RX),
	ONE(PF_MDET_TX),
	ONE(PF_MDET_RX),
	ONE(PFLAN_QALLOC),
	ONE(PFGEN_PORTNUM),
	ONE(PFQF_CTL_0),
	ONE(PFQF_FDALLOC),
	ONE(PFQF_FDSTAT),
	Q(QRX_ENA),
	Q(QRX_TAIL),
	Q(QTX_ENA),
	Q(QTX_CTL),
	Q(QTX_HEAD),
	Q(QTX_TAIL),
	Q(QINT_RQCTL),
	Q(QINT_TQCTL),
	Q(PFINT_ITRN),
	Q(PFINT_DYN_CTLN),
	Q(PFINT_LNKLSTN),
	R("PFQF_HENA0", I40E_PFQF_HENA, false),
	R("PFQF_HENA1", I40E_PFQF_HENA + I40E_STRIDE_PFQF_HENA, false),
	R8("PFQF_HLUT", I40E_PFQF_HLUT, I40E_STRIDE_PFQF_HLUT),
	R8("PFQF_HKEY", I40E_PFQF_HKEY, I40E_STRIDE_PFQF_HKEY),
};

int i40e_dump_init(struct port *p)
{
	return port_regs_alloc(p, table, ARRAY_SIZE(table));
}

u64 i40e_read_reg(struct port *p, u32 i)
{
	const struct i40e *e = p->priv;

	return mmio_rd32(&e->regs, table[i].off);
}
