/* cmd_history.c - history, replay, back: the session so far; their bodies are Lua, below scripts/lib. */
#include "cmd/rows.h"

const struct cmd rows_history[] = {
	{
		.name = "history",
		.group = "scripts",
		.usage = "[N | save FILE]",
		.summary = "list the last lines; save this session as a script",
		.detail =
			"A line that begins with a blank is not kept from one session to the next. The file of\n"
			"the lines is mode 0600, below $XDG_STATE_HOME, or ~/.local/state where that is not set.\n"
			"history save writes what was typed in this session as a Lua script that runs: tcpstep\n"
			"FILE, or replay FILE. Failed commands and those that only look (state, show) are left\n"
			"out; Lua lines stay as they are. Ports that the kernel chose are asked for anew, a\n"
			"segment of a held wire is named by what is in it and waited for, and the dice of the\n"
			"wire's faults get the seed that they had. In a lab the states that a command led to are\n"
			"waited for, too. With expect=yes these, and what each command gave, are checked\n"
			"everywhere: the script is a scenario for tcpstep test. A long one says which --timeout it\n"
			"needs there.",
		.example =
			"listen 7788\nconnect 127.0.0.1:7788\nhistory 5\nhistory save first.lua force=yes",
		.returns = "string[]|integer",
		.looks = true,
		.arg = { { "what", ARG_WORD_OR_SIZE, ARG_OPTIONAL, "save", 1, 1000000,
			   "20", "how many lines; or save" },
			 { "file", ARG_PATH, ARG_OPTIONAL,
			   .text = "where to save the session" } },
		.option = { { "expect", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "check what was seen" },
			    { "force", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "replace an existing file" } },
		.module = "history",
	},
	{
		.name = "replay",
		.group = "scripts",
		.usage = "[FILE | stop]",
		.summary = "step through a script, for showing it to others",
		.detail =
			"Shows the first statement. An empty line runs it, as if it had been typed, and shows the\n"
			"next. Any command may be typed in between: the prompt says where the script is. back\n"
			"goes back in it, replay stop ends it. What a replayed script does is no part of the\n"
			"session that history save writes.",
		.example =
			"listen 7788\nhistory save first.lua force=yes\nclose l1\nreplay first.lua\nreplay\nstate",
		.returns = "nil",
		.looks = true,
		.arg = { { "file", ARG_PATH, ARG_OPTIONAL,
			   .standard = "run the next statement",
			   .text = "which script; or stop" } },
		.module = "replay",
	},
	{
		.name = "back",
		.group = "scripts",
		.summary = "go back: begin anew, and replay to N commands earlier",
		.detail =
			"A connection cannot go back in time. All sockets, tasks and the lab end, and what was\n"
			"typed runs once more, without the last N commands that changed something. So ports and\n"
			"sequence numbers are new ones; the wire's faults keep their seed. Lua variables are as\n"
			"they were; not undone is what was done to settings (set), to files, and inside tables that\n"
			"the program began with, such as check.limit or package.loaded.\n"
			"\n"
			"In a script that is replayed N counts its statements. What was typed before it runs once\n"
			"more as well, what was typed in between does not. So it is also when the script has just\n"
			"ended. Where one has run before (tcpstep -i FILE, test --stop, a replay of another) there is\n"
			"no way back: its doings would not be done again.",
		.example =
			"lab\nserver listen 80\nclient connect server:80\nserver accept\nback 2",
		.returns = "nil",
		.looks = true,
		.arg = { { "count", ARG_INT, ARG_OPTIONAL, NULL, 1, 1000000, "1",
			   "how many commands" } },
		.module = "replay",
	},
	{ .name = NULL },
};
