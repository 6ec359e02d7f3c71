/*
 * picture.c - the state machine drawn, with the sockets that are in its states.
 *
 * The drawing has no room for names: a box with someone in it gets sides of #, and below the
 * drawing each such state is listed with the names.
 */
#include "cmd/picture.h"

#include <string.h>

#include "base/text.h"
#include "tcp/state.h"

#define NAME_COLUMN 16

static enum tcp_state state_of(const struct value *record)
{
	return state_from_name(value_get(record, "state")->str.data);
}

/* The side of the box in which the name at p stands, that many steps away; NULL: it is no box. */
static char *side(char *p, int step)
{
	for (p += step; *p == ' '; p += step)
		;
	return *p == '|' ? p : NULL;
}

/* CLOSED is drawn twice. */
static void mark(char *picture, const char *name)
{
	char *p = picture, *left, *right;

	for (; (p = strstr(p, name)); p += strlen(name)) {
		left = side(p, -1);
		right = side(p + strlen(name) - 1, 1);
		if (left && right)
			*left = *right = '#';
	}
}

static void list_state(const struct value *list, enum tcp_state state, struct buf *out)
{
	struct buf head = BUF_EMPTY;
	size_t i;

	buf_addf(&head, "#  %s", state_name(state));
	text_column(out, buf_str(&head), NAME_COLUMN);
	for (i = 0; i < list->t->n; i++) {
		const struct value *r = &list->t->field[i].value;

		if (state_of(r) == state)
			buf_addf(out, "  %s", value_get(r, "name")->str.data);
	}
	buf_addc(out, '\n');
	buf_clear(&head);
}

void picture_draw(const struct value *list, struct buf *out)
{
	bool taken[STATE_COUNT] = { false };
	size_t i, begin = out->len;
	int state;

	buf_adds(out, state_diagram());
	for (i = 0; i < list->t->n; i++)
		taken[state_of(&list->t->field[i].value)] = true;
	for (state = STATE_NONE + 1; state < STATE_COUNT; state++)
		if (taken[state])
			mark(out->data + begin, state_name((enum tcp_state)state));
	buf_addc(out, '\n');
	for (state = STATE_NONE + 1; state < STATE_COUNT; state++)
		if (taken[state])
			list_state(list, (enum tcp_state)state, out);
	if (list->t->n == 0)
		buf_adds(out,
			 "No socket is in any of them: listen and connect make some.\n");
}
