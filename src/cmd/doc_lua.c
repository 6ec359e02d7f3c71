/*
 * doc_lua.c - what Lua tools are told about the commands.
 *
 * lua-meta is a definition file for the Lua language server: each command is a global function,
 * and a method where its first argument is a socket; its options are a class. luacheck is a
 * configuration for luacheck.
 */
#include <string.h>

#include "cmd/doc_parts.h"
#include "cmd/line.h"
#include "cmd/settings.h"
#include "sys/sockopt.h"

/* Sockets and tasks are globals by their names; so many of each kind are declared. */
#define NAMED 9

static const char *const lua_types[] = {
	[ARG_SOCK] = "tcpstep.socket",
	[ARG_LISTENER] = "tcpstep.socket",
	[ARG_STREAM] = "tcpstep.socket",
	[ARG_ENDPOINT] = "string|integer",
	[ARG_INT] = "integer",
	[ARG_SIZE] = "integer|string",
	[ARG_DURATION] = "number|string|false",
	[ARG_BOOL] = "boolean",
	[ARG_WORD] = "",
	[ARG_WORD_OR_SIZE] = "|integer",
	[ARG_DATA] = "string|number",
	[ARG_TEXT] = "string|number|boolean",
	[ARG_END] = "string|tcpstep.socket",
	[ARG_NOTATION] = "string|number|boolean",
	[ARG_PATH] = "string",
	[ARG_TOPIC] = "string",
	[ARG_OPTION] = "tcpstep.option",
	[ARG_SETTING] = "tcpstep.setting",
	[ARG_SYSCTL] = "string",
	[ARG_TABLE] = "string|table",
	[ARG_WHEN] = "string|fun(seg: tcpstep.segment): any",
	[ARG_LUA] = "any",
};

/* A list of literal types under way. */
struct literals {
	struct buf *out;
	const char *sep;
};

static void literal(void *arg, const char *word)
{
	struct literals *l = arg;

	buf_addf(l->out, "%s\"%s\"", l->sep, word);
	l->sep = "|";
}

/* The class whose method the command is, too: "socket", "task", or NULL. */
static const char *class_of(const struct arg *arg)
{
	if (doc_is_sock(arg))
		return "socket";
	return arg->name && arg->type == ARG_LUA && strcmp(arg->name, "task") == 0
		       ? "task"
		       : NULL;
}

static void add_type(const struct arg *arg, struct buf *out)
{
	struct literals l = { out, "" };

	if (arg->type == ARG_LUA && class_of(arg)) {
		buf_addf(out, "tcpstep.%s|string", class_of(arg));
		return;
	}
	if (arg->type == ARG_WORD || arg->type == ARG_WORD_OR_SIZE)
		doc_words(arg->words, literal, &l);
	buf_adds(out, lua_types[arg->type]);
}

/* What a row returns: the names of our own classes get their prefix. */
static void add_returned(const char *type, size_t len, struct buf *out)
{
	static const char *const ours[] = { "socket", "task", "error", "segment.data" };
	size_t word, i;

	while (len > 0) {
		word = strcspn(type, "|?[],");
		word = word < len ? word : len;
		for (i = 0; i < sizeof(ours) / sizeof(*ours); i++)
			if (strncmp(ours[i], type, word) == 0 && ours[i][word] == '\0')
				buf_adds(out, "tcpstep.");
		buf_add(out, type, word);
		if (word < len)
			buf_addc(out, type[word++]);
		type += word;
		len -= word;
	}
}

/* "any, error?" are two values: before and after stand around each. */
static void add_returns(const char *returns, const char *before, const char *after,
			struct buf *out)
{
	size_t len;

	for (; returns && *returns; returns += len, returns += strspn(returns, ", ")) {
		len = strcspn(returns, ",");
		if (len == 3 && strncmp(returns, "nil", 3) == 0)
			continue;
		buf_adds(out, before);
		add_returned(returns, len, out);
		buf_adds(out, after);
	}
}

static void comment(struct buf *out, const char *text)
{
	const char *end;

	for (; *text; text = *end ? end + 1 : end) {
		end = strchrnul(text, '\n');
		buf_addf(out, "---%.*s\n", (int)(end - text), text);
	}
}

static bool is_vararg(const struct cmd *cmd, const struct arg *arg)
{
	return (arg->flags & ARG_MANY) && !cmd->option[0].name;
}

static bool may_miss(const struct arg *arg)
{
	return arg->flags & (ARG_OPTIONAL | ARG_DEFAULTS);
}

static void add_param(const struct cmd *cmd, const struct arg *arg, struct buf *out)
{
	if (is_vararg(cmd, arg))
		buf_adds(out, "...");
	else
		buf_addf(out, "%s%s", arg->name, lua_is_keyword(arg->name) ? "_" : "");
}

/* One more way to call it: the arguments from first up to end, then the options. */
static void overload(const struct cmd *cmd, const struct arg *first,
		     const struct arg *end, struct buf *out)
{
	const struct arg *a;
	const char *sep = "";

	buf_adds(out, "---@overload fun(");
	for (a = first; a < end; a++) {
		buf_adds(out, sep);
		add_param(cmd, a, out);
		buf_adds(out, ": ");
		add_type(a, out);
		sep = ", ";
	}
	if (cmd->option[0].name)
		buf_addf(out, "%soptions: tcpstep.%s.options", sep, cmd->name);
	buf_adds(out, ")");
	/* The grammar of a function type takes one name or several. */
	if (cmd->returns && strcmp(cmd->returns, "nil") != 0 &&
	    !strchr(cmd->returns, ','))
		add_returns(cmd->returns, ": ", "", out);
	buf_addc(out, '\n');
}

static void overloads(const struct cmd *cmd, const struct arg *first, struct buf *out)
{
	const struct arg *a;

	if (cmd->option[0].name)
		for (a = first; a->name; a++)
			if (may_miss(a))
				overload(cmd, first, a, out);
	/* The socket may be left out in front of others, too. */
	if (first == cmd->arg && doc_is_sock(first) && may_miss(first))
		for (a = first + 1; a->name; a++)
			overload(cmd, first + 1, a + 1, out);
	if (cmd->overload && first == cmd->arg)
		buf_addf(out, "---@overload %s\n", cmd->overload);
}

/* method: the class whose method it is, and whose object no argument of it stands for; NULL. */
static void function(const struct cmd *cmd, const char *method, struct buf *out)
{
	const struct arg *first = method && class_of(cmd->arg) ? cmd->arg + 1 : cmd->arg;
	const struct arg *a;
	const char *sep = "";

	comment(out, cmd->summary);
	if (cmd->detail && !method) {
		buf_adds(out, "---\n");
		comment(out, cmd->detail);
	}
	for (a = first; a->name; a++) {
		buf_adds(out, "---@param ");
		add_param(cmd, a, out);
		buf_adds(out, may_miss(a) && !is_vararg(cmd, a) ? "? " : " ");
		add_type(a, out);
		buf_addf(out, " %s\n", a->text ? a->text : "");
	}
	if (cmd->option[0].name)
		buf_addf(out, "---@param options? tcpstep.%s.options\n", cmd->name);
	add_returns(cmd->returns, "---@return ", "\n", out);
	overloads(cmd, first, out);
	buf_addf(out, "function %s%s%s(", method ? method : "", method ? ":" : "",
		 cmd->name);
	for (a = first; a->name; a++) {
		buf_adds(out, sep);
		add_param(cmd, a, out);
		sep = ", ";
	}
	buf_addf(out, "%s) end\n\n",
		 cmd->option[0].name ? *sep ? ", options" : "options" : "");
}

static void option_class(const struct cmd *cmd, struct buf *out)
{
	const struct arg *a;

	if (!cmd->option[0].name)
		return;
	buf_addf(out, "---@class tcpstep.%s.options\n", cmd->name);
	for (a = cmd->option; a->name; a++) {
		buf_addf(out,
			 lua_is_keyword(a->name) ? "---@field [\"%s\"]? "
						 : "---@field %s? ",
			 a->name);
		add_type(a, out);
		buf_addf(out, " %s", a->text ? a->text : "");
		buf_addf(out, a->standard ? " (default: %s)\n" : "\n", a->standard);
	}
	buf_addc(out, '\n');
}

static const char segment_class[] =
	"---What show, held and expect give of a segment. Numbers are relative: the SYN's is 0.\n"
	"---@class tcpstep.segment.data\n"
	"---@field number integer 5 of #5\n"
	"---@field from string the sender's name, \"-\" for a ghost\n"
	"---@field to string\n"
	"---@field from_address string ADDR:PORT\n"
	"---@field to_address string\n"
	"---@field flags string \"SYN,ACK\"\n"
	"---@field seq integer\n"
	"---@field ack integer\n"
	"---@field raw_seq integer as in the header\n"
	"---@field raw_ack integer\n"
	"---@field window integer in bytes: scaled\n"
	"---@field raw_window integer\n"
	"---@field options table mss, wscale, sack_permitted, tsval, tsecr, sack, cookie\n"
	"---@field ecn integer of the IP header: 0 not capable, 1 and 2 capable, 3 congestion met\n"
	"---@field len integer bytes of payload\n"
	"---@field data? string the payload; nil when it is no longer kept\n"
	"---@field data_cut? integer so many of them were not captured\n"
	"---@field options_cut? boolean not all options were captured\n"
	"---@field fate \"held\"|\"delayed\"|\"delivered\"|\"dropped\"|\"seen\"\n"
	"---@field delay? number seconds that it is under way, while it is delayed\n"
	"---@field why? string why it was dropped\n"
	"---@field fault? string why it cannot be read\n"
	"---@field checksum_ok? boolean\n"
	"---@field injected boolean\n"
	"---@field altered boolean\n"
	"---@field copy_of? integer the number of the segment that it is a copy of\n"
	"---@field again? integer the number of the segment that its sender sends again\n"
	"---@field copies number[] seconds after which it was sent again while it was held\n"
	"\n"
	"---What a function of wire:on or continue gets: alive while it runs. wire:on's may change\n"
	"---flags, seq, ack, window, urgent, data, options, ttl, ecn and keep_checksum.\n"
	"---@class tcpstep.segment\n"
	"---@field number integer 5 of #5\n"
	"---@field from string the sender's name, \"-\" for a ghost\n"
	"---@field to string\n"
	"---@field from_address string ADDR:PORT\n"
	"---@field to_address string\n"
	"---@field flags string \"SYN,ACK\"\n"
	"---@field seq integer\n"
	"---@field ack integer\n"
	"---@field window integer in bytes: scaled\n"
	"---@field urgent integer\n"
	"---@field len integer bytes of payload\n"
	"---@field data string\n"
	"---@field options string \"mss 1460,sackOK\"\n"
	"---@field ttl integer\n"
	"---@field ecn integer\n"
	"---@field again? integer the number of the segment that its sender sends again\n"
	"---@field keep_checksum boolean true: it is not put right after a change\n"
	"\n";

/* wire is a command, and the object that has the others of its group as methods. */
static void wire_class(const struct cmd *wire, struct buf *out)
{
	const struct cmd *const *c;

	comment(out, wire->summary);
	buf_adds(
		out,
		"---@class tcpstep.wire\n"
		"---@overload fun(direction?: string, options?: "
		"tcpstep.wire.options): table\n"
		"---@overload fun(options: tcpstep.wire.options): table\n"
		"wire = {}\n"
		"\n"
		"---asks the function about each segment on the running wire; nil ends it\n"
		"---@param fn? fun(seg: tcpstep.segment): "
		"(\"drop\"|\"dup\"|\"hold\"|\"deliver\")?\n"
		"function wire:on(fn) end\n"
		"\n");
	for (c = commands(); *c; c++)
		if (*c != wire && (*c)->on_host && strcmp((*c)->group, wire->group) == 0)
			function(*c, "wire", out);
}

static void names(struct buf *out)
{
	const char *kind;
	int i;

	buf_adds(out, "-- Sockets and tasks are globals by their names.\n\n");
	for (kind = "lcst"; *kind; kind++) {
		for (i = 1; i <= NAMED; i++)
			buf_addf(out, "---@type tcpstep.%s\n%c%d = nil\n",
				 *kind == 't' ? "task" : "socket", *kind, i);
		buf_addc(out, '\n');
	}
}

void doc_lua_meta(struct buf *out)
{
	const struct cmd *const *c;
	size_t i;

	buf_adds(
		out,
		"---@meta tcpstep\n"
		"-- The commands of tcpstep " TCPSTEP_VERSION
		" for the Lua language server; generated.\n"
		"\n"
		"---A TCP socket, by its name a global: l1 listen, c1 connect, s1 accept.\n"
		"---@class tcpstep.socket\n"
		"---@field name string its name: \"c1\"\n"
		"---@field kind \"listener\"|\"connected\"|\"accepted\"\n"
		"---@field host string where it was made: \"here\"\n"
		"---@field fd integer the descriptor, -1 once it is closed\n"
		"---@field closed boolean\n"
		"---@field local_address string? ADDR:PORT\n"
		"---@field peer_address string? ADDR:PORT\n"
		"---@field port integer the local port\n"
		"local socket = {}\n"
		"\n"
		"---What commands raise, and try gives.\n"
		"---@class tcpstep.error\n"
		"---@field code string \"ECONNREFUSED\", \"timeout\", \"usage\" ...\n"
		"---@field op string the command\n"
		"---@field message string a sentence\n"
		"---@field hint string what to do next, or empty\n"
		"---@field bytes? integer what was done before it failed\n"
		"---@field where string the place in Lua, or empty\n"
		"\n"
		"---A function that runs in the background.\n"
		"---@class tcpstep.task\n"
		"local task = {}\n"
		"\n"
		"---@alias tcpstep.option string\n");
	for (i = 0; i < sockopt_count; i++)
		buf_addf(out, "---| \"%s\" # %s\n", sockopt_table[i].name,
			 sockopt_table[i].text);
	buf_adds(out, "\n---@alias tcpstep.setting string\n");
	for (i = 0; i < settings_count; i++)
		buf_addf(out, "---| \"%s\" # %s\n", settings_table[i].name,
			 settings_table[i].text);
	buf_addc(out, '\n');
	buf_adds(out, segment_class);
	for (c = commands(); *c; c++) {
		option_class(*c, out);
		if (strcmp((*c)->name, "wire") == 0)
			wire_class(*c, out);
		else if (!(*c)->lua)
			function(*c, NULL, out);
		if (class_of((*c)->arg))
			function(*c, class_of((*c)->arg), out);
	}
	doc_lua_check(out);
	names(out);
}

void doc_luacheck(struct buf *out)
{
	const struct cmd *const *c;

	buf_adds(
		out,
		"-- For luacheck --config, or as .luacheckrc: scripts for tcpstep " TCPSTEP_VERSION
		"; generated.\n"
		"local names = {}\n"
		"\n"
		"-- Sockets and tasks are globals by their names.\n"
		"for i = 1, 99 do\n"
		"\tfor _, kind in ipairs({\"l\", \"c\", \"s\", \"t\"}) do\n"
		"\t\tnames[#names + 1] = kind .. i\n"
		"\tend\n"
		"end\n"
		"\n"
		"stds.tcpstep = {\n"
		"\tglobals = names,\n"
		"\tread_globals = {\n");
	for (c = commands(); *c; c++)
		buf_addf(out, "\t\t\"%s\",\n", (*c)->name);
	buf_adds(
		out,
		"\t\tcheck = { fields = { limit = { read_only = false } }, other_fields = true },\n"
		"\t},\n"
		"}\n"
		"std = \"lua54+tcpstep\"\n");
}
