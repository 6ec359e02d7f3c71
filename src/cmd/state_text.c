/* state_text.c - what `state` gives, for people: a table of sockets, or one socket in full. */
#include "cmd/state_text.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/facts.h"
#include "tcp/state.h"

static const char *text_of(const struct value *r, const char *key, char *buf, size_t size)
{
	const struct value *v = value_get(r, key);

	if (!v)
		return "-";
	if (v->kind == VALUE_STR)
		return v->str.data;
	snprintf(buf, size, "%lld", v->i);
	return buf;
}

static void queue_text(const struct value *r, struct buf *out)
{
	const struct value *q = value_get(r, "queue"), *n = value_get(r, "recvq");
	const struct value *state = value_get(r, "state");

	if (q)
		buf_addf(out, "%lld/%lld", q->i, value_get(r, "backlog")->i);
	else if (n && strcmp(state->str.data, "TIME_WAIT") != 0)
		buf_addf(out, "%lld", n->i);
	else
		buf_addc(out, '-');
}

static void timer_text(const struct value *r, struct buf *out)
{
	const struct value *timer = value_get(r, "timer"), *ms = value_get(r, "timer_ms");
	const struct value *times = value_get(r, "retransmits");

	if (!timer) {
		buf_addc(out, '-');
	} else if (strcmp(timer->str.data, "timewait") == 0) {
		buf_addf(out, "%.0f s left", (double)ms->i / 1000);
	} else {
		buf_addf(out, "%s %.1f s", timer->str.data, (double)ms->i / 1000);
		if (times)
			buf_addf(out, " (%lld sent)", times->i);
	}
}

enum { COLUMNS = 7, SCREEN_COLUMNS = 80 };

static void cell_add(struct buf *cells, const char *text)
{
	buf_add(cells, text, strlen(text) + 1);
}

/* Cells stand one after the other, each with its NUL: a table may have 50,000 rows. */
static void row_cells(const struct value *r, struct buf *cells)
{
	char number[32];
	const struct value *state = value_get(r, "state");
	bool rests = strcmp(state->str.data, "LISTEN") == 0 ||
		     strcmp(state->str.data, "TIME_WAIT") == 0;

	cell_add(cells, text_of(r, "name", number, sizeof(number)));
	cell_add(cells, state->str.data);
	cell_add(cells, text_of(r, "local_address", number, sizeof(number)));
	cell_add(cells, text_of(r, "peer_address", number, sizeof(number)));
	queue_text(r, cells);
	buf_addc(cells, '\0');
	cell_add(cells, rests ? "-" : text_of(r, "sendq", number, sizeof(number)));
	timer_text(r, cells);
	buf_addc(cells, '\0');
}

/* The columns stand two apart, and one apart where that keeps the line within the screen. */
static const char *gap_of(const int width[COLUMNS])
{
	int c, sum = 0;

	for (c = 0; c < COLUMNS; c++)
		sum += width[c];
	return sum + 2 * (COLUMNS - 1) > SCREEN_COLUMNS &&
			       sum + COLUMNS - 1 <= SCREEN_COLUMNS
		       ? " "
		       : "  ";
}

static void cells_show(const struct buf *cells, struct buf *out)
{
	const char *cell, *end = cells->data + cells->len, *gap;
	int width[COLUMNS] = { 0 }, len, c = 0;

	for (cell = cells->data; cell < end; cell += len + 1, c = (c + 1) % COLUMNS) {
		len = (int)strlen(cell);
		if (len > width[c])
			width[c] = len;
	}
	gap = gap_of(width);
	for (cell = cells->data; cell < end; cell += strlen(cell) + 1) {
		bool right = c == 4 || c == 5;

		if (c < COLUMNS - 1)
			text_column(out, cell, right ? -width[c] : width[c]);
		else
			buf_adds(out, cell);
		buf_adds(out, c < COLUMNS - 1 ? gap : "\n");
		c = (c + 1) % COLUMNS;
	}
}

void state_table(const struct value *list, struct buf *out)
{
	static const char *const titles[COLUMNS] = { "name",  "state", "local", "peer",
						     "recvq", "sendq", "timer" };
	struct buf cells = BUF_EMPTY;
	size_t i;

	for (i = 0; i < COLUMNS; i++)
		cell_add(&cells, titles[i]);
	for (i = 0; i < list->t->n; i++)
		row_cells(&list->t->field[i].value, &cells);
	cells_show(&cells, out);
	buf_clear(&cells);
}

void state_record(const struct value *r, struct sock *s, struct buf *out)
{
	const struct value *v;
	struct buf text = BUF_EMPTY;
	char number[40];

	buf_addf(out, "%s  %s  ", text_of(r, "name", number, sizeof(number)),
		 text_of(r, "state", number, sizeof(number)));
	sock_ends(s, out);
	buf_addc(out, '\n');
	buf_addf(out, "    %s\n",
		 state_summary(state_from_name(value_get(r, "state")->str.data)));
	queue_text(r, &text);
	fact_line(value_get(r, "queue") ? "queue/backlog" : "recvq", buf_str(&text),
		  value_get(r, "queue") ? "" : "bytes",
		  value_get(r, "queue") ? "connections that wait for accept"
					: "not yet read",
		  out);
	if (value_get(r, "sendq"))
		fact_line("sendq", text_of(r, "sendq", number, sizeof(number)), "bytes",
			  "not yet acknowledged", out);
	if (value_get(r, "unread"))
		fact_line("unread", text_of(r, "unread", number, sizeof(number)), "bytes",
			  "taken from the kernel by a recv that did not end", out);
	buf_reset(&text);
	timer_text(r, &text);
	fact_line("timer", buf_str(&text), "", "", out);
	buf_clear(&text);
	v = value_get(r, "congestion");
	if (v)
		fact_line("congestion", v->str.data, "", "congestion control", out);
	facts_show(r, out);
}
