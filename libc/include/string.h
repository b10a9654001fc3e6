// SPDX-License-Identifier: MIT
/* Strings and memory (ISO C17 7.24, POSIX.1-2017 and strlcpy/strlcat as in OpenBSD). */
#pragma once

#include <stddef.h>

void *memchr(const void *s, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);
void *memcpy(void *restrict d, const void *restrict s, size_t n);
void *memmem(const void *h, size_t hn, const void *needle, size_t nn);
void *memmove(void *d, const void *s, size_t n);
void *memrchr(const void *s, int c, size_t n);
void *memset(void *d, int c, size_t n);
char *stpcpy(char *restrict d, const char *restrict s);
char *strcat(char *restrict d, const char *restrict s);
char *strchr(const char *s, int c);
char *strchrnul(const char *s, int c);
int strcmp(const char *a, const char *b);
int strcoll(const char *a, const char *b);
char *strcpy(char *restrict d, const char *restrict s);
size_t strcspn(const char *s, const char *reject);
char *strdup(const char *s);
char *strerror(int err); /* a constant string; "Unknown error N" in a static buffer */
/* Copies at most n-1 bytes and always ends d with NUL (n > 0). Returns strlen(s): >= n means cut.
 */
size_t strlcpy(char *restrict d, const char *restrict s, size_t n);
/* Appends within n bytes in all. Returns the length it tried to make: >= n means cut. */
size_t strlcat(char *restrict d, const char *restrict s, size_t n);
size_t strlen(const char *s);
char *strncat(char *restrict d, const char *restrict s, size_t n);
int strncmp(const char *a, const char *b, size_t n);
char *strncpy(char *restrict d, const char *restrict s, size_t n);
char *strndup(const char *s, size_t n);
size_t strnlen(const char *s, size_t n);
char *strpbrk(const char *s, const char *accept);
char *strrchr(const char *s, int c);
char *strsep(char **sp, const char *delim);
char *strsignal(int sig);
size_t strspn(const char *s, const char *accept);
char *strstr(const char *h, const char *needle);
char *strtok(char *restrict s, const char *restrict delim);
char *strtok_r(char *restrict s, const char *restrict delim, char **restrict save);
