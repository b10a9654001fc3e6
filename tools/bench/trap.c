// SPDX-License-Identifier: MIT
/*
 * trap: SIGSEGV, decoding of MOV, protection of pages (trap.h). Instruction formats: Intel SDM
 * volume 2, chapter 2.1 (ModRM, SIB, displacement) and 2.2.1 (REX).
 */
#include "tools/bench/trap.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "tools/bench/report.h"

enum {
	MOV_STORE = 0x89,
	MOV_LOAD = 0x8b,
	MOV_STORE_IMM = 0xc7,
	MOVD_LOAD = 0x6e, /* 66 0f 6e: to an XMM register */
	REX = 0x40,
	REX_W = 8,
	REX_R = 4,
	FAULT_WRITE = 2, /* page-fault error code */
};

static const struct trap *trapped;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

struct mov {
	bool store, immediate, vector, wide;
	uint32_t reg; /* as encoded, with REX.R */
	uint32_t value;
	uint32_t len; /* bytes of the instruction */
};

/* A 32-bit MOV between memory and a register or an immediate, a MOV of 64 bits or a MOVD from
 * memory; false: something else. */
static bool decode(const uint8_t *at, struct mov *m)
{
	const uint8_t *p = at;
	uint8_t rex = 0, op, modrm, mod;

	m->vector = *p == 0x66;
	p += m->vector;
	if ((*p & 0xf0) == REX)
		rex = *p++;
	if (m->vector && *p++ != 0x0f)
		return false;
	op = *p++;
	modrm = *p++;
	mod = modrm >> 6;
	m->wide = rex & REX_W;
	if (mod == 3 || (m->wide && (op != MOV_LOAD || m->vector)))
		return false;
	if ((modrm & 7) == 4 && (*p++ & 7) == 5 && mod == 0) /* SIB without a base */
		p += 4;
	if (mod == 1)
		p += 1;
	else if (mod == 2 || (mod == 0 && (modrm & 7) == 5))
		p += 4;
	m->reg = (modrm >> 3 & 7) | (rex & REX_R ? 8 : 0);
	m->store = op != MOV_LOAD && !m->vector;
	m->immediate = op == MOV_STORE_IMM;
	if (m->immediate) {
		memcpy(&m->value, p, sizeof(m->value));
		p += 4;
	}
	m->len = (uint32_t)(p - at);
	if (m->vector)
		return op == MOVD_LOAD;
	return op == MOV_LOAD || op == MOV_STORE || (m->immediate && !(modrm >> 3 & 7));
}

static greg_t *gpr(ucontext_t *uc, uint32_t reg)
{
	static const int place[16] = { REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP,
				       REG_RSI, REG_RDI, REG_R8,  REG_R9,  REG_R10, REG_R11,
				       REG_R12, REG_R13, REG_R14, REG_R15 };

	return &uc->uc_mcontext.gregs[place[reg]];
}

/* What the kernel restores at the return: the legacy area, and in the header behind it a bit that
 * says that SSE's part of it counts (SDM volume 1, 13.4). */
static void set_xmm(ucontext_t *uc, uint32_t reg, uint32_t v)
{
	enum { HEADER = 512, SSE = 2 };
	fpregset_t fp = uc->uc_mcontext.fpregs;

	memset(&fp->_xmm[reg], 0, sizeof(fp->_xmm[reg]));
	fp->_xmm[reg].element[0] = v;
	((uint8_t *)fp)[HEADER] |= SSE;
}

static const char *bytes(const uint8_t *at)
{
	static char text[40];

	for (unsigned i = 0; i < 12; i++)
		snprintf(text + 3 * i, 4, "%02x ", at[i]);
	return text;
}

static void serve(int sig, siginfo_t *si, void *context)
{
	ucontext_t *uc = context;
	greg_t *rip = &uc->uc_mcontext.gregs[REG_RIP];
	const struct trap *t = trapped;
	uint64_t off = (uint64_t)((const uint8_t *)si->si_addr - t->base);
	struct mov m;

	if (off >= t->size) {
		signal(sig, SIG_DFL);
		return; /* a fault of somebody else: again, and the end */
	}
	if (!decode((const uint8_t *)(uintptr_t)*rip, &m) || off % 4 ||
	    m.store != !!(uc->uc_mcontext.gregs[REG_ERR] & FAULT_WRITE))
		report_cannot("an access to register %llxh that is no MOV that is known: %s",
			      (unsigned long long)off, bytes((const uint8_t *)(uintptr_t)*rip));
	pthread_mutex_lock(&lock);
	if (m.store)
		t->write(t->arg, off, m.immediate ? m.value : (uint32_t)*gpr(uc, m.reg));
	else if (m.vector)
		set_xmm(uc, m.reg, t->read(t->arg, off));
	else if (m.wide)
		*gpr(uc, m.reg) =
			(greg_t)(t->read(t->arg, off) | (uint64_t)t->read(t->arg, off + 4) << 32);
	else
		*gpr(uc, m.reg) = t->read(t->arg, off);
	pthread_mutex_unlock(&lock);
	*rip += m.len;
}

void trap_make(struct trap *t)
{
	struct sigaction sa = { .sa_sigaction = serve, .sa_flags = SA_SIGINFO };
	void *p =
		mmap(NULL, t->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED || trapped)
		report_cannot("no addresses for registers");
	t->base = p;
	trapped = t;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGSEGV, &sa, NULL))
		report_cannot("no handler for SIGSEGV");
}

static void protect(const struct trap *t, int prot)
{
	if (mprotect(t->base, t->size, prot))
		report_cannot("pages of registers keep their protection");
}

void trap_open(const struct trap *t)
{
	protect(t, PROT_READ | PROT_WRITE);
}

void trap_close(const struct trap *t)
{
	protect(t, PROT_NONE);
}
