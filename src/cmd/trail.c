/* trail.c - what happened to a socket, in words. */
#include <string.h>

#include "base/text.h"
#include "cmd/observe.h"

void trail_format(const struct change *c, struct buf *out)
{
	int i;

	for (i = 0; i < c->n; i++)
		buf_addf(out, "%s%s", i ? " -> " : "", state_name(c->trail[i]));
	if (c->n == 0)
		buf_adds(out, state_name((enum tcp_state)c->sock->state));
}

void trail_reason(const struct change *c, struct buf *out)
{
	enum tcp_state from, to;

	if (c->n < 2)
		return;
	from = c->trail[c->n - 2];
	to = c->trail[c->n - 1];
	if (to == STATE_CLOSE_WAIT)
		buf_adds(out, "(peer sent FIN; it waits for your close)");
	else if (to == STATE_TIME_WAIT)
		buf_addf(out, "(%.0f s)", c->time_wait);
	else if (to == STATE_CLOSED && from == STATE_TIME_WAIT)
		buf_adds(out, "(2 MSL have passed; the kernel has forgotten it)");
	else if (to == STATE_CLOSED && c->gave_up)
		buf_adds(out, "(nobody answered; the kernel gave up)");
	else if (to == STATE_CLOSED && from == STATE_FIN_WAIT_2 && c->sock->fd < 0)
		return; /* a RST of either end, or its time was up: nobody tells */
	else if (to == STATE_CLOSED && c->sock->kind != SOCK_LISTEN &&
		 from != STATE_LAST_ACK && from != STATE_SYN_SENT && !c->called)
		buf_adds(out, "(peer sent RST)");
}

static void bytes_line(const struct change *c, struct buf *out)
{
	char count[32];

	if (c->sock->kind == SOCK_LISTEN)
		buf_addf(out, "%s connection%s in the accept queue",
			 text_count(c->recvq, count),
			 c->recvq == 1 ? " waits" : "s wait");
	else
		buf_addf(out, "%s byte%s ready to read", text_count(c->recvq, count),
			 text_plural(c->recvq));
}

void change_format(const struct change *c, struct buf *out, const char *indent)
{
	struct buf reason = BUF_EMPTY;
	char name[SOCK_NAME_MAX];
	size_t from = out->len, below;

	sock_name(c->sock, name);
	if (c->n > 1) {
		buf_addf(out, "%s%s  ", indent, name);
		below = out->len - from;
		trail_format(c, out);
		trail_reason(c, &reason);
		text_end_line(out, from, below, buf_str(&reason));
		buf_clear(&reason);
	}
	if (c->news_recvq) {
		buf_addf(out, "%s%s  ", indent, name);
		bytes_line(c, out);
		buf_addc(out, '\n');
	}
}
