/* cmd_walkthrough.c - walkthrough: the row; scripts/lib/walkthrough.lua is its body. */
#include "cmd/rows.h"

const struct cmd rows_walkthrough[] = {
	{
		.name = "walkthrough",
		.group = "lessons",
		.usage = "[FILE.md | next | off]",
		.summary = "go through a text with sessions in it, block by block",
		.detail =
			"A block is fenced by ``` and has lines that begin with a prompt (tcpstep> or lab>). The\n"
			"text up to the first block is shown; an empty line (which is walkthrough next) runs that\n"
			"block as if it had been typed, and shows the text up to the next one. What is typed in\n"
			"between runs as ever. off ends it. In a block, >> goes on with Lua, and $ begins what is\n"
			"for another shell: it is not run.\n"
			"\n"
			"check=yes runs all blocks at once and compares what is printed with what stands in the\n"
			"text; ports, times and the widths of columns may differ. It begins with no sockets and no\n"
			"lab, and leaves none. From a pipe or with -e the exit status is 1 when something differs,\n"
			"77 when a lab is needed and cannot be made.",
		.example = "walkthrough\nwalkthrough off",
		.returns = "nil",
		.looks = true,
		.arg = { { "file", ARG_PATH, ARG_OPTIONAL,
			   .standard = "the README of tcpstep",
			   .text = "a text in Markdown; or next, off" } },
		.option = { { "check", ARG_BOOL, ARG_OPTIONAL, .standard = "no",
			      .text = "run it all, and compare" } },
		.module = "walkthrough",
	},
	{ .name = NULL },
};
