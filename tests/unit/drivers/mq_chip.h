// SPDX-License-Identifier: MIT
/*
 * What the tests of drivers with several queues share: the chip that is tested, as the program says
 * (chip_*.c), the tests that all chips pass alike (mq_suite.c, mq_flows.c).
 */
#pragma once

#include "tests/unit/drivers/model_nicsim.h"
#include "tests/unit/drivers/mq.h"
#include "tests/unit/unit.h"

struct mq_chip {
	const char *name, *spec; /* of nicsim */
	const struct net_driver *driver;
	u16 vendor, device;
	u32 ring; /* descriptors */
	u32 speed_mbps;
	u32 first_vector; /* MSI-X entry of queue 0 */
	u32 queues;       /* pairs, 0: FLOW_QUEUES */
	u32 frame_max;    /* without FCS and with MTU 1500, 0: 1522 */
	u32 mtu_max;      /* 0: PORT_MTU_JUMBO */
	bool no_udp;      /* UDP is spread by addresses */
	bool no_ecc;      /* tells nothing of its memory */
	u32 vectors;      /* for queues, 0: one for each */
	/* A virtual function: it gets what is for its address and groups; what is lost before its
	 * rings is its host's to count. */
	bool guest;
	/* Filters of the NIC can match a rule of IPv4 and UDP or TCP with these fields open. */
	bool (*matches)(u8 open);
};
extern const struct mq_chip chip;

enum { CHIP_BUFFERS = 8192, FLOW_QUEUES = 8, FLOW_RETA = 128 };

static inline u32 chip_queues(void)
{
	return chip.queues ? chip.queues : FLOW_QUEUES;
}

static inline u32 chip_frame_max(void)
{
	return chip.frame_max ? chip.frame_max : 1522;
}

static inline u32 chip_mtu_max(void)
{
	return chip.mtu_max ? chip.mtu_max : PORT_MTU_JUMBO;
}

static inline struct mq_setup chip_setup_of(u32 queues, bool jumbo)
{
	return (struct mq_setup){ .model = chip.guest ? model_nicsim_vf(chip.spec)
						      : model_nicsim(chip.spec),
				  .driver = chip.driver,
				  .vendor = chip.vendor,
				  .device = chip.device,
				  .queues = queues,
				  .buffers = CHIP_BUFFERS,
				  .jumbo = jumbo,
				  .irq = true };
}

static inline void chip_begin(u32 queues, bool jumbo)
{
	struct mq_setup s = chip_setup_of(queues, jumbo);

	mq_begin(&s);
	/* What a firmware said to its neighbours before it was told to be silent. */
	while (rig_sent())
		;
}

/* A frame that is no IP, to the port: the hash does not see it, queue 0 gets it. */
static inline void chip_fill(u8 *f, u32 len, u32 seed)
{
	frame_fill(f, len, seed);
	if (chip.guest)
		memcpy(f, rig.port->mac, 6);
}

static inline bool chip_inject(u32 len, u32 seed)
{
	static u8 f[16384];

	chip_fill(f, len, seed);
	return rig.model->inject(rig.model, f, len);
}

static inline bool chip_is(const u8 *f, u32 len, u32 seed)
{
	static u8 want[16384];

	chip_fill(want, len, seed);
	return !memcmp(f, want, len);
}

/* The same on its way out: a switch inside of the device would keep what is for one of its own. */
static inline void chip_forward(u8 *f)
{
	if (!chip.guest)
		return;
	memcpy(f, (const u8[]){ 2, 0, 0, 0, 0, 1 }, 6);
	memcpy(f + 6, rig.port->mac, 6);
}

static inline bool chip_is_forwarded(const u8 *f, u32 len, u32 seed)
{
	static u8 want[16384];

	chip_fill(want, len, seed);
	chip_forward(want);
	return !memcmp(f, want, len);
}

/* mq_setup.c: a port of one, two and all queue pairs for cmocka; its end. */
int chip_setup1(void **state);
int chip_setup2(void **state);
int chip_setup_all(void **state);
int chip_teardown(void **state);

/* mq_suite.c: the tests; one frame of `len` bytes in and out again. */
int mq_suite_run(void);
void mq_through(u32 queue, u32 len);

/* mq_shown.c: the tests; a statistics register, a register; read all of them that change nothing;
 * frames of 60 to 1059 bytes in and out, and a second; what Intel's counters then say of bytes. */
int mq_shown_run(void);
u64 mq_stat(const char *name);
u64 mq_reg(const char *name);
void mq_read_registers(void);
void mq_thousand(void);
void mq_thousand_bytes(void);

/* mq_flows.c: the tests; some flow; its hash; the queue that a frame of it is received by. */
int mq_flows_run(void);
struct mq_flow mq_flow_random(void);
u32 mq_flow_hash(const struct mq_flow *f);
u32 mq_flow_queue(const struct mq_flow *f);

/* mq_rules.c: how many of eight random flows, each with a rule, do not come to their rule's queue.
 */
u32 mq_rules_missed(void);

/* mq_rules.c: the tests; a rule for the flow; put it into a slot, or NULL, and wait for it. */
int mq_rules_run(void);
struct port_flow mq_rule(const struct mq_flow *f, u8 open, u32 queue);
int mq_set_rule(u32 slot, const struct port_flow *f);
