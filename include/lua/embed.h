/* embed.h - the Lua files of scripts/lib, compiled into the program by the build. */
#ifndef LUA_EMBED_H
#define LUA_EMBED_H

#include <stddef.h>

/* One file; name is its base name without ".lua". data is followed by a NUL beyond len. */
struct embed {
	const char *name;
	const char *data;
	size_t len;
};

/* In order of name, ended by a NULL name. */
extern const struct embed embed_files[];

#endif
