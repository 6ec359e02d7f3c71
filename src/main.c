/* main.c - the command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/auxv.h>

#include "cmd/doc.h"
#include "ui/shell.h"

enum { EXIT_USAGE = 2, EXIT_INTERNAL = 3 };

static int print_help(void)
{
	struct buf out = BUF_EMPTY;

	doc_usage(&out);
	fwrite(out.data, 1, out.len, stdout);
	buf_clear(&out);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int usage(const char *why, const char *what)
{
	fprintf(stderr,
		"error: %s%s\n       usage: tcpstep [-i] [--json] [-e LINE]... [FILE.lua [ARGS...]]\n",
		why, what);
	return EXIT_USAGE;
}

/* Fills what to run from the command line; -1: run it, else the exit status. */
static int options_parse(int argc, char **argv, struct shell_options *shell,
			 const char **lines)
{
	static const struct option options[] = {
		{ "json", no_argument, NULL, 'j' },
		{ "generate", required_argument, NULL, 'g' },
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
		case 'g':
			if (shell_generate(optarg) == 0)
				return 0;
			return usage(
				"--generate takes man, bash, zsh, lua-meta or luacheck, not ",
				optarg);
		case 'h':
			return print_help();
		case 'V':
			return puts("tcpstep " TCPSTEP_VERSION) < 0 || fflush(stdout) ? 1
										      : 0;
		case ':':
			return usage("a value is missing after ", argv[optind - 1]);
		default:
			return usage("unknown option ", argv[optind - 1]);
		}
	}
	shell->lines = lines;
	if (optind < argc) {
		shell->script = argv + optind;
		shell->n_script = argc - optind;
	}
	return -1;
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
	lines = calloc((size_t)argc + 1, sizeof(*lines));
	if (!lines)
		return EXIT_INTERNAL;
	status = options_parse(argc, argv, &shell, lines);
	if (status < 0)
		status = shell_run(&shell);
	free(lines);
	return status;
}
