/* embed.h - the files of scripts/lib and the lessons, compiled into the program by the build. */
#ifndef LUA_EMBED_H
#define LUA_EMBED_H

#include <stddef.h>

/*
 * One file. A module's name is that of its file without ".lua", any other's its path below scripts:
 * "check", "tutorial/02-first/en.txt". data is followed by a NUL beyond len.
 */
struct embed {
	const char *name;
	const char *data;
	size_t len;
};

/* Ended by a NULL name. */
extern const struct embed embed_files[];

#endif
