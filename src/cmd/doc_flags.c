/* doc_flags.c - the options of the command line, and the short help about them. */
#include "base/text.h"
#include "cmd/doc.h"
#include "cmd/doc_parts.h"
#include "cmd/lang.h"

const struct doc_flag doc_flags[] = {
	{ "-e", "LINE", "run a line, as if it was typed; may be given several times" },
	{ "-i", NULL, "go on with the prompt after FILE.lua or -e" },
	{ "-", NULL, "run a Lua script that comes from standard input" },
	{ "--json", NULL, "print results and events as JSON, one object a line" },
	{ "--lab", NULL,
	  "begin with a lab of client and server, or of others: --lab=NAME,NAME" },
	{ "--lang", "en|zh",
	  "the language of help and lessons; else that of the locale" },
	{ "--sandbox", NULL,
	  "FILE.lua is a stranger's: it may read its own folder, save captures there, make "
	  "labs, and nothing else; see also test --sandbox" },
	{ "--lessons", "DIR",
	  "lessons of your own, instead of those inside the program" },
	{ "--generate", "man|bash|zsh|lua-meta|luacheck|texts",
	  "print the man page, a completion file, a file for Lua tools, or all texts" },
	{ "-h", NULL, "print a short help" },
	{ "-V", NULL, "print the version" },
	{ "tutorial", "[LESSON]", "list the lessons, or begin one" },
	{ "walkthrough", "[FILE.md]",
	  "go through a text with sessions in it, block by block" },
	{ "doctor", NULL,
	  "say whether a lab can be made here, and what is missing; exit 1 if it cannot" },
	{ "test", "[PATH]...",
	  "run scenarios, the Lua files of folders: tcpstep test --help" },
	{ .name = NULL },
};

void doc_usage(const char *lang, struct buf *out)
{
	const struct doc_flag *f;
	struct buf left = BUF_EMPTY;

	buf_addf(
		out, "%stcpstep [OPTION]... [FILE.lua [ARG]...]\n\n%s\n\n",
		lang_phrase(lang, "usage: "),
		lang_phrase(
			lang,
			"Without a file: a prompt. With one: a Lua script, its arguments in arg."));
	for (f = doc_flags; f->name; f++) {
		buf_reset(&left);
		buf_addf(&left, "%s%s%s", f->name, f->takes ? " " : "",
			 f->takes ? f->takes : "");
		buf_adds(out, "  ");
		text_column(out, buf_str(&left), 14);
		if (left.len > 14) {
			buf_addc(out, '\n');
			buf_pad(out, out->len + 16, ' ');
		}
		buf_adds(out, "  ");
		doc_flow(out, lang_text(lang, f->text, "flag.%s", f->name), 18, 18);
	}
	buf_addf(out, "\n%s\n",
		 lang_phrase(lang, "At the prompt, help lists the commands."));
	buf_clear(&left);
}
