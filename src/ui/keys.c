/*
 * keys.c - readline's source of bytes, and the mode of the terminal that they come from.
 *
 * Ctrl-C throws away what was typed before it: the byte that the loop has seen may be gone, and
 * readline would wait for the next with the signal unheard. So the terminal is told to let no
 * read wait (VMIN), and a signal makes a key of its own: the end of a paste, which ends one that
 * is under way and means nothing elsewhere.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <readline/readline.h>

#include "ui/ui.h"

#define C1_LEAD 0xc2 /* U+0080 to U+009F are this and one byte more */

/* readline's functions take no argument. */
static struct {
	struct ui *ui;
	char kept[16]; /* bytes that readline gets before those of the terminal */
	struct termios saved;
	bool is_tty;
} keys;

static void keep(const char *bytes)
{
	snprintf(keys.kept, sizeof(keys.kept), "%s", bytes);
}

static int end_of_paste(void)
{
	keep("[201~");
	return '\033';
}

static int read_byte(FILE *in)
{
	struct pollfd p = { .fd = fileno(in), .events = POLLIN };
	unsigned char c;
	ssize_t n;

	for (;;) {
		if (poll(&p, 1, 0) == 0 && signals_pending())
			return end_of_paste();
		if (poll(&p, 1, 20) <= 0)
			continue;
		n = read(p.fd, &c, 1);
		if (n == 1)
			return c;
		if (n < 0 ? errno == EINTR || errno == EAGAIN
			  : keys.is_tty && !(p.revents & POLLHUP))
			continue;
		/* readline 8.2 reads behind the text of a paste that ends so. */
		return RL_ISSTATE(RL_STATE_MOREINPUT) ? end_of_paste() : EOF;
	}
}

/* A pasted NUL would end the text, and a C1 control character would act on the terminal. */
static int get_byte(FILE *in)
{
	char *kept = keys.kept;
	int c, next;

	if (*kept) {
		c = (unsigned char)*kept;
		memmove(kept, kept + 1, strlen(kept));
		return c;
	}
	c = read_byte(in);
	if (c == 0 && RL_ISSTATE(RL_STATE_MOREINPUT)) {
		keep("x00");
		return '\\';
	}
	if (c != C1_LEAD || !keys.ui->app->utf8)
		return c;
	next = read_byte(in);
	if (next >= 0x80 && next < 0xa0) {
		snprintf(kept, sizeof(keys.kept), "xc2\\x%02x", (unsigned)next);
		return '\\';
	}
	if (next != EOF)
		*kept = (char)next;
	return c;
}

static void prepare(int meta)
{
	struct termios raw;

	rl_prep_terminal(meta);
	if (tcgetattr(STDIN_FILENO, &raw) < 0)
		return;
	raw.c_cc[VMIN] = 0;
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static int no_key(int count, int key)
{
	(void)count;
	(void)key;
	return 0;
}

void keys_init(struct ui *ui)
{
	keys.ui = ui;
	keys.is_tty = tcgetattr(STDIN_FILENO, &keys.saved) == 0;
	rl_getc_function = get_byte;
	rl_prep_term_function = prepare;
	rl_bind_keyseq("\\e[201~", no_key);
}

bool keys_kept(void)
{
	return *keys.kept != '\0';
}

void keys_restore(bool pastes_marked)
{
	static const char plain_paste[] = "\033[?2004l\r\n";

	if (!keys.is_tty)
		return;
	if (pastes_marked &&
	    write(STDOUT_FILENO, plain_paste, sizeof(plain_paste) - 1) < 0)
		keys.is_tty = false;
	tcsetattr(STDIN_FILENO, TCSANOW, &keys.saved);
}
