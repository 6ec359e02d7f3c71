/* surroundings.c - what a module inside the program may ask about: the terminal, files. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "lua/embed.h"
#include "lua/state.h"
#include "sys/sandbox.h"
#include "tcp/state.h"

/* {columns = 80, person = true, lang = "en", json = false, lessons = DIR}; person: somebody sits there. */
static int terminal(lua_State *L)
{
	struct app *app = vm_of(L)->app;

	lua_createtable(L, 0, 4);
	lua_pushinteger(L, app->door.columns ? app->door.columns(app) : 80);
	lua_setfield(L, -2, "columns");
	lua_pushboolean(L, app->at_prompt);
	lua_setfield(L, -2, "person");
	lua_pushstring(L, app->set.lang);
	lua_setfield(L, -2, "lang");
	lua_pushstring(L, app->lessons);
	lua_setfield(L, -2, "lessons");
	lua_pushboolean(L, app->set.json);
	lua_setfield(L, -2, "json");
	return 1;
}

/* The columns that a text takes on a terminal. */
static int width(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)text_width(luaL_checkstring(L, 1)));
	return 1;
}

/* nearest(word, names): the one of names most like a word, or nil when none is near. */
static int nearest(lua_State *L)
{
	const char *word = luaL_checkstring(L, 1);
	lua_Integer i, n = luaL_len(L, 2);
	const char **names = lua_newuserdatauv(L, (size_t)(n + 1) * sizeof(*names), 0);

	for (i = 0; i < n; i++) {
		/* The table keeps the text alive. */
		lua_rawgeti(L, 2, i + 1);
		names[i] = luaL_checkstring(L, -1);
		lua_pop(L, 1);
	}
	names[n] = NULL;
	lua_pushstring(L, text_nearest(word, names));
	return 1;
}

/* The usual name of a state that is called so, or nil: "close-wait" is CLOSE_WAIT. */
static int state(lua_State *L)
{
	enum tcp_state named = state_from_name(luaL_checkstring(L, 1));

	lua_pushstring(L, named == STATE_NONE ? NULL : state_name(named));
	return 1;
}

/* Monotonic seconds. */
static int now(lua_State *L)
{
	lua_pushnumber(L, time_now());
	return 1;
}

/* A file inside the program by its path below scripts/, or nil. */
static int file(lua_State *L)
{
	const char *name = luaL_checkstring(L, 1);
	const struct embed *e;

	for (e = embed_files; e->name; e++)
		if (strcmp(e->name, name) == 0) {
			lua_pushlstring(L, e->data, e->len);
			return 1;
		}
	return 0;
}

/* The paths of all files inside the program. */
static int files(lua_State *L)
{
	const struct embed *e;
	lua_Integer n = 0;

	lua_newtable(L);
	for (e = embed_files; e->name; e++) {
		lua_pushstring(L, e->name);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* The names in a directory, sorted, or nil and why. */
static int list(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct dirent **entry;
	struct err err;
	int i, n;

	if (sandbox_read("open", path, &err) < 0)
		return error_raise(L, &err, "open", -1);
	n = scandir(path, &entry, NULL, alphasort);
	if (n < 0)
		return luaL_fileresult(L, 0, path);
	lua_createtable(L, n, 0);
	for (i = 0; i < n; i++) {
		lua_pushstring(L, entry[i]->d_name);
		lua_rawseti(L, -2, i + 1);
		free(entry[i]);
	}
	free(entry);
	return 1;
}

/*
 * What a path leads to, "file", "folder" or "other", and an id that differs from all others'; nil and why.
 */
static int what(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	struct err err;
	struct stat st;
	char id[64];

	if (sandbox_read("open", path, &err) < 0)
		return error_raise(L, &err, "open", -1);
	if (stat(path, &st) < 0)
		return luaL_fileresult(L, 0, path);
	snprintf(id, sizeof(id), "%ju:%ju", (uintmax_t)st.st_dev, (uintmax_t)st.st_ino);
	lua_pushstring(L, S_ISREG(st.st_mode)	? "file"
			  : S_ISDIR(st.st_mode) ? "folder"
						: "other");
	lua_pushstring(L, id);
	return 2;
}

/* within(folder, path): does it lie in the folder, also when all links are followed? */
static int within(lua_State *L)
{
	lua_pushboolean(L,
			path_is_within(luaL_checkstring(L, 1), luaL_checkstring(L, 2)));
	return 1;
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Makes a directory and those above it; nil and why when that cannot be. */
static int make_directory(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1), *p = path;
	struct err err;

	if (sandbox_refuse(&err, "makes no directories", "mkdir %.150s", path) < 0)
		return error_raise(L, &err, "mkdir", -1);
	for (;;) {
		p = strchr(p + 1, '/');
		lua_pushlstring(L, path, p ? (size_t)(p - path) : strlen(path));
		if (mkdir(lua_tostring(L, -1), 0700) < 0 &&
		    !is_folder(lua_tostring(L, -1)))
			return luaL_fileresult(L, 0, path);
		lua_pop(L, 1);
		if (!p)
			return luaL_fileresult(L, 1, path);
	}
}

/* The same path from the root on, without links; nil and why. */
static int whole_path(lua_State *L)
{
	const char *path = luaL_checkstring(L, 1);
	char *whole = realpath(path, NULL);

	if (!whole)
		return luaL_fileresult(L, 0, path);
	lua_pushstring(L, whole);
	free(whole);
	return 1;
}

/* A new folder that nobody else has, for a while; nil and why. */
static int own_folder(lua_State *L)
{
	const char *above = getenv("TMPDIR");
	struct err err;
	char path[4096];

	if (sandbox_refuse(&err, "makes no directories", "mkdtemp") < 0)
		return error_raise(L, &err, "mkdtemp", -1);
	snprintf(path, sizeof(path), "%s/tcpstep-XXXXXX",
		 above && *above == '/' ? above : "/tmp");
	if (!mkdtemp(path))
		return luaL_fileresult(L, 0, path);
	lua_pushstring(L, path);
	return 1;
}

const luaL_Reg surroundings[] = { { "terminal", terminal },
				  { "width", width },
				  { "nearest", nearest },
				  { "state", state },
				  { "now", now },
				  { "file", file },
				  { "files", files },
				  { "list", list },
				  { "what", what },
				  { "within", within },
				  { "mkdir", make_directory },
				  { "path", whole_path },
				  { "folder", own_folder },
				  { NULL, NULL } };
