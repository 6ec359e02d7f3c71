/* main.c - the command line. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/auxv.h>

#include "cmd/doc.h"
#include "ui/shell.h"

enum { EXIT_USAGE = 2 };

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

int main(int argc, char **argv)
{
	static const struct option options[] = { { "json", no_argument, NULL, 'j' },
						 { "generate", required_argument, NULL,
						   'g' },
						 { "help", no_argument, NULL, 'h' },
						 { "version", no_argument, NULL, 'V' },
						 { NULL, 0, NULL, 0 } };
	struct shell_options shell = { 0 };
	const char **lines = calloc((size_t)argc + 1, sizeof(*lines));
	int c, status;

	/* With file capabilities or set-user-id, LUA_PATH, INPUTRC and scripts would be a way in. */
	if (getauxval(AT_SECURE)) {
		fprintf(stderr,
			"error: tcpstep does not run set-user-id or with file capabilities\n");
		return 3;
	}
	if (!lines)
		return 3;
	shell.lines = lines;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "+e:ihV", options, NULL)) != -1) {
		switch (c) {
		case 'e':
			lines[shell.n_lines++] = optarg;
			break;
		case 'i':
			shell.interactive = true;
			break;
		case 'j':
			shell.json = true;
			break;
		case 'g':
			free(lines);
			return shell_generate(optarg) < 0
				       ? usage("--generate takes man, bash, zsh, "
					       "lua-meta or luacheck, not ",
					       optarg)
				       : 0;
		case 'h':
			free(lines);
			return print_help();
		case 'V':
			puts("tcpstep " TCPSTEP_VERSION);
			free(lines);
			return 0;
		default:
			free(lines);
			return usage(strchr("e", optopt) && optopt
					     ? "a value is missing after "
					     : "unknown option ",
				     argv[optind - 1]);
		}
	}
	if (optind < argc) {
		shell.script = argv + optind;
		shell.n_script = argc - optind;
	}
	status = shell_run(&shell);
	free(lines);
	return status;
}
