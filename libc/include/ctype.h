// SPDX-License-Identifier: MIT
/*
 * Character classes of the "C" locale (ISO C17 7.4). Plain functions, no table: any int is a
 * valid argument, bytes above 127 belong to no class.
 */
#pragma once

int isalnum(int c);
int isalpha(int c);
int isascii(int c);
int isblank(int c);
int iscntrl(int c);
int isdigit(int c);
int isgraph(int c);
int islower(int c);
int isprint(int c);
int ispunct(int c);
int isspace(int c);
int isupper(int c);
int isxdigit(int c);
int tolower(int c);
int toupper(int c);
