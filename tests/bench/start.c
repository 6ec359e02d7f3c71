/* start.c - the limit of starting: a program that has Lua and readline, initialised. */
#include <stdio.h>

#include <lauxlib.h>
#include <lualib.h>
#include <readline/readline.h>

int main(void)
{
	lua_State *L = luaL_newstate();

	if (!L)
		return 1;
	luaL_openlibs(L);
	rl_readline_name = "tcpstep";
	rl_initialize();
	lua_close(L);
	return 0;
}
