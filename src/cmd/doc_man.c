/*
 * doc_man.c - tcpstep(1), in the man(7) macros.
 *
 * No date stands in it, so that the same source always gives the same page.
 */
#include <string.h>

#include "base/text.h"
#include "cmd/doc_parts.h"
#include "cmd/doc_roff.h"
#include "cmd/settings.h"
#include "sys/sockopt.h"
#include "tcp/state.h"
#include "tcp/topics.h"

static void head(struct buf *out, const char *title)
{
	buf_addf(out, ".SH \"%s\"\n", title);
}

/* A tagged paragraph; what follows is its body. */
static void tag(struct buf *out, const char *bold, const char *join, const char *italic)
{
	buf_adds(out, ".TP\n\\fB");
	roff_adds(out, bold);
	buf_addf(out, "\\fR%s\\fI", join);
	roff_adds(out, italic);
	buf_adds(out, "\\fR\n");
}

static void part_name(struct buf *out)
{
	buf_adds(out, ".TH TCPSTEP 1 \"\" \"tcpstep " TCPSTEP_VERSION
		      "\" \"User Commands\"\n.nh\n.ad l\n");
	head(out, "NAME");
	buf_adds(out,
		 "tcpstep \\- run, stop and look at TCP connections, step by step\n");
	head(out, "SYNOPSIS");
	buf_adds(out, ".B tcpstep\n[\\fIOPTION\\fR]...\\&\n"
		      ".br\n.B tcpstep\n[\\fIOPTION\\fR]...\\&\n"
		      "\\fIFILE.lua\\fR [\\fIARG\\fR]...\\&\n"
		      ".br\n.B tcpstep\n[\\fIOPTION\\fR]...\\&\n"
		      "\\fB\\-e\\fR \\fILINE\\fR [\\fB\\-e\\fR \\fILINE\\fR]...\\&\n"
		      ".br\n.B tcpstep\n[\\fIOPTION\\fR]...\\&\n\\fB\\-\\fR\n");
	head(out, "DESCRIPTION");
	roff_prose(
		out,
		"tcpstep is to a TCP connection what a debugger is to a program. Sockets are\n"
		"made, used and closed by hand, one call at a time, and after each call the\n"
		"states of both ends are shown as the kernel has them. Both ends are real TCP\n"
		"stacks.\n"
		"\n"
		"Without a file it gives a prompt. With FILE.lua it runs a Lua script; the same\n"
		"commands are functions there. Where standard input is no terminal, lines are\n"
		"read from it without a prompt, up to the first error.\n"
		"\n"
		"Results go to standard output, notes and errors to standard error. Bytes from\n"
		"the network are escaped on a terminal.\n",
		".PP");
}

static void part_options(struct buf *out)
{
	const struct doc_flag *f;

	head(out, "OPTIONS");
	for (f = doc_flags; f->name; f++) {
		tag(out, f->name, f->takes ? " " : "", f->takes ? f->takes : "");
		roff_adds(out, f->text);
		buf_addc(out, '\n');
	}
}

static void arg_item(const struct arg *a, bool option, struct buf *out)
{
	struct buf takes = BUF_EMPTY;

	tag(out, option ? a->name : "", option ? "=" : "", option ? "" : a->name);
	doc_takes_default("en", a, &takes);
	roff_adds(out, a->text ? a->text : "");
	buf_adds(out, " (");
	roff_adds(out, buf_str(&takes));
	buf_adds(out, ")\n");
	buf_clear(&takes);
}

static void command_item(const struct cmd *cmd, struct buf *out)
{
	struct buf text = BUF_EMPTY;
	const struct arg *a;

	cmd_usage(cmd, &text);
	buf_adds(out, ".TP\n\\fB");
	roff_adds(out, cmd->name);
	buf_adds(out, "\\fR");
	roff_adds(out, buf_str(&text) + strlen(cmd->name));
	buf_addc(out, '\n');
	roff_adds(out, cmd->summary);
	buf_adds(out, ".\n");
	if (cmd->detail) {
		/* A paragraph within the item. */
		buf_adds(out, ".IP\n");
		roff_prose(out, cmd->detail, ".IP");
	}
	buf_adds(out, ".RS\n");
	for (a = cmd->arg; a->name; a++)
		arg_item(a, false, out);
	for (a = cmd->option; a->name; a++)
		arg_item(a, true, out);
	buf_adds(out, ".RE\n");
	buf_reset(&text);
	if (doc_lua_form(cmd, false, &text)) {
		buf_adds(out, ".IP\nIn Lua: ");
		roff_adds(out, buf_str(&text));
		buf_adds(out, " gives ");
		doc_returns("en", cmd->returns, out);
		buf_adds(out, ".\n");
	}
	buf_clear(&text);
}

static void part_commands(struct buf *out)
{
	const struct cmd *const *c, *const *other;

	head(out, "COMMANDS");
	roff_prose(out, "help COMMAND says the same at the prompt, with an example.\n",
		   ".PP");
	for (c = commands(); *c; c++) {
		for (other = commands(); strcmp((*other)->group, (*c)->group) != 0;)
			other++;
		if (other != c)
			continue;
		buf_addf(out, ".SS \"%s\"\n", (*c)->group);
		for (; *other; other++)
			if (strcmp((*other)->group, (*c)->group) == 0)
				command_item(*other, out);
	}
}

static void part_tables(struct buf *out)
{
	const struct setting *s;
	const struct sockopt *o;
	struct buf takes = BUF_EMPTY;

	head(out, "SETTINGS");
	roff_prose(out, "What set shows and changes.\n", ".PP");
	for (s = settings_table; s < settings_table + settings_count; s++) {
		struct arg a = { s->name, s->type, 0, s->words, .standard = s->standard };

		buf_reset(&takes);
		doc_takes_default("en", &a, &takes);
		tag(out, s->name, "", "");
		roff_adds(out, s->text);
		buf_adds(out, " (");
		roff_adds(out, buf_str(&takes));
		buf_adds(out, ")\n");
	}
	head(out, "SOCKET OPTIONS");
	roff_prose(out, "What option shows and changes.\n", ".PP");
	for (o = sockopt_table; o < sockopt_table + sockopt_count; o++) {
		tag(out, o->name, " ", o->constant);
		roff_adds(out, o->text);
		if (*o->unit)
			buf_addf(out, " (%s)", o->unit);
		buf_adds(out, o->read_only ? "; can only be read\n" : "\n");
	}
	buf_clear(&takes);
}

static void part_topic(struct buf *out, const char *title, const char *name)
{
	const struct topic *t = topic_find_in("guide", name);

	if (!t)
		return;
	head(out, title);
	roff_prose(out, t->text, ".PP");
}

static void part_states(struct buf *out)
{
	int i;

	head(out, "STATES");
	roff_prose(out, state_diagram(), ".PP");
	for (i = 1; i < STATE_COUNT; i++) {
		tag(out, state_name((enum tcp_state)i), "", "");
		roff_adds(out, state_summary((enum tcp_state)i));
		buf_addc(out, '\n');
	}
}

static void part_errors(struct buf *out)
{
	const struct topic *t;

	head(out, "ERRORS");
	roff_prose(out,
		   "help CODE tells what was on the wire, the causes, and what to try.\n",
		   ".PP");
	for (t = topics; t < topics + topic_count; t++) {
		if (strcmp(t->group, "errors") != 0)
			continue;
		tag(out, t->name, "", "");
		roff_adds(out, t->summary);
		buf_addc(out, '\n');
	}
}

/* Tables of this page alone: tag and text. */
struct item {
	const char *tag, *text;
};

static void items(struct buf *out, const char *title, const struct item *item)
{
	head(out, title);
	for (; item->tag; item++) {
		tag(out, item->tag, "", "");
		roff_prose(out, item->text, ".IP");
	}
}

static const struct item files[] = {
	{ "$XDG_STATE_HOME/tcpstep/history",
	  "The lines typed, mode 0600; ~/.local/state/tcpstep/history where XDG_STATE_HOME is\n"
	  "not set. A line that begins with a blank is not kept. A symbolic link is not\n"
	  "followed.\n" },
	{ "$XDG_STATE_HOME/tcpstep/lessons",
	  "Which steps of the lessons are done, and where the learner stopped.\n" },
	{ "~/.inputrc",
	  "Keys, as in other programs with readline(3); \"$if tcpstep\" begins lines for tcpstep\n"
	  "alone.\n" },
	{ NULL, NULL },
};

static const struct item environment[] = {
	{ "NO_COLOR", "When set and not empty, no colours are used.\n" },
	{ "TERM", "When it is dumb, neither colours nor cursor movements are used.\n" },
	{ "INPUTRC", "A file of keys in place of ~/.inputrc.\n" },
	{ "XDG_STATE_HOME",
	  "The directory for the history and for the progress in the lessons.\n" },
	{ "LANG",
	  "Whether the terminal takes UTF-8; LC_ALL and LC_CTYPE stand before it.\n" },
	{ "LC_ALL, LC_MESSAGES, LANG",
	  "The first that is set gives the language of help and lessons: zh_CN.UTF-8 and the like\n"
	  "give Chinese, all others English. The option --lang stands before them.\n" },
	{ "LUA_INIT, LUA_PATH", "They are ignored.\n" },
	{ NULL, NULL },
};

static const struct item statuses[] = {
	{ "0", "All went well.\n" },
	{ "1", "A check or a command failed.\n" },
	{ "2", "The command line was wrong.\n" },
	{ "3", "An internal error.\n" },
	{ "77", "Everything was skipped.\n" },
	{ "130", "Ended by Ctrl-C.\n" },
	{ "143", "Ended by SIGTERM.\n" },
	{ NULL, NULL },
};

static void part_examples(struct buf *out)
{
	head(out, "EXAMPLES");
	roff_prose(out,
		   "A server and its client by hand, in one terminal:\n"
		   "\n"
		   "    $ tcpstep\n"
		   "    tcpstep> listen 7788 backlog=5\n"
		   "    tcpstep> connect 127.0.0.1:7788\n"
		   "    tcpstep> accept\n"
		   "    tcpstep> send c1 \"hello\\n\"\n"
		   "    tcpstep> recv s1 1024\n"
		   "    tcpstep> send s1 \"thank you !\"\n"
		   "    tcpstep> recv c1 1024\n"
		   "    tcpstep> close c1\n"
		   "    tcpstep> close s1\n"
		   "    tcpstep> state\n"
		   "\n"
		   "The same in Lua, as a script that tcpstep FILE.lua runs:\n"
		   "\n"
		   "    local l = listen(7788, {backlog = 5})\n"
		   "    local c = connect(\"127.0.0.1:7788\")\n"
		   "    local s = l:accept()\n"
		   "    c:send(\"hello\\n\")\n"
		   "    print(s:recv(1024))\n"
		   "    s:send(\"thank you !\")\n"
		   "    print(c:recv(1024))\n"
		   "    c:close()\n"
		   "    s:close()\n"
		   "    print(state(c))\n"
		   "\n"
		   "One line from a shell:\n"
		   "\n"
		   "    $ tcpstep -e 'connect 127.0.0.1:22' -e 'recv c1 line'\n",
		   ".PP");
	head(out, "SEE ALSO");
	buf_adds(out, ".BR tcp (7),\n.BR socket (7),\n.BR ip (7),\n.BR ss (8),\n"
		      ".BR tcpdump (1),\n.BR readline (3),\n.BR lua (1)\n");
	buf_adds(out, ".PP\nRFC 9293, Transmission Control Protocol.\n");
}

void doc_man(struct buf *out)
{
	part_name(out);
	part_options(out);
	part_commands(out);
	part_topic(out, "THE LINE", "line");
	part_topic(out, "LUA", "lua");
	part_topic(out, "CHECKS", "check");
	part_tables(out);
	part_states(out);
	part_errors(out);
	items(out, "FILES", files);
	items(out, "ENVIRONMENT", environment);
	items(out, "EXIT STATUS", statuses);
	part_examples(out);
}
