/* main.c - the command line. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/buf.h"
#include "base/err.h"
#include "cmd/doc.h"
#include "sys/netns.h"
#include "sys/sandbox.h"
#include "ui/shell.h"

enum { EXIT_USAGE = 2, EXIT_INTERNAL = 3 };

/*
 * A standard descriptor that is closed would become a socket's, and messages a peer's data. What
 * stands in its place fails, as the closed one did.
 */
static void hold_standard_fds(void)
{
	int fd, held;

	for (fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		held = open("/dev/null", fd ? O_RDONLY : O_WRONLY);
		if (held != fd)
			abort();
	}
}

/*
 * Each recv of a script is a new string of up to 1 MiB. glibc gives the memory of such back
 * when it is freed, and every page of the next one would be a fault: half the speed.
 */
static void keep_freed_memory(void)
{
#ifdef M_TRIM_THRESHOLD
	mallopt(M_TRIM_THRESHOLD, 16 << 20);
	mallopt(M_MMAP_THRESHOLD, 8 << 20);
#endif
}

/* What was asked for has to arrive. Takes text. */
static int print_text(struct buf *text)
{
	struct err err;
	bool whole = fwrite(buf_str(text), 1, text->len, stdout) == text->len;

	buf_clear(text);
	if (fflush(stdout) == 0 && whole)
		return EXIT_SUCCESS;
	err_errno(&err, errno, "error: write to stdout");
	fprintf(stderr, "%s\n", err.message);
	return EXIT_FAILURE;
}

static int print_help(const struct shell_options *shell)
{
	struct buf out = BUF_EMPTY;

	doc_usage(shell_lang(shell), &out);
	return print_text(&out);
}

static int print_version(void)
{
	struct buf out = BUF_EMPTY;

	buf_adds(&out, "tcpstep " TCPSTEP_VERSION "\n");
	return print_text(&out);
}

static int usage(const char *why, const char *what)
{
	fprintf(stderr,
		"error: %s%s\n       usage: tcpstep [-i] [--json] [--lang en|zh] [--lab[=NAME,NAME]] [-e LINE]... [--sandbox] [FILE.lua [ARGS...]]\n",
		why, what);
	return EXIT_USAGE;
}

static int doctor(void)
{
	struct buf out = BUF_EMPTY;
	int rc, status;

	sandbox_doctor(&out);
	rc = netns_doctor(&out);
	status = print_text(&out);
	return rc < 0 ? EXIT_FAILURE : status;
}

static int generate(const char *kind)
{
	struct buf out = BUF_EMPTY;

	if (shell_generate(kind, &out) == 0)
		return print_text(&out);
	buf_clear(&out);
	return usage("--generate takes man, bash, zsh, lua-meta, luacheck or texts, not ",
		     kind);
}

/* A sandbox is for a script that a file holds, and has no way to a person. */
static int check_sandbox(const struct shell_options *shell)
{
	if (shell->test)
		return usage("--sandbox stands behind test: tcpstep test --sandbox", "");
	if (!shell->script || strcmp(shell->script[0], "-") == 0)
		return usage("--sandbox takes a script: ", "tcpstep --sandbox FILE.lua");
	if (shell->interactive || shell->n_lines > 0)
		return usage("--sandbox gives no prompt: ", "without -i and -e");
	return -1;
}

static bool lang_is_known(const char *lang)
{
	return lang && (strcmp(lang, "en") == 0 || strcmp(lang, "zh") == 0);
}

/* Fills what to run from the command line; -1: run it, else the exit status. */
static int options_parse(int argc, char **argv, struct shell_options *shell,
			 const char **lines)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "lab", optional_argument, NULL, 'l' },
		{ "lang", required_argument, NULL, 'L' },
		{ "sandbox", no_argument, NULL, 'B' },
		{ "lessons", required_argument, NULL, 'S' },
		{ "generate", required_argument, NULL, 'g' },
		{ "scenario", no_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "+:e:ihV", options, NULL)) != -1) {
		switch (c) {
		case 'e':
			lines[shell->n_lines++] = optarg;
			break;
		case 'i':
			shell->interactive = true;
			break;
		case 'j':
			shell->json = true;
			break;
		case 'l':
			shell->lab = optarg ? optarg : "";
			break;
		case 'L':
			shell->lang = optarg;
			if (!lang_is_known(shell->lang))
				return usage("--lang takes en or zh, not ", shell->lang);
			break;
		case 'B':
			shell->sandbox = true;
			break;
		case 'S':
			shell->lessons = optarg;
			break;
		case 'g':
			return generate(optarg);
		case 's':
			/* The runner's own way to start a scenario: FILE NAME=VALUE... follow. */
			shell->scenario = argv + optind;
			return optind < argc ? -1 : usage("--scenario takes a file", "");
		case 'h':
			return print_help(shell);
		case 'V':
			return print_version();
		case ':':
			return usage("a value is missing after ", argv[optind - 1]);
		default:
			return usage("unknown option ", argv[optind - 1]);
		}
	}
	shell->lines = lines;
	if (optind + 1 == argc && strcmp(argv[optind], "doctor") == 0)
		return doctor();
	if (optind < argc && (strcmp(argv[optind], "tutorial") == 0 ||
			      strcmp(argv[optind], "walkthrough") == 0)) {
		shell->command = argv + optind;
	} else if (optind < argc && strcmp(argv[optind], "test") == 0) {
		shell->test = argv + optind + 1;
	} else if (optind < argc) {
		shell->script = argv + optind;
		shell->n_script = argc - optind;
	}
	return shell->sandbox ? check_sandbox(shell) : -1;
}

int main(int argc, char **argv)
{
	struct shell_options shell = { 0 };
	const char **lines;
	int status;

	/* With file capabilities or set-user-id, LUA_PATH, INPUTRC and scripts would be a way in. */
	if (getauxval(AT_SECURE)) {
		fprintf(stderr,
			"error: tcpstep does not run set-user-id or with file capabilities\n");
		return EXIT_INTERNAL;
	}
	hold_standard_fds();
	keep_freed_memory();
	lines = calloc((size_t)argc + 1, sizeof(*lines));
	if (!lines)
		return EXIT_INTERNAL;
	status = options_parse(argc, argv, &shell, lines);
	if (status < 0)
		status = shell_run(&shell);
	free(lines);
	return status;
}
