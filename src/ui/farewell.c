/* farewell.c - what the end of the shell ends. */
#include <stdlib.h>

#include "ui/ui.h"

/* Adds TEXT to a list of which only the first twenty are named. */
static void list_add(struct buf *list, size_t *n, const char *text)
{
	if ((*n)++ < 20)
		buf_addf(list, "%s%s", *n > 1 ? ", " : "", text);
}

static void list_end(struct buf *list, size_t n)
{
	if (n > 20)
		buf_addf(list, " and %zu more", n - 20);
}

void farewell_add(struct app *app, struct buf *out)
{
	struct buf text = BUF_EMPTY, closed = BUF_EMPTY, stay = BUF_EMPTY;
	char name[SOCK_NAME_MAX];
	size_t n, i, n_closed = 0, n_stay = 0;
	struct sock **all = socks_sorted(&app->socks, &n);

	for (i = 0; i < n; i++) {
		enum tcp_state state = STATE_CLOSED;

		sock_name(all[i], name);
		if (all[i]->fd >= 0)
			list_add(&closed, &n_closed, name);
		else if (all[i]->kind != SOCK_LISTEN)
			state = sock_state(all[i], NULL);
		if (state == STATE_CLOSED)
			continue;
		buf_reset(&text);
		buf_addf(&text, "%s stays in %s", name, state_name(state));
		list_add(&stay, &n_stay, buf_str(&text));
	}
	free(all);
	list_end(&closed, n_closed);
	list_end(&stay, n_stay);
	buf_reset(&text);
	if (n_stay > 0)
		buf_addf(&text, "  (%s in the kernel)", buf_str(&stay));
	if (n_closed + n_stay > 0)
		buf_addf(out, "closed: %s%s\n", n_closed ? buf_str(&closed) : "nothing",
			 buf_str(&text));
	buf_clear(&text);
	buf_clear(&closed);
	buf_clear(&stay);
}
