/*
 * history.c - lines of earlier sessions, in a file nobody else can read.
 *
 * $XDG_STATE_HOME/tcpstep/history (XDG Base Directory Specification), mode 0600, opened without
 * following a symbolic link. Each line is appended as soon as it was typed, so that whatever
 * ends the shell loses none.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/outfile.h"
#include "ui/ui.h"

#define KEEP 2000

struct history {
	int fd; /* -1: memory only */
	char **line;
	int n, size;
};

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* "" when there is no home; one that is missing (/nonexistent) is not made. */
static void history_path(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");

	*path = '\0';
	if (state && *state == '/')
		snprintf(path, size, "%s/tcpstep/history", state);
	else if (home && *home == '/' && is_folder(home))
		snprintf(path, size, "%s/.local/state/tcpstep/history", home);
}

static void make_folders(char *path)
{
	char *p;

	for (p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
}

static int file_open(const char *path)
{
	struct stat st;
	int fd = open(path,
		      O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK,
		      0600);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_uid == geteuid()) {
		fchmod(fd, 0600);
		return fd;
	}
	close(fd);
	return -1;
}

static void keep(struct history *h, const char *line, size_t len)
{
	if (h->n == h->size) {
		h->size = h->size ? h->size * 2 : 64;
		h->line = xrealloc(h->line, (size_t)h->size * sizeof(*h->line));
	}
	h->line[h->n++] = xstrndup(line, len);
}

static void load(struct history *h)
{
	struct buf all = BUF_EMPTY;
	const char *p, *end, *nl;
	ssize_t n;

	while ((n = read(h->fd, buf_reserve(&all, 65536), 65536)) > 0)
		all.len += (size_t)n;
	end = all.data + all.len;
	for (p = all.data; p && p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if (!nl)
			nl = end;
		if (nl > p)
			keep(h, p, (size_t)(nl - p));
	}
	buf_clear(&all);
}

static void append(int fd, const char *line)
{
	struct buf text = BUF_EMPTY;

	buf_adds(&text, line);
	buf_addc(&text, '\n');
	/* A history that cannot be written is no reason to stop. */
	if (write(fd, text.data, text.len) < 0)
		errno = 0;
	buf_clear(&text);
}

/* Lets the file not grow for ever: the newest lines into a new file, put in its place. */
static void shorten(struct history *h, const char *path)
{
	static struct outfile f;
	struct err err;
	int i;

	if (outfile_open(&f, path, true, &err) < 0)
		return;
	for (i = h->n - KEEP; i < h->n; i++)
		append(f.fd, h->line[i]);
	if (outfile_commit(&f, &err) < 0)
		return;
	close(h->fd);
	h->fd = file_open(path);
}

struct history *history_open(void)
{
	struct history *h = xcalloc(1, sizeof(*h));
	char path[4096];

	h->fd = -1;
	history_path(path, sizeof(path));
	if (!*path)
		return h;
	make_folders(path);
	h->fd = file_open(path);
	if (h->fd < 0)
		return h;
	load(h);
	if (h->n > KEEP * 2)
		shorten(h, path);
	return h;
}

void history_close(struct history *h)
{
	int i;

	if (!h)
		return;
	for (i = 0; i < h->n; i++)
		free(h->line[i]);
	free(h->line);
	if (h->fd >= 0)
		close(h->fd);
	free(h);
}

bool history_add(struct history *h, const char *line)
{
	if (*line == '\0' || (h->n > 0 && strcmp(h->line[h->n - 1], line) == 0))
		return false;
	keep(h, line, strlen(line));
	if (h->fd >= 0)
		append(h->fd, line);
	return true;
}

const char *history_line(const struct history *h, int n)
{
	return h && n >= 1 && n <= h->n ? h->line[n - 1] : NULL;
}
