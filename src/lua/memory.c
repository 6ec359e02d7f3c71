/* memory.c - a limit for Lua's memory: what is beyond is refused, and raises an error. */
#include <stdlib.h>

#include "lua/state.h"

/* A process has one such Lua state. */
static unsigned long long used, most;

/* A lua_Alloc. Lua collects its garbage when it gets NULL, asks again, and then raises. */
static void *alloc(void *arg, void *p, size_t old, size_t size)
{
	unsigned long long now = used - (p ? old : 0) + size;
	void *q;

	(void)arg;
	if (size == 0) {
		free(p);
		used = now;
		return NULL;
	}
	if (now > most && (p == NULL || size > old))
		return NULL;
	q = realloc(p, size);
	if (q)
		used = now;
	return q;
}

void memory_limit(lua_State *L, unsigned long long bytes)
{
	used = (unsigned long long)lua_gc(L, LUA_GCCOUNT) * 1024 +
	       (unsigned long long)lua_gc(L, LUA_GCCOUNTB);
	most = bytes;
	lua_setallocf(L, alloc, NULL);
}

void memory_more(unsigned long long bytes)
{
	most += bytes;
}
