// SPDX-License-Identifier: MIT
/* Streams: open, close, buffers, bytes in and out (ISO C17 7.21.3, 7.21.5, 7.21.7 to 7.21.10). */
#include "libc/src/stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#undef stdin
#undef stdout
#undef stderr

static unsigned char in_buf[BUFSIZ], out_buf[BUFSIZ];
static struct pix_file file_in = {
	.fd = 0, .flags = FILE_READ, .mode = _IOFBF, .buf = in_buf, .size = BUFSIZ, .unget = EOF
};
static struct pix_file file_out = { .fd = 1,
				    .flags = FILE_WRITE,
				    .mode = -1,
				    .buf = out_buf,
				    .size = BUFSIZ,
				    .unget = EOF,
				    .next = &file_in };
static struct pix_file file_err = {
	.fd = 2, .flags = FILE_WRITE, .mode = _IONBF, .unget = EOF, .next = &file_out
};
FILE *stdin = &file_in;
FILE *stdout = &file_out;
FILE *stderr = &file_err;
static struct pix_file *file_list = &file_err;

static size_t write_all(FILE *f, const unsigned char *p, size_t n)
{
	size_t done = 0;

	while (done < n) {
		ssize_t w = write(f->fd, p + done, n - done);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0) {
			f->flags |= FILE_ERR;
			break;
		}
		done += (size_t)w;
	}
	return done;
}

static int file_flush(FILE *f)
{
	size_t n = f->pos;

	if (!f->writing)
		return 0;
	f->pos = 0;
	return write_all(f, f->buf, n) == n ? 0 : EOF;
}

int stdio_flush_all(void)
{
	int r = 0;

	for (FILE *f = file_list; f; f = f->next)
		r |= file_flush(f);
	return r;
}

int fflush(FILE *f)
{
	return f ? file_flush(f) : stdio_flush_all();
}

/* Turns the buffer round: unread input is given back to the descriptor's offset. */
static void file_set_writing(FILE *f, bool writing)
{
	if (f->writing == writing)
		return;
	if (f->writing)
		file_flush(f);
	else if (f->end > f->pos)
		lseek(f->fd, -(off_t)(f->end - f->pos), SEEK_CUR);
	f->writing = writing;
	f->pos = f->end = 0;
	f->unget = EOF;
}

size_t file_write(FILE *f, const void *p, size_t n)
{
	const unsigned char *s = p;
	size_t done = 0;

	if (!(f->flags & FILE_WRITE)) {
		f->flags |= FILE_ERR;
		errno = EBADF;
		return 0;
	}
	if (f->mode < 0)
		f->mode = isatty(f->fd) ? _IOLBF : _IOFBF;
	file_set_writing(f, true);
	if (f->mode == _IONBF || !f->buf)
		return write_all(f, s, n);
	while (done < n) {
		size_t room = f->size - f->pos, m = n - done < room ? n - done : room;

		memcpy(f->buf + f->pos, s + done, m);
		f->pos += m;
		done += m;
		if (f->pos == f->size && file_flush(f))
			return 0;
	}
	if (f->mode == _IOLBF && memrchr(s, '\n', n) && file_flush(f))
		return 0;
	return n;
}

/* Refills an empty read buffer. EOF at the end or on an error. */
static int file_fill(FILE *f)
{
	unsigned char one;
	unsigned char *buf = f->buf ? f->buf : &one;
	ssize_t r;

	if (!(f->flags & FILE_READ)) {
		f->flags |= FILE_ERR;
		errno = EBADF;
		return EOF;
	}
	file_set_writing(f, false);
	if (f->fd == 0)
		fflush(stdout); /* a prompt must be seen before we wait */
	do {
		r = read(f->fd, buf, f->buf ? f->size : 1);
	} while (r < 0 && errno == EINTR);
	if (r <= 0) {
		f->flags |= r < 0 ? FILE_ERR : FILE_EOF;
		return EOF;
	}
	if (!f->buf) {
		f->unget = one;
		return 0;
	}
	f->pos = 0;
	f->end = (size_t)r;
	return 0;
}

int fgetc(FILE *f)
{
	int c;

	if (f->unget == EOF && (f->writing || f->pos == f->end) && file_fill(f))
		return EOF;
	if (f->unget != EOF) {
		c = f->unget;
		f->unget = EOF;
		return c;
	}
	return f->buf[f->pos++];
}

int getc(FILE *f)
{
	return fgetc(f);
}

int getchar(void)
{
	return fgetc(stdin);
}

int ungetc(int c, FILE *f)
{
	if (c == EOF || f->unget != EOF)
		return EOF;
	file_set_writing(f, false);
	f->unget = (unsigned char)c;
	f->flags &= ~(unsigned)FILE_EOF;
	return c;
}

size_t fread(void *restrict p, size_t size, size_t n, FILE *restrict f)
{
	unsigned char *d = p;
	size_t want, got = 0;

	if (__builtin_mul_overflow(size, n, &want) || !want)
		return 0;
	while (got < want) {
		size_t have = f->writing || f->unget != EOF ? 0 : f->end - f->pos;
		int c;

		if (have) {
			have = have < want - got ? have : want - got;
			memcpy(d + got, f->buf + f->pos, have);
			f->pos += have;
			got += have;
			continue;
		}
		c = fgetc(f);
		if (c == EOF)
			break;
		d[got++] = (unsigned char)c;
	}
	return got / size;
}

size_t fwrite(const void *restrict p, size_t size, size_t n, FILE *restrict f)
{
	size_t bytes;

	if (__builtin_mul_overflow(size, n, &bytes) || !bytes)
		return 0;
	return file_write(f, p, bytes) / size;
}

char *fgets(char *restrict s, int n, FILE *restrict f)
{
	int i = 0;

	while (i < n - 1) {
		int c = fgetc(f);

		if (c == EOF)
			break;
		s[i++] = (char)c;
		if (c == '\n')
			break;
	}
	if (i == 0)
		return NULL;
	s[i] = '\0';
	return s;
}

ssize_t getdelim(char **restrict line, size_t *restrict n, int delim, FILE *restrict f)
{
	size_t len = 0;
	int c;

	if (!*line)
		*n = 0;
	while ((c = fgetc(f)) != EOF) {
		if (len + 2 > *n) {
			size_t want = *n ? *n * 2 : 128;
			char *more = realloc(*line, want);

			if (!more)
				return -1;
			*line = more;
			*n = want;
		}
		(*line)[len++] = (char)c;
		if (c == delim)
			break;
	}
	if (!len)
		return -1;
	(*line)[len] = '\0';
	return (ssize_t)len;
}

ssize_t getline(char **restrict line, size_t *restrict n, FILE *restrict f)
{
	return getdelim(line, n, '\n', f);
}

int fputc(int c, FILE *f)
{
	unsigned char b = (unsigned char)c;

	return file_write(f, &b, 1) == 1 ? b : EOF;
}

int putc(int c, FILE *f)
{
	return fputc(c, f);
}

int putchar(int c)
{
	return fputc(c, stdout);
}

int fputs(const char *restrict s, FILE *restrict f)
{
	size_t n = strlen(s);

	return file_write(f, s, n) == n ? 0 : EOF;
}

int puts(const char *s)
{
	return fputs(s, stdout) == EOF || fputc('\n', stdout) == EOF ? EOF : 0;
}

/* "r", "w", "a", each with + and b and e (close on exec). -1: not a mode. */
static int mode_flags(const char *mode, unsigned *flags)
{
	int plus = strchr(mode, '+') != NULL, o;

	if (mode[0] == 'r')
		o = plus ? O_RDWR : O_RDONLY;
	else if (mode[0] == 'w')
		o = (plus ? O_RDWR : O_WRONLY) | O_CREAT | O_TRUNC;
	else if (mode[0] == 'a')
		o = (plus ? O_RDWR : O_WRONLY) | O_CREAT | O_APPEND;
	else
		return -1;
	if (strchr(mode, 'e'))
		o |= O_CLOEXEC;
	*flags = plus ? FILE_READ | FILE_WRITE : mode[0] == 'r' ? FILE_READ : FILE_WRITE;
	if (mode[0] == 'a')
		*flags |= FILE_APPEND;
	return o;
}

FILE *fdopen(int fd, const char *mode)
{
	unsigned flags;
	FILE *f;

	if (mode_flags(mode, &flags) < 0) {
		errno = EINVAL;
		return NULL;
	}
	f = calloc(1, sizeof(*f) + BUFSIZ);
	if (!f)
		return NULL;
	f->fd = fd;
	f->flags = flags | FILE_OWN_SELF;
	f->mode = -1;
	f->buf = (unsigned char *)(f + 1);
	f->size = BUFSIZ;
	f->unget = EOF;
	f->next = file_list;
	file_list = f;
	return f;
}

FILE *fopen(const char *restrict path, const char *restrict mode)
{
	unsigned flags;
	int o = mode_flags(mode, &flags), fd;
	FILE *f;

	if (o < 0) {
		errno = EINVAL;
		return NULL;
	}
	fd = open(path, o, 0666);
	if (fd < 0)
		return NULL;
	f = fdopen(fd, mode);
	if (!f)
		close(fd);
	return f;
}

int fclose(FILE *f)
{
	int r = file_flush(f);

	for (FILE **p = &file_list; *p; p = &(*p)->next) {
		if (*p == f) {
			*p = f->next;
			break;
		}
	}
	if (close(f->fd))
		r = EOF;
	if (f->flags & FILE_OWN_BUF)
		free(f->buf);
	if (f->flags & FILE_OWN_SELF)
		free(f);
	return r;
}

int fileno(FILE *f)
{
	return f->fd;
}

int setvbuf(FILE *restrict f, char *restrict buf, int mode, size_t n)
{
	unsigned char *fresh = (unsigned char *)buf;

	if (mode != _IOFBF && mode != _IOLBF && mode != _IONBF)
		return -1;
	file_set_writing(f, !f->writing); /* flush or give back */
	f->mode = mode;
	if (mode == _IONBF || !n)
		return 0;
	if (!fresh && !(fresh = malloc(n)))
		return -1;
	if (f->flags & FILE_OWN_BUF)
		free(f->buf);
	f->flags = buf ? f->flags & ~(unsigned)FILE_OWN_BUF : f->flags | FILE_OWN_BUF;
	f->buf = fresh;
	f->size = n;
	return 0;
}

void setbuf(FILE *restrict f, char *restrict buf)
{
	setvbuf(f, buf, buf ? _IOFBF : _IONBF, BUFSIZ);
}

int feof(FILE *f)
{
	return (f->flags & FILE_EOF) != 0;
}

int ferror(FILE *f)
{
	return (f->flags & FILE_ERR) != 0;
}

void clearerr(FILE *f)
{
	f->flags &= ~(unsigned)(FILE_EOF | FILE_ERR);
}

int fseek(FILE *f, long off, int whence)
{
	if (f->writing && file_flush(f))
		return -1;
	if (whence == SEEK_CUR && !f->writing)
		off -= (long)(f->end - f->pos) + (f->unget != EOF);
	if (lseek(f->fd, off, whence) < 0)
		return -1;
	f->pos = f->end = 0;
	f->unget = EOF;
	f->flags &= ~(unsigned)FILE_EOF;
	return 0;
}

long ftell(FILE *f)
{
	off_t at = lseek(f->fd, 0, SEEK_CUR);

	if (at < 0)
		return -1;
	if (f->writing)
		return at + (long)f->pos;
	return at - (long)(f->end - f->pos) - (f->unget != EOF);
}

void rewind(FILE *f)
{
	fseek(f, 0, SEEK_SET);
	clearerr(f);
}
