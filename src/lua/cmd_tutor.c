/* cmd_tutor.c - rows of the lessons' commands; their bodies are in scripts/lib/tutor.lua. */
#include "lua/state.h"

const struct cmd rows_tutor[] = {
	{
		.name = "tutorial",
		.group = "lessons",
		.usage = "[LESSON | next | off | report | lint DIR | test DIR]",
		.summary = "list the lessons, or begin one",
		.detail =
			"TCP connection states, learnt by doing, on real stacks. LESSON is a name or a number; next is\n"
			"the first that is not done. A lesson begins with an empty stage (sockets and a lab that were\n"
			"there are closed) and goes on where it was stopped. Every command works all the time; off\n"
			"ends the lesson, its sockets stay. report says what was done, for a teacher (with --json for\n"
			"a program). lint and test are for authors: all lessons of a directory. The language is that\n"
			"of --lang or set lang.",
		.example = "tutorial\ntutorial shell\nhint\ntutorial off",
		.returns = "table?",
		.looks = true,
		.arg = { { "what", ARG_TEXT, ARG_OPTIONAL | ARG_MANY,
			   .standard = "the list",
			   .text = "a lesson's name or number, or one of these words" } },
		.option = { { "lessons", ARG_PATH, ARG_OPTIONAL,
			      .standard = "--lessons, else those inside the program",
			      .text = "a directory of lessons of your own" },
			    { "timeout", ARG_DURATION, ARG_OPTIONAL, .standard = "2m",
			      .text = "of test: how long each lesson may take" } },
		.module = "tutor",
	},
	{
		.name = "lesson",
		.group = "lessons",
		.summary = "show the task again; after a finished step, the next one",
		.detail = "An empty line (Enter) after a finished step does the same.",
		.example = "tutorial shell\nlesson",
		.returns = "nil",
		.looks = true,
		.module = "tutor",
	},
	{
		.name = "hint",
		.group = "lessons",
		.summary = "a hint for the present step, up to three",
		.example = "tutorial shell\nhint",
		.returns = "nil",
		.looks = true,
		.module = "tutor",
	},
	{
		.name = "answer",
		.group = "lessons",
		.usage = "[run]",
		.summary = "show the commands that do the step; answer run: run them",
		.example = "tutorial shell\nanswer",
		.returns = "nil",
		.looks = true,
		.arg = { { "run", ARG_WORD, ARG_OPTIONAL, "run",
			   .text = "run them, each as if typed" } },
		.module = "tutor",
	},
	{
		.name = "skip",
		.group = "lessons",
		.summary = "leave the present step; what it wants is done for you",
		.example = "tutorial shell\nskip",
		.returns = "nil",
		.looks = true,
		.module = "tutor",
	},
	{
		.name = "restart",
		.group = "lessons",
		.usage = "[STEP]",
		.summary = "build the lesson's stage anew, at this step or at another",
		.detail =
			"All sockets and the lab go, and what the steps before do is done again. restart 1 begins\n"
			"the lesson anew.",
		.example = "tutorial shell\nrestart",
		.returns = "nil",
		.looks = true,
		.arg = { { "step", ARG_INT, ARG_OPTIONAL, NULL, 1, 99, "this one",
			   "its number" } },
		.module = "tutor",
	},
	{ .name = NULL },
};
