// SPDX-License-Identifier: MIT
/* What the tests of confd's commits share: a store over the faked kernel, and commits of a text. */
#pragma once

#include "tests/unit/unit.h"

#include "apps/confd/server.h"
#include "tests/unit/apps/pixdev_fake.h"

extern struct store store;

/* Fixtures of each test: a fresh store, booted, and a fresh kernel. */
int store_setup(void **state);
int store_teardown(void **state);

/* The candidate becomes this text. */
void load(const char *text);

/* Commit (or only check) the candidate; the warnings are forgotten. */
int commit(bool check, struct commit_result *r, struct conf_error *err);

/* The candidate becomes this text and is committed. */
void must_commit(const char *text);

/* The running configuration as set lines. */
void expect_running(const char *want);

#define A0 "set interfaces eth0 address 10.0.0.1/24\n"
#define A1 "set interfaces eth1 address 10.0.1.1/24\n"
#define A2 "set interfaces eth0 address 10.0.2.1/24\n"
#define A3 "set interfaces eth0 address 10.0.3.1/24\n"
#define A4 "set interfaces eth0 address 10.0.4.1/24\n"
#define A5 "set interfaces eth0 address 10.0.5.1/24\n"
#define A6 "set interfaces eth0 address 10.0.6.1/24\n"
#define A7 "set interfaces eth0 address 10.0.7.1/24\n"
#define A8 "set interfaces eth0 address 10.0.8.1/24\n"
#define A9 "set interfaces eth0 address 10.0.9.1/24\n"
