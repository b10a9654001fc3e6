// SPDX-License-Identifier: MIT
/*
 * Commands of the XL710's admin queue, "Intel Ethernet Controller X710/XXV710/XL710 Datasheet"
 * 332464, 7.10; numbers and layouts were compared with Linux's i40e_adminq_cmd.h and DPDK's.
 * Everything is little-endian.
 */
#pragma once

#include "qgm/compiler.h"

/* 7.10.5.2: one command, its answer, or an event. */
struct i40e_aq_desc {
	u16 flags, opcode;
	u16 datalen;
	u16 retval;
	u32 cookie[2];
	u32 param[4]; /* with a buffer: param[2] and [3] are its address, high and low */
};
_Static_assert(sizeof(struct i40e_aq_desc) == 32, "7.10.5.2");

enum {
	AQ_FLAG_DD = 1 << 0,
	AQ_FLAG_CMP = 1 << 1,
	AQ_FLAG_ERR = 1 << 2,
	AQ_FLAG_LB = 1 << 9,   /* buffer of more than 512 bytes */
	AQ_FLAG_RD = 1 << 10,  /* firmware reads the buffer */
	AQ_FLAG_BUF = 1 << 12, /* there is a buffer */
	AQ_FLAG_SI = 1 << 13,  /* no interrupt */
	AQ_LARGE_BUF = 512,
};

enum i40e_aq_retval {
	AQ_RC_OK = 0,
	AQ_RC_EAGAIN = 8,
	AQ_RC_EBUSY = 12,
};

enum i40e_aq_opcode {
	AQ_GET_VERSION = 0x0001,
	AQ_QUEUE_SHUTDOWN = 0x0003,
	AQ_LIST_FUNC_CAPABILITIES = 0x000a,
	AQ_MAC_ADDRESS_READ = 0x0107,
	AQ_CLEAR_PXE_MODE = 0x0110,
	AQ_GET_SWITCH_CONFIG = 0x0200,
	AQ_RX_CTL_REG_READ = 0x0206,
	AQ_RX_CTL_REG_WRITE = 0x0207,
	AQ_UPDATE_VSI_PARAMETERS = 0x0211,
	AQ_GET_VSI_PARAMETERS = 0x0212,
	AQ_SET_VSI_PROMISCUOUS = 0x0254,
	AQ_SET_MAC_CONFIG = 0x0603,
	AQ_SET_LINK_RESTART_AN = 0x0605,
	AQ_GET_LINK_STATUS = 0x0607,
	AQ_SET_PHY_INT_MASK = 0x0613,
	AQ_GET_PHY_REGISTER = 0x0629,
	AQ_LLDP_STOP = 0x0a05,
	AQ_EVENT_LAN_OVERFLOW = 0x1001,
};

/* 0x000a: elements of 32 bytes. */
struct i40e_aq_capability {
	u16 id;
	u8 major, minor;
	u32 number, logical_id, phys_id;
	u8 reserved[16];
};
enum { CAP_RXQ = 0x41, CAP_TXQ = 0x42, CAP_MSIX = 0x43 };

/* 0x0107 */
enum { MAC_LAN_VALID = 0x10 };
struct i40e_aq_mac_data {
	u8 lan[6], san[6], port[6], wol[6];
};

/* 0x0200: a header of 16 bytes, then elements. */
struct i40e_aq_switch_element {
	u8 type, revision;
	u16 seid, uplink_seid, downlink_seid;
	u8 reserved[3], connection;
	u16 scheduler_id, info;
};
_Static_assert(sizeof(struct i40e_aq_switch_element) == 16, "7.4.9.5.3");
enum { SWITCH_ELEMENT_VSI = 19 };

/* 0x0211, 0x0212: properties of a station. */
struct i40e_aq_vsi {
	u16 valid_sections;
	u16 switch_id;
	u8 sw_reserved[2];
	u8 sec_flags, sec_reserved;
	u16 pvid, outer_vlan;
	u8 port_vlan_flags, outer_vlan_flags, pvlan_reserved[2];
	u32 ingress_table, egress_table;
	u16 cas_pv_tag;
	u8 cas_pv_flags, cas_pv_reserved;
	u16 mapping_flags, queue_mapping[16], tc_mapping[8];
	u8 queueing_flags, queueing_reserved[3];
	u8 up_enable_bits, sched_reserved;
	u32 outer_up_table;
	u8 cmd_reserved[8];
	/* Written by firmware. */
	u16 qs_handle[8];
	u16 stat_counter_idx, sched_id;
	u8 resp_reserved[12];
} __attribute__((packed));
_Static_assert(sizeof(struct i40e_aq_vsi) == 128, "7.4.9.5.5.1");
enum {
	VSI_SWITCH_VALID = 1 << 0,
	VSI_SECURITY_VALID = 1 << 1,
	VSI_VLAN_VALID = 1 << 2,
	VSI_QUEUE_MAP_VALID = 1 << 6,
	VSI_VLAN_MODE_ALL = 3,        /* tagged and untagged */
	VSI_VLAN_EMOD_NOTHING = 0x18, /* tags stay in the frame */
	VSI_TC_QUEUES_SHIFT = 9,      /* log2 of the number */
	VSI_NUMBER = 0x1ff,           /* upper half of param[0] of the answer */
};

/* 0x0254: bits of both halves of param[0] */
enum {
	PROMISC_UNICAST = 1 << 0,
	PROMISC_MULTICAST = 1 << 1,
	PROMISC_BROADCAST = 1 << 2,
	PROMISC_VLAN = 1 << 4,
	PROMISC_RX_ONLY = 1 << 15,
};

enum { MAC_CONFIG_CRC_EN = 0x04 }; /* 0x0603, third byte */
enum { AN_RESTART = 0x02, AN_LINK_ENABLE = 0x04 };
enum { LSE_ENABLE = 0x3 };
enum { LINK_UP = 1 << 0, LINK_MEDIA_AVAILABLE = 1 << 6, AN_QUALIFIED_MODULE = 1 << 7 };
enum { EVENT_LINK_UPDOWN = 1 << 1, EVENT_MEDIA_NA = 1 << 2, EVENT_MODULE_QUAL_FAIL = 1 << 8 };
enum { LLDP_SHUTDOWN = 1 };
enum { PHY_EXTERNAL_MODULE = 2, PHY_KEEP_PAGE = 1 }; /* 0x0629 */

/* 0x0607, answer and event alike: bytes of param[]. */
struct i40e_aq_link {
	u16 flags;
	u8 phy_type, speed, info, an_info, ext_info, loopback;
	u16 frame_max;
	u8 config, power[5];
};
_Static_assert(sizeof(struct i40e_aq_link) == 16, "7.10.7.2.4");
