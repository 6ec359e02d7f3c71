/* replay.c - runs a fuzz target over files, and the files in directories, as one test. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int file_replay(const char *path)
{
	struct buf data = BUF_EMPTY;
	FILE *f = fopen(path, "rbe");
	uint8_t *exact;
	size_t n;

	/* The last one named is the one that it died of. */
	fprintf(stderr, "%s\n", path);
	if (!f) {
		fprintf(stderr, "open %s: %s\n", path, strerror(errno));
		return -1;
	}
	do {
		n = fread(buf_reserve(&data, 65536), 1, 65536, f);
		data.len += n;
	} while (n > 0);
	fclose(f);
	/* no byte behind the end, so that ASan sees a read of it */
	exact = malloc(data.len ? data.len : 1);
	if (exact && data.len > 0)
		memcpy(exact, data.data, data.len);
	LLVMFuzzerTestOneInput(exact, data.len);
	free(exact);
	buf_clear(&data);
	return 1;
}

/* The count of files that were run, or negative. */
static int path_replay(const char *path)
{
	struct dirent *entry;
	struct stat st;
	int count = 0, n;
	DIR *dir;

	if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return file_replay(path);
	dir = opendir(path);
	while (dir && (entry = readdir(dir))) {
		char name[4096];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		n = path_replay(name);
		if (n < 0) {
			count = n;
			break;
		}
		count += n;
	}
	if (dir)
		closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	int i, n, count = 0;

	for (i = 1; i < argc; i++) {
		n = path_replay(argv[i]);
		if (n < 0)
			return 1;
		count += n;
	}
	printf("1..1\n%s 1 - %d inputs\n", count > 0 ? "ok" : "not ok", count);
	return count > 0 ? 0 : 1;
}
