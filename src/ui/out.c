/* out.c - the one way to the terminal: escaped elsewhere, coloured here, above what is typed. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/fold.h"
#include "base/text.h"
#include "tcp/state.h"
#include "ui/ui.h"

void out_init(struct ui *ui)
{
	const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");
	bool dumb = !term || !*term || strcmp(term, "dumb") == 0;

	ui->out_tty = isatty(STDOUT_FILENO);
	ui->can_erase = ui->out_tty && !dumb;
	ui->app->set.colour = ui->can_erase && !(no_color && *no_color);
}

int out_columns(void)
{
	struct winsize size;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
									   : 80;
}

static void write_all(struct ui *ui, int fd, const char *data, size_t len)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	ssize_t n;

	while (len > 0) {
		n = write(fd, data, len);
		if (n < 0 && errno == EAGAIN) {
			poll(&p, 1, -1);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			/* Nobody reads any more, or the disk is full: that is a failure to be told. */
			if (fd == STDOUT_FILENO && !ui->quit) {
				struct err err;

				err_errno(&err, errno, "error: write to stdout");
				strncat(err.message, "\n",
					sizeof(err.message) - strlen(err.message) - 1);
				ui->quit = true;
				ui->status = 1;
				vm_signal(ui->vm);
				write_all(ui, STDERR_FILENO, err.message,
					  strlen(err.message));
			}
			return;
		}
		data += n;
		len -= (size_t)n;
	}
}

struct tint {
	const char *word;
	const char *code;
};

/* One colour for rest, one for coming and going, one for the ends. */
static const struct tint tints[] = {
	{ "ESTABLISHED", "32" }, { "LISTEN", "36" },	 { "SYN_SENT", "33" },
	{ "SYN_RCVD", "33" },	 { "FIN_WAIT_1", "33" }, { "FIN_WAIT_2", "33" },
	{ "CLOSE_WAIT", "35" },	 { "LAST_ACK", "33" },	 { "CLOSING", "33" },
	{ "TIME_WAIT", "34" },	 { "CLOSED", "31" },	 { "error:", "1;31" },
	{ "note:", "2" },
};

static const struct tint *tint_at(const char *p, const char *end)
{
	size_t i, n;

	for (i = 0; i < sizeof(tints) / sizeof(*tints); i++) {
		n = strlen(tints[i].word);
		if ((size_t)(end - p) >= n && memcmp(p, tints[i].word, n) == 0)
			return &tints[i];
	}
	return NULL;
}

static bool is_word_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

/* State names in colour, but not inside quotes: those are somebody's bytes. */
static void colourise(struct buf *out, const char *data, size_t len)
{
	const char *p = data, *end = data + len;
	bool quoted = false;

	while (p < end) {
		const struct tint *t = NULL;

		if (*p == '"' && (p == data || p[-1] != '\\'))
			quoted = !quoted;
		if (*p == '\n')
			quoted = false;
		if (!quoted && (p == data || !is_word_char(p[-1])))
			t = tint_at(p, end);
		if (t &&
		    (p + strlen(t->word) == end || !is_word_char(p[strlen(t->word)]))) {
			buf_addf(out, "\033[%sm%s\033[0m", t->code, t->word);
			p += strlen(t->word);
		} else {
			buf_addc(out, *p++);
		}
	}
}

/* What the terminal gets of it; plain where it has no colour, or colours of its own. */
static void coloured(const struct ui *ui, const char *data, size_t len, struct buf *out)
{
	if (ui->app->set.colour && !ui->app->set.json &&
	    memchr(data, '\033', len) == NULL)
		colourise(out, data, len);
	else
		buf_add(out, data, len);
}

static void put(struct ui *ui, int fd, const char *data, size_t len)
{
	struct buf text = BUF_EMPTY;

	progress_stop(ui);
	if (ui->repl)
		repl_hide(ui);
	coloured(ui, data, len, &text);
	write_all(ui, fd, buf_str(&text), text.len);
	buf_clear(&text);
	if (ui->repl)
		repl_unhide(ui);
}

/* The words of the shell as the terminal has room for them; exactly as they are where there is none. */
static void folded(const struct ui *ui, int fd, const char *data, size_t len,
		   struct buf *out)
{
	if (!ui->app->set.json && isatty(fd))
		fold_add(out, data, len, (size_t)out_columns());
	else
		buf_add(out, data, len);
}

static void keep(struct ui *ui, const char *data, size_t len)
{
	if (ui->app->keeps_shown)
		buf_add(&ui->app->shown, data, len);
}

void out_write(struct ui *ui, const char *data, size_t len)
{
	keep(ui, data, len);
	if (len == 0 || ui->app->quiet)
		return;
	/* What Lua's io.write has written before comes before. */
	fflush(stdout);
	put(ui, STDOUT_FILENO, data, len);
}

static void text_put(struct ui *ui, int fd, const char *data, size_t len)
{
	struct buf text = BUF_EMPTY;

	keep(ui, data, len);
	if (len == 0 || ui->app->quiet)
		return;
	fflush(stdout);
	folded(ui, fd, data, len, &text);
	put(ui, fd, buf_str(&text), text.len);
	buf_clear(&text);
}

void out_text(struct ui *ui, const char *data, size_t len)
{
	text_put(ui, STDOUT_FILENO, data, len);
}

void out_note(struct ui *ui, const char *text)
{
	text_put(ui, STDERR_FILENO, text, strlen(text));
}

void out_page(struct ui *ui, const char *data, size_t len)
{
	struct buf text = BUF_EMPTY, tinted = BUF_EMPTY;

	progress_stop(ui);
	fflush(stdout);
	folded(ui, STDOUT_FILENO, data, len, &text);
	coloured(ui, buf_str(&text), text.len, &tinted);
	if (!pager_show(ui, buf_str(&tinted), tinted.len))
		out_text(ui, data, len);
	buf_clear(&text);
	buf_clear(&tinted);
}
