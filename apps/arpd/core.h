// SPDX-License-Identifier: MIT
/*
 * arpd without its descriptors: messages in, frames and engine operations out through two
 * functions. The daemon (main.c) and the unit tests both drive it.
 */
#pragma once

#include <pix/dev.h>

#include "apps/arpd/iface.h"
#include "apps/arpd/nd_packet.h"
#include "apps/arpd/packet.h"
#include "apps/arpd/table.h"

/* What happened, counted by name; shown by "show arp counters". */
#define ARPD_COUNTERS(X)                                                                          \
	X(rx)             /* ARP frames received */                                               \
	X(rx_request)     /* good requests */                                                     \
	X(rx_reply)       /* good replies */                                                      \
	X(rx_unknown_if)  /* frame or miss of an interface that we do not know or that is down */ \
	X(rx_own)         /* our own frame came back */                                           \
	X(rx_not_ours)    /* request for somebody else */                                         \
	X(rx_unsolicited) /* reply without a question */                                          \
	X(rx_off_link)    /* sender's address is not in the interface's subnets */                \
	X(tx_request)     /* requests sent */                                                     \
	X(tx_reply)       /* replies sent */                                                      \
	X(tx_announce)    /* probes and announcements of own addresses */                         \
	X(nd_rx)          /* neighbour discovery frames received */                               \
	X(nd_rx_solicit)  /* good neighbour solicitations */                                      \
	X(nd_rx_advert)   /* good neighbour advertisements */                                     \
	X(nd_rx_router_solicit)                                                                   \
	X(nd_rx_router_advert) /* of other routers */                                             \
	X(nd_rx_redirect)      /* ignored: we are a router (RFC 4861 8.2) */                      \
	X(nd_tx_solicit)       /* neighbour solicitations sent */                                 \
	X(nd_tx_advert)        /* neighbour advertisements sent */                                \
	X(nd_tx_router_advert)                                                                    \
	X(dad_started)   /* addresses probed */                                                   \
	X(dad_duplicate) /* addresses found to be somebody else's */                              \
	X(tx_error)      /* the kernel refused a frame */                                         \
	X(rate_limited)  /* requests not sent, over the interface's rate */                       \
	X(no_source)     /* requests not sent, no own address is valid yet */                     \
	X(miss)          /* packets of the engine that wait for a neighbour */                    \
	X(gateway)       /* gateways of routes asked for without a packet that waits */           \
	X(miss_off_link) /* asked for an address that cannot be a neighbour */                    \
	X(published)     /* neighbours told to the engine */                                      \
	X(withdrawn)     /* neighbours taken back */                                              \
	X(failed)        /* neighbours that did not answer */                                     \
	X(evicted)       /* neighbours dropped for newer ones */                                  \
	X(table_full)    /* no room for a neighbour */                                            \
	X(flap)          /* MAC changed again within a second, ignored */                         \
	X(conflict)      /* somebody else uses an own address */                                  \
	X(engine_error)  /* the engine refused an operation */                                    \
	X(bad_message)   /* malformed message of the kernel */

struct arpd_counters {
#define X(name) u64 name;
	ARPD_COUNTERS(X)
#undef X
	u64 bad[ARP_BAD_COUNT];   /* by enum arp_bad */
	u64 nd_bad[ND_BAD_COUNT]; /* by enum nd_bad */
};

struct arpd_io {
	/* Sends a frame of n bytes on an interface. 0 or -errno. */
	int (*send)(void *ctx, u16 ifid, const u8 *frame, size_t n);
	/* One engine operation (NEIGH_SET, _DEL, _FAIL); the daemon may gather them. */
	void (*engine)(void *ctx, enum pix_op_kind kind, u16 ifid, struct pix_ip addr,
		       const u8 *mac);
	/* What became of an own address (ADDR_STATE): enum pix_addr_state. */
	void (*addr_state)(void *ctx, u16 ifid, struct pix_ip addr, u8 state);
	/* A line for the log. */
	void (*log)(void *ctx, const char *text);
	void *ctx;
};

struct arpd {
	struct arpd_io io;
	struct table table;
	struct ifaces ifaces;
	struct arpd_counters count;
	u64 next_due; /* ms: no timer before; 0: none */
	u32 seed;
};

void arpd_init(struct arpd *a, const struct arpd_io *io, u32 seed);
/* One message of /dev/pix/neigh, n bytes with its header. IF_CHANGE is the daemon's to answer. */
void arpd_message(struct arpd *a, const struct pix_neigh_msg *m, size_t n, u64 now);
/* The engine waits for addr on ifid. */
void arpd_miss(struct arpd *a, u16 ifid, struct pix_ip addr, u64 now);
/* A route's gateway that the engine has not resolved: asked for without a packet that waits. */
void arpd_gateway(struct arpd *a, u16 ifid, struct pix_ip addr, u64 now);
/* One received frame: ARP, or neighbour discovery. */
void arpd_arp_frame(struct arpd *a, u16 ifid, const u8 *frame, size_t n, u64 now);
void arpd_nd_frame(struct arpd *a, u16 ifid, const u8 *frame, size_t n, u64 now);
/* An interface as the kernel lists it, after a change or at start. */
void arpd_iface(struct arpd *a, const struct pix_iface *is, u64 now);
/* An interface that is no longer listed. */
void arpd_iface_gone(struct arpd *a, u16 ifid, u64 now);
/* A neighbour that the engine has from a former life of ours: kept, and confirmed soon. */
void arpd_adopt(struct arpd *a, const struct pix_neigh *n, u64 now);
/* Forgets one neighbour (addr none: all, ifid 0: of all interfaces). Returns how many. */
unsigned arpd_clear(struct arpd *a, u16 ifid, struct pix_ip addr);
/* Runs what is due. Returns ms until the next deadline, -1 without any. */
int arpd_timers(struct arpd *a, u64 now);
/* The daemon ends in good order: hosts learn that this router goes (RFC 4861 6.2.5). */
void arpd_stop(struct arpd *a, u64 now);
