// SPDX-License-Identifier: MIT
/* What the tests call of libc, with the prefix that the build puts in front of its symbols. */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

void *pix_memchr(const void *s, int c, size_t n);
int pix_memcmp(const void *a, const void *b, size_t n);
void *pix_memcpy(void *d, const void *s, size_t n);
void *pix_memmem(const void *h, size_t hn, const void *needle, size_t nn);
void *pix_memmove(void *d, const void *s, size_t n);
void *pix_memrchr(const void *s, int c, size_t n);
void *pix_memset(void *d, int c, size_t n);
char *pix_stpcpy(char *d, const char *s);
char *pix_strcat(char *d, const char *s);
char *pix_strchr(const char *s, int c);
char *pix_strchrnul(const char *s, int c);
int pix_strcmp(const char *a, const char *b);
int pix_strcasecmp(const char *a, const char *b);
char *pix_strcpy(char *d, const char *s);
size_t pix_strcspn(const char *s, const char *reject);
char *pix_strdup(const char *s);
char *pix_strerror(int err);
char *pix_strsignal(int sig);
size_t pix_strlcpy(char *d, const char *s, size_t n);
size_t pix_strlcat(char *d, const char *s, size_t n);
size_t pix_strlen(const char *s);
char *pix_strncat(char *d, const char *s, size_t n);
int pix_strncmp(const char *a, const char *b, size_t n);
int pix_strncasecmp(const char *a, const char *b, size_t n);
char *pix_strncpy(char *d, const char *s, size_t n);
char *pix_strndup(const char *s, size_t n);
size_t pix_strnlen(const char *s, size_t n);
char *pix_strpbrk(const char *s, const char *accept);
char *pix_strrchr(const char *s, int c);
char *pix_strsep(char **sp, const char *delim);
size_t pix_strspn(const char *s, const char *accept);
char *pix_strstr(const char *h, const char *needle);
char *pix_strtok_r(char *s, const char *delim, char **save);

int *pix___errno_location(void);
#define pix_errno (*pix___errno_location())

long pix_strtol(const char *s, char **end, int base);
unsigned long pix_strtoul(const char *s, char **end, int base);
double pix_strtod(const char *s, char **end);

void *pix_malloc(size_t n);
void *pix_calloc(size_t n, size_t size);
void *pix_realloc(void *p, size_t n);
void *pix_reallocarray(void *p, size_t n, size_t size);
int pix_posix_memalign(void **out, size_t align, size_t n);
void pix_free(void *p);
size_t pix_malloc_usable_size(const void *p);

void pix_qsort(void *base, size_t n, size_t size, int (*cmp)(const void *, const void *));
void *pix_bsearch(const void *key, const void *base, size_t n, size_t size,
		  int (*cmp)(const void *, const void *));
extern char **pix_environ;
char *pix_getenv(const char *name);
int pix_setenv(const char *name, const char *value, int overwrite);
int pix_unsetenv(const char *name);
extern char *pix_optarg;
extern int pix_optind, pix_opterr, pix_optopt;
int pix_getopt(int argc, char *const argv[], const char *opts);

int pix_snprintf(char *s, size_t n, const char *fmt, ...);
int pix_vsnprintf(char *s, size_t n, const char *fmt, va_list ap);
int pix_asprintf(char **out, const char *fmt, ...);
int pix_dprintf(int fd, const char *fmt, ...);

typedef struct pix_file PIXFILE;
PIXFILE *pix_fopen(const char *path, const char *mode);
PIXFILE *pix_fdopen(int fd, const char *mode);
int pix_fclose(PIXFILE *f);
int pix_fflush(PIXFILE *f);
int pix_fprintf(PIXFILE *f, const char *fmt, ...);
int pix_setvbuf(PIXFILE *f, char *buf, int mode, size_t n);
size_t pix_fread(void *p, size_t size, size_t n, PIXFILE *f);
size_t pix_fwrite(const void *p, size_t size, size_t n, PIXFILE *f);
int pix_fgetc(PIXFILE *f);
int pix_ungetc(int c, PIXFILE *f);
char *pix_fgets(char *s, int n, PIXFILE *f);
ssize_t pix_getline(char **line, size_t *n, PIXFILE *f);
int pix_fputc(int c, PIXFILE *f);
int pix_fputs(const char *s, PIXFILE *f);
int pix_feof(PIXFILE *f);
int pix_ferror(PIXFILE *f);
void pix_clearerr(PIXFILE *f);
int pix_fseek(PIXFILE *f, long off, int whence);
long pix_ftell(PIXFILE *f);

int pix_inet_pton(int family, const char *s, void *out);
const char *pix_inet_ntop(int family, const void *addr, char *s, unsigned n);

struct tm *pix_gmtime_r(const time_t *t, struct tm *out);
time_t pix_timegm(struct tm *tm);
size_t pix_strftime(char *s, size_t n, const char *fmt, const struct tm *tm);
int pix_clock_gettime(int clk, struct timespec *ts);
int pix_nanosleep(const struct timespec *req, struct timespec *rem);
