// SPDX-License-Identifier: MIT
/*
 * peer: DPDK 22.11 behind functions of plain types, since its headers and ours do not go into one
 * file. All peers have the shape of bench_fn: do about so many units of work, return how many.
 * Objects are made once and live until the end of the program.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Start the EAL on `core` with `memory_mb`, in 2 MiB pages when that many are free, and with the
 * virtual devices of `vdevs` (NULL-terminated, may be NULL). Returns a word for people about the
 * pages. Exits 2 when it cannot.
 */
const char *peer_start(unsigned core, unsigned memory_mb, const char *const *vdevs);

/* The same with the PCI device at `address` alone. */
const char *peer_start_pci(unsigned core, unsigned memory_mb, const char *address);

/* The calling thread becomes an EAL thread of its own (memory pools then cache for it). */
void peer_thread(void);

/* --- rings and pools: peer_ring.c --- */
struct peer_ring;
struct peer_ring *peer_ring_create(unsigned slots, bool multi, unsigned bulk);
uint64_t peer_ring_pass(void *ring, uint64_t objects); /* enqueue and dequeue on this core */
uint64_t peer_ring_produce(void *ring, uint64_t objects);
uint64_t peer_ring_consume(void *ring, uint64_t objects);

void *peer_pool_create(unsigned objects, unsigned object_bytes, unsigned cache, unsigned bulk);
uint64_t peer_pool_getput(void *pool, uint64_t objects);
void *peer_mbufs_create(unsigned objects, unsigned cache, unsigned bulk);
uint64_t peer_mbufs_getput(void *pool, uint64_t objects);

/* --- longest-prefix match: peer_lpm.c --- */
enum peer_lpm_kind {
	PEER_LPM,
	PEER_FIB_2B_SCALAR,
	PEER_FIB_2B_AVX512,
	PEER_FIB_4B_SCALAR,
	PEER_FIB_4B_AVX512,
	PEER_LPM_KINDS
};

struct peer_lpm;
const char *peer_lpm_name(enum peer_lpm_kind kind);

/* NULL: this kind does not run here. Next hops are 1..255. */
struct peer_lpm *peer_lpm_create(enum peer_lpm_kind kind, unsigned routes);

/* The same tables looked up in another way (AVX-512 or scalar); NULL: does not run here. */
struct peer_lpm *peer_lpm_alias(const struct peer_lpm *of, enum peer_lpm_kind kind);
bool peer_lpm_add(struct peer_lpm *l, uint32_t prefix, unsigned len, uint32_t nh);
bool peer_lpm_del(struct peer_lpm *l, uint32_t prefix, unsigned len);
/* Before a run of lookups through an alias. */
void peer_lpm_select(const struct peer_lpm *l);
/* 0: no route. */
void peer_lpm_lookup(const struct peer_lpm *l, const uint32_t *dst, uint32_t *nh, unsigned n);
/* The timed form: a burst of at most 64 (a multiple of 4), answers as the peer gives them. */
uint32_t peer_lpm_burst(const struct peer_lpm *l, const uint32_t *dst, unsigned n);
/* Dependent lookups: the next address depends on the last answer. */
uint32_t peer_lpm_chain(const struct peer_lpm *l, const uint32_t *dst, unsigned n);
/* All that it allocated, and the arrays that lookups read alone. */
uint64_t peer_lpm_bytes(const struct peer_lpm *l);
uint64_t peer_lpm_table_bytes(const struct peer_lpm *l);
void peer_lpm_free(struct peer_lpm *l);

/* rte_lpm adds a route by a search through all routes of its length: two to three minutes for the
 * full table. So what its lookups read is kept in a file for the other benchmarks of the run.
 * `key` tells the routes; false: no such file of these routes, or it cannot be written. No routes
 * can be added to a table that was loaded. */
bool peer_lpm_save(const struct peer_lpm *l, const char *path, uint64_t key);
bool peer_lpm_load(struct peer_lpm *l, const char *path, uint64_t key);

enum peer_lpm6_kind { PEER_LPM6, PEER_FIB6_SCALAR, PEER_FIB6_AVX512, PEER_LPM6_KINDS };

struct peer_lpm6;
const char *peer_lpm6_name(enum peer_lpm6_kind kind);
struct peer_lpm6 *peer_lpm6_create(enum peer_lpm6_kind kind, unsigned routes, unsigned tbl8);
struct peer_lpm6 *peer_lpm6_alias(const struct peer_lpm6 *of, enum peer_lpm6_kind kind);
bool peer_lpm6_add(struct peer_lpm6 *l, const uint8_t *prefix, unsigned len, uint32_t nh);
bool peer_lpm6_del(struct peer_lpm6 *l, const uint8_t *prefix, unsigned len);
void peer_lpm6_lookup(const struct peer_lpm6 *l, const uint8_t (*dst)[16], uint32_t *nh,
		      unsigned n);
void peer_lpm6_select(const struct peer_lpm6 *l);
uint32_t peer_lpm6_burst(const struct peer_lpm6 *l, const uint8_t (*dst)[16], unsigned n);
uint64_t peer_lpm6_bytes(const struct peer_lpm6 *l);
uint64_t peer_lpm6_table_bytes(const struct peer_lpm6 *l);

/* --- hash table: peer_hash.c --- */
struct peer_hash;
struct peer_hash *peer_hash_create(unsigned entries);
bool peer_hash_add(struct peer_hash *h, uint64_t key, uint32_t value);
/* Values of n keys, UINT32_MAX for an unknown one. */
void peer_hash_lookup(const struct peer_hash *h, const uint64_t *keys, uint32_t *values,
		      unsigned n);
/* One at a time. */
uint32_t peer_hash_lookup1(const struct peer_hash *h, uint64_t key);

/* --- RSS: peer_thash.c --- */
enum peer_thash_kind { PEER_SOFTRSS_BE, PEER_THASH_GFNI, PEER_THASH_GFNI_BULK };
/* False: does not run here. */
bool peer_thash_init(enum peer_thash_kind kind, const uint8_t *key40);
/* At most 32 tuples of `len` bytes (12 or 36) in network order, `stride` apart. */
void peer_thash(enum peer_thash_kind kind, const uint8_t *tuples, unsigned stride, unsigned len,
		uint32_t *hash, unsigned n);

/* --- forwarding between null ports: peer_fwd.c --- */
enum peer_fwd_kind { PEER_FWD_MACSWAP, PEER_FWD_IO };
struct peer_fwd;
/* Ports a and b are DPDK port numbers of net_null devices; `burst` packets a turn. */
struct peer_fwd *peer_fwd_create(unsigned a, unsigned b, unsigned burst, enum peer_fwd_kind kind);
uint64_t peer_fwd_run(void *fwd, uint64_t packets);

/* --- router: peer_l3.c --- */
struct peer_l3;
struct peer_l3_neighbour {
	uint8_t dst[6], src[6];
	unsigned port;
};
/* What comes in: a template of 64 bytes, with 16 bytes at `at` another patch in each frame, written
 * into the received mbufs as our null port writes it. */
struct peer_traffic {
	const uint8_t *template;
	const uint8_t (*patch)[16];
	uint32_t n, at;
};
struct peer_l3 *peer_l3_create(unsigned a, unsigned b, const struct peer_lpm *lpm,
			       const struct peer_lpm6 *lpm6, const struct peer_traffic *in,
			       const struct peer_l3_neighbour *nh, unsigned nnh);
uint64_t peer_l3_run(void *l3, uint64_t packets);
/* Counters: packets sent by port, and dropped. */
uint64_t peer_l3_sent(const struct peer_l3 *l3, unsigned port);
uint64_t peer_l3_dropped(const struct peer_l3 *l3);

/* --- switch: peer_l2.c --- */
struct peer_l2;
/* Stations in `fdb` by VLAN and address; traffic by ingress port. */
struct peer_l2 *peer_l2_create(unsigned a, unsigned b, struct peer_hash *fdb,
			       const struct peer_traffic *from_a,
			       const struct peer_traffic *from_b);
uint64_t peer_l2_run(void *l2, uint64_t packets);
uint64_t peer_l2_flooded(const struct peer_l2 *l2);

/* --- driver of a NIC: peer_nic.c --- */
struct peer_nic {
	uint16_t vendor, device;
	void *bar; /* BAR 0 */
	uint64_t bar_size;
	/* Configuration space, and memory that the driver may give to the device. */
	uint8_t (*cfg_read)(void *arg, uint32_t off);
	void (*cfg_write)(void *arg, uint32_t off, uint8_t v);
	void (*memory)(void *arg, uint64_t iova, void *va, uint64_t len);
	void *arg;
};

/* Start the EAL and the port with rings of `ring` descriptors; false: no device, no link. */
bool peer_nic_start(const struct peer_nic *n, unsigned core, unsigned ring);
/* Driver and its ways to receive and to send. */
const char *peer_nic_name(void);
/* Receive and send in bursts of at most 256; new frames of 60 bytes in bulks. How many. */
unsigned peer_nic_forward(unsigned burst, unsigned frames);
unsigned peer_nic_send(unsigned bulk, unsigned frames);
