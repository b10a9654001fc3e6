// SPDX-License-Identifier: MIT
/*
 * Buffered streams and formatted output (ISO C17 7.21, POSIX.1-2017). Standard output is line
 * buffered on a terminal and fully buffered elsewhere, standard error is not buffered.
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct pix_file FILE;
extern FILE *stdin;
extern FILE *stdout;
extern FILE *stderr;
#define stdin  stdin
#define stdout stdout
#define stderr stderr

#define EOF          (-1)
#define BUFSIZ       1024
#define FOPEN_MAX    64
#define FILENAME_MAX 4096
#define _IOFBF       0
#define _IOLBF       1
#define _IONBF       2
#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

#define __printf(f, a) __attribute__((format(printf, f, a)))

/* Conversions: d i u o x X c s p f F %; flags - + space # 0; width and
 * precision, also *; lengths hh h l ll j z t. */
int printf(const char *restrict fmt, ...) __printf(1, 2);
int fprintf(FILE *restrict f, const char *restrict fmt, ...) __printf(2, 3);
int dprintf(int fd, const char *restrict fmt, ...) __printf(2, 3);
int sprintf(char *restrict s, const char *restrict fmt, ...) __printf(2, 3);
int snprintf(char *restrict s, size_t n, const char *restrict fmt, ...) __printf(3, 4);
int asprintf(char **out, const char *restrict fmt, ...) __printf(2, 3);
int vprintf(const char *restrict fmt, va_list ap) __printf(1, 0);
int vfprintf(FILE *restrict f, const char *restrict fmt, va_list ap) __printf(2, 0);
int vdprintf(int fd, const char *restrict fmt, va_list ap) __printf(2, 0);
int vsprintf(char *restrict s, const char *restrict fmt, va_list ap) __printf(2, 0);
int vsnprintf(char *restrict s, size_t n, const char *restrict fmt, va_list ap) __printf(3, 0);
int vasprintf(char **out, const char *restrict fmt, va_list ap) __printf(2, 0);

FILE *fopen(const char *restrict path, const char *restrict mode);
FILE *fdopen(int fd, const char *mode);
int fclose(FILE *f);
int fflush(FILE *f); /* NULL: all streams */
int fileno(FILE *f);
int setvbuf(FILE *restrict f, char *restrict buf, int mode, size_t n);
void setbuf(FILE *restrict f, char *restrict buf);

size_t fread(void *restrict p, size_t size, size_t n, FILE *restrict f);
size_t fwrite(const void *restrict p, size_t size, size_t n, FILE *restrict f);
int fgetc(FILE *f);
int getc(FILE *f);
int getchar(void);
int ungetc(int c, FILE *f);
char *fgets(char *restrict s, int n, FILE *restrict f);
ssize_t getline(char **restrict line, size_t *restrict n, FILE *restrict f);
ssize_t getdelim(char **restrict line, size_t *restrict n, int delim, FILE *restrict f);
int fputc(int c, FILE *f);
int putc(int c, FILE *f);
int putchar(int c);
int fputs(const char *restrict s, FILE *restrict f);
int puts(const char *s);

int feof(FILE *f);
int ferror(FILE *f);
void clearerr(FILE *f);
int fseek(FILE *f, long off, int whence);
long ftell(FILE *f);
void rewind(FILE *f);
void perror(const char *s);
int remove(const char *path);
int rename(const char *from, const char *to);
