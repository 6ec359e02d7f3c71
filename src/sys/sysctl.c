/* sysctl.c - the kernel's settings of a network namespace: the files below /proc/sys/net. */
#include "sys/sysctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ROOT "/proc/sys/net/"

/* Words with dots between them: nothing in them leads upwards. */
static bool is_dotted(const char *name)
{
	size_t n;

	for (;; name += n + 1) {
		n = strspn(name, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-");
		if (n == 0)
			return false;
		if (name[n] != '.')
			return name[n] == '\0';
	}
}

/* The part of a name that stands for itself, and what it is below. */
static const char *below(const char *name, const char **group)
{
	bool full = strncmp(name, "net.", 4) == 0;

	*group = full ? "" : "ipv4/";
	return full ? name + 4 : name;
}

int sysctl_path(const char *name, char path[SYSCTL_PATH_MAX], struct err *err)
{
	const char *group, *rest = below(name, &group);
	char *p;

	if (!is_dotted(name)) {
		err_set(err, "usage", "sysctl: \"%.60s\" is not the name of a setting",
			name);
		err_hint(err, "As in: sysctl tcp_ecn 1; sysctl net.ipv6.icmp.ratelimit");
		return -EINVAL;
	}
	if (snprintf(path, SYSCTL_PATH_MAX, "%s%s", group, rest) >= SYSCTL_PATH_MAX)
		return err_set(err, "usage",
			       "sysctl: the name of a setting has at most %d bytes",
			       SYSCTL_PATH_MAX - 1);
	for (p = path; *p; p++)
		if (*p == '.')
			*p = '/';
	return 0;
}

static int sysctl_open(const char *path, int flags)
{
	char full[sizeof(ROOT) + SYSCTL_PATH_MAX];
	int fd;

	snprintf(full, sizeof(full), ROOT "%s", path);
	fd = open(full, flags | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return fd;
}

/* Tabs between columns become spaces; the newline at the end goes. */
static void tidy(char *text)
{
	size_t n;

	for (n = 0; text[n]; n++)
		if (text[n] == '\t')
			text[n] = ' ';
	while (n > 0 && strchr(" \n", text[n - 1]))
		text[--n] = '\0';
}

int sysctl_read(const char *path, char value[SYSCTL_VALUE_MAX])
{
	int fd = sysctl_open(path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read(fd, value, SYSCTL_VALUE_MAX);
	if (n < 0)
		n = -errno;
	close(fd);
	if (n < 0)
		return (int)n;
	if (n == SYSCTL_VALUE_MAX)
		return -EMSGSIZE;
	value[n] = '\0';
	tidy(value);
	return 0;
}

int sysctl_write(const char *path, const char *value)
{
	int fd = sysctl_open(path, O_WRONLY), rc = 0;
	ssize_t n, len = (ssize_t)strlen(value);

	if (fd < 0)
		return fd;
	n = write(fd, value, (size_t)len);
	if (n < 0)
		rc = -errno;
	else if (n < len)
		/* The kernel takes the numbers that it wants and leaves the rest. */
		rc = -EINVAL;
	close(fd);
	return rc;
}

/* The directory that begun stands in. */
static DIR *open_group(const char *begun)
{
	const char *group, *rest = below(begun, &group), *dot = strrchr(rest, '.');
	char path[SYSCTL_PATH_MAX], name[SYSCTL_PATH_MAX];
	struct err err;
	int fd;

	snprintf(path, sizeof(path), "%s", *group ? group : ".");
	snprintf(name, sizeof(name), "%.*s", dot ? (int)(dot - begun) : 0, begun);
	if (dot && sysctl_path(name, path, &err) < 0)
		return NULL;
	fd = sysctl_open(path, O_RDONLY | O_DIRECTORY);
	return fd < 0 ? NULL : fdopendir(fd);
}

void sysctl_names(const char *begun, void (*fn)(void *arg, const char *name), void *arg)
{
	const char *dot = strrchr(begun, '.');
	int prefix = dot ? (int)(dot + 1 - begun) : 0;
	char name[SYSCTL_PATH_MAX + 256];
	DIR *dir = open_group(begun);
	struct dirent *entry;

	if (!dir)
		return;
	/* cppcheck-suppress readdirCalled */
	while ((entry = readdir(dir)) != NULL) {
		if (*entry->d_name == '.')
			continue;
		snprintf(name, sizeof(name), "%.*s%s%s", prefix, begun, entry->d_name,
			 entry->d_type == DT_DIR ? "." : "");
		fn(arg, name);
	}
	closedir(dir);
}
