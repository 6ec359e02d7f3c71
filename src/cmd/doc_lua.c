/* doc_lua.c - what Lua tools are told about the commands: LuaLS and luacheck. */
#include "cmd/doc_parts.h"

void doc_lua_meta(struct buf *out)
{
	buf_adds(out, "---@meta tcpstep\n");
}

void doc_luacheck(struct buf *out)
{
	buf_adds(out, "std = \"lua54\"\n");
}
