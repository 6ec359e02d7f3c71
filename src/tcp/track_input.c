/*
 * track_input.c - what a segment that arrives does to the end it is for.
 *
 * The order of the checks is Linux's (tcp_rcv_state_process, tcp_check_req,
 * tcp_timewait_state_process): where it differs from RFC 9293, 3.10.7, a comment says so.
 */
#include "tcp/track_end.h"

/* What it echoes is older (-1) or newer (1) than the timestamps of our SYNs; 0 is no echo. */
static int echo_is_off(const struct track_end *e, const struct segment *s)
{
	uint32_t echo = s->options.tsecr;

	if (!e->stamped || !s->options.timestamps || echo == 0)
		return 0;
	return seq_before(echo, e->ts_first) ? -1 : seq_after(echo, e->ts_last);
}

/* --- the sockets proper --- */

/* Linux also takes the number behind what came early (RFC 5961, 3.2, as amended by SACK). */
static bool rst_counts(const struct track_end *e, uint32_t seq)
{
	if (seq == e->next)
		return true;
	/* A peer that has forgotten its FIN resets with the number that the FIN had. */
	if (seq == e->next - 1)
		return e->state == STATE_CLOSE_WAIT || e->state == STATE_LAST_ACK ||
		       e->state == STATE_CLOSING;
	return e->sack && e->peer_sack && seq == track_top(e);
}

/* The SYN,ACK of a simultaneous open. Before Linux 6.9 it was answered with a challenge ACK. */
static bool crossed_syn_ack(struct track_end *e, const struct segment *s)
{
	if (e->state != STATE_SYN_RCVD || e->passive || !has(s, FLAG_ACK) ||
	    s->seq + 1 != e->next || seg_end(s) != e->next || s->ack != e->sent)
		return false;
	e->may |= 1u << STATE_SYN_RCVD;
	return true;
}

/* First to fourth check: sequence, RST, SYN. True when the segment is worth going on with. */
static bool acceptable(struct track *t, struct track_end *e, const struct segment *s)
{
	bool rst = has(s, FLAG_RST);
	uint32_t edge = seq_after(e->edge, e->next) ? e->edge : e->next;

	if (!rst && track_is_stale(e, s, 1))
		return false;
	if (seq_before(seg_end(s), e->told) || seq_after(s->seq, edge)) {
		if (rst && s->seq == e->next - 1 && rst_counts(e, s->seq))
			track_move(t, e, EVENT_RCV_RST, false);
		return false;
	}
	if (rst) {
		if (rst_counts(e, s->seq))
			track_move(t, e, EVENT_RCV_RST, false);
		return false;
	}
	return !has(s, FLAG_SYN) || crossed_syn_ack(e, s);
}

static void window_take(struct track_end *e, const struct segment *s)
{
	bool agreed = e->wscale >= 0 && e->peer_wscale >= 0,
	     scaled = agreed && !has(s, FLAG_SYN);
	uint32_t window = (uint32_t)s->window << (scaled ? e->peer_wscale : 0);

	if (window > e->max_window)
		e->max_window = window;
	e->window = (agreed && !scaled) || has(s, FLAG_URG) ? -1 : s->window;
}

/*
 * Linux predicts the next segment: in order, with no flag but ACK, and with the same window. One that is
 * like that it takes for the last in order before it asks what its ACK is (tcp_rcv_established). The first
 * bytes, for which no room is set aside yet, and what follows urgent data it does not predict.
 */
static bool is_predicted(const struct track_end *e, const struct segment *s)
{
	return e->state == STATE_ESTABLISHED && (s->flags & ~FLAG_PSH) == FLAG_ACK &&
	       (s->len == 0 || e->fed) && s->seq == e->next && e->told == e->next &&
	       e->n_early == 0 && s->window == e->window && !seq_after(s->ack, e->sent);
}

/*
 * Fifth check (tcp_ack). False when the segment acknowledges what was never sent, or what was
 * acknowledged longer ago than the largest window (RFC 5961, 5.2).
 */
static bool ack_counts(struct track_end *e, const struct segment *s)
{
	uint32_t ago = e->una - s->ack;

	if (seq_after(s->ack, e->sent))
		return false;
	if (seq_before(s->ack, e->una))
		return e->state != STATE_SYN_RCVD && ago <= e->max_window &&
		       ago <= e->acked;
	/* Linux takes an ACK of nothing for that of our SYN where both ends have sent one. */
	e->acked += s->ack - e->una;
	e->una = s->ack;
	window_take(e, s);
	track_take_ts(e, s);
	return true;
}

/*
 * Bytes that nobody can read, because the socket is closed (RFC 1122, 4.2.2.13) or because they are
 * behind the FIN: the connection is reset. Linux counts a FIN behind a gap among them.
 */
static bool unreadable(const struct track_end *e, const struct segment *s)
{
	return e->shut && segment_span(s) > 0 &&
	       seq_after(s->seq + (uint32_t)s->len, e->next);
}

/* The ACK of our FIN has come. False when the segment is done with. */
static bool fin_acked(struct track *t, struct track_end *e, const struct segment *s)
{
	switch (e->state) {
	case STATE_FIN_WAIT_1:
		/* One arrow for both, when the FIN that it brings is in order. */
		if (has(s, FLAG_FIN) && !unreadable(e, s)) {
			bool whole = track_receive(e, s);

			track_move(t, e, whole ? EVENT_RCV_FIN_ACK : EVENT_RCV_ACK_FIN,
				   false);
			return false;
		}
		track_move(t, e, EVENT_RCV_ACK_FIN, false);
		if (!e->shut)
			return true;
		if (unreadable(e, s))
			track_move(t, e, EVENT_CALL_ABORT, false);
		return false;
	case STATE_CLOSING:
	case STATE_LAST_ACK:
		track_move(t, e, EVENT_RCV_ACK_FIN, false);
		return false;
	default:
		return true;
	}
}

/* tcp_fin */
static void fin_came(struct track *t, struct track_end *e)
{
	e->shut = true;
	switch (e->state) {
	case STATE_ESTABLISHED:
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_2:
		track_move(t, e, EVENT_RCV_FIN, false);
		return;
	default:
		return;
	}
}

/* Seventh and eighth check. */
static void take_data(struct track *t, struct track_end *e, const struct segment *s)
{
	bool past_fin = e->state == STATE_CLOSE_WAIT || e->state == STATE_CLOSING ||
			e->state == STATE_LAST_ACK;

	/* The FIN again, or what is behind it. */
	if (past_fin && !seq_before(s->seq, e->next))
		return;
	if (e->state != STATE_ESTABLISHED && unreadable(e, s))
		track_move(t, e, EVENT_CALL_ABORT, false);
	else if (track_receive(e, s))
		fin_came(t, e);
}

static void in_socket(struct track *t, struct track_end *e, const struct segment *s)
{
	if (!has(s, FLAG_ACK | FLAG_RST | FLAG_SYN))
		return;
	if (is_predicted(e, s))
		track_take_ts(e, s);
	if (!acceptable(t, e, s) || !ack_counts(e, s))
		return;
	if (e->state == STATE_SYN_RCVD) {
		track_move(t, e, EVENT_RCV_ACK, false);
		if (e->fin_wanted)
			track_move(t, e, EVENT_CALL_CLOSE, false);
	}
	if (e->fin_sent && e->una == e->fin + 1 && !fin_acked(t, e, s))
		return;
	take_data(t, e, s);
}

/* --- SYN_RCVD in a listener's queue --- */

/* tcp_check_req */
static void in_syn_queue(struct track *t, struct track_end *e, const struct segment *s)
{
	bool acks_syn = has(s, FLAG_ACK) && s->ack == e->iss + 1;
	bool repeated = s->seq + 1 == e->next;

	/* Another ACK is answered by the listener, with RST; of a RST only its number counts. */
	if (has(s, FLAG_ACK) && !acks_syn && !has(s, FLAG_RST))
		return;
	if (track_is_stale(e, s, 0) || !track_in_window(e, s))
		return;
	if (echo_is_off(e, s)) {
		/* Before Linux 6.15 nobody asked. */
		e->may |= 1u << STATE_LISTEN | 1u << STATE_ESTABLISHED;
		return;
	}
	if (has(s, FLAG_RST)) {
		/* RFC 5961, 3.2. Before Linux 6.18.44 any number counted, if the ACK did. */
		if (s->seq != e->next) {
			e->may |= 1u << STATE_LISTEN;
			return;
		}
		track_move(t, e, EVENT_RCV_RST, false);
		if (!acks_syn)
			e->may |= 1u << STATE_SYN_RCVD;
		return;
	}
	if (has(s, FLAG_SYN) && !repeated) {
		track_move(t, e, EVENT_CALL_ABORT, false);
		return;
	}
	if (!acks_syn)
		return;
	e->una = s->ack;
	track_take_ts(e, s);
	in_socket(t, e, s);
	/* The socket is made, also when it thought little of the segment, as of SYN,ACK. */
	e->passive = false;
	/*
	 * A full accept queue, and a listener that waits for data, leave it where it is; with
	 * tcp_abort_on_overflow a full queue ends it.
	 */
	e->may |= 1u << STATE_SYN_RCVD | 1u << STATE_LISTEN;
}

/* --- CLOSED, LISTEN, SYN_SENT --- */

static void syn_came(struct track_end *e, const struct segment *s)
{
	e->next = s->seq + 1;
	e->told = e->next;
	e->edge = e->next + 65535;
	e->peer_sack = s->options.sack_permitted;
	/* RFC 7323, 2.3: no more than 14. */
	e->peer_wscale = s->options.wscale < 14 ? s->options.wscale : 14;
	e->has_ts = s->options.timestamps;
	e->ts = s->options.tsval;
}

/* The listener takes it, whatever was here before. */
static void syn_taken(struct track *t, struct track_end *e, const struct segment *s)
{
	track_move(t, e, EVENT_RCV_SYN, true);
	track_begin(e);
	syn_came(e, s);
	e->state = STATE_SYN_RCVD;
	e->passive = true;
	/* A full queue takes no SYN, nor keeps one that a cookie answers. */
	e->may |= 1u << STATE_LISTEN;
}

/*
 * It may bring a SYN cookie back (cookie_v4_check): the numbers of the handshake are in it, and what was
 * agreed on is as in the SYN that the cookie answered. The connection that it makes takes the segment.
 */
static void cookie_came(struct track *t, struct track_end *e, const struct segment *s)
{
	e->iss = s->ack - 1;
	e->una = e->sent = s->ack;
	e->next = e->told = s->seq;
	e->edge = e->next + 65535;
	e->has_ts = s->options.timestamps;
	e->ts = s->options.tsval;
	e->state = STATE_ESTABLISHED;
	in_socket(t, e, s);
	e->may |= 1u << e->state;
	e->state = STATE_CLOSED;
}

static void at_listener(struct track *t, struct track_end *e, const struct segment *s,
			bool listens)
{
	if (!listens || has(s, FLAG_RST))
		return;
	if (has(s, FLAG_ACK)) {
		if (!has(s, FLAG_SYN))
			cookie_came(t, e, s);
		return;
	}
	if (!has(s, FLAG_SYN) || has(s, FLAG_FIN))
		return;
	syn_taken(t, e, s);
}

/* tcp_rcv_synsent_state_process */
static void in_syn_sent(struct track *t, struct track_end *e, const struct segment *s)
{
	int off = has(s, FLAG_ACK) ? echo_is_off(e, s) : 0;

	if (has(s, FLAG_ACK)) {
		/* Out of place: answered with RST, and the SYN stays out. */
		if (!seq_after(s->ack, e->una) || seq_after(s->ack, e->sent) || off < 0)
			return;
	}
	if (has(s, FLAG_RST)) {
		if (has(s, FLAG_ACK))
			track_move(t, e, EVENT_RCV_RST, false);
	} else if (has(s, FLAG_SYN) && (has(s, FLAG_ACK) || !track_is_stale(e, s, 0))) {
		syn_came(e, s);
		e->has_ts &= e->stamped;
		window_take(e, s);
		if (has(s, FLAG_ACK)) {
			e->acked = s->ack - e->una;
			e->una = s->ack;
		} else if (e->peer_wscale < 0) {
			/* Only SYN,ACK takes our own scale back. */
			e->peer_wscale = 0;
		}
		track_move(t, e, has(s, FLAG_ACK) ? EVENT_RCV_SYN_ACK : EVENT_RCV_SYN,
			   false);
	}
	/* An echo of what is still to come is out of place as well; the time now is not known here. */
	if (off > 0)
		e->may |= 1u << STATE_SYN_SENT;
}

/* --- FIN_WAIT_2 of a closed socket, TIME_WAIT --- */

/*
 * Linux may have turned it into a TIME_WAIT socket in all but name, which takes less care: when its
 * retransmission timeout is short, and that does not show.
 */
static enum tcp_state as_remnant(const struct track_end *e, const struct segment *s)
{
	if (track_is_stale(e, s, 0) || !track_in_window(e, s))
		return STATE_NONE;
	if (has(s, FLAG_RST) || (has(s, FLAG_SYN) && !seq_before(s->seq, e->next)))
		return STATE_CLOSED;
	if (has(s, FLAG_ACK) && has(s, FLAG_FIN) && seg_end(s) == e->next + 1)
		return STATE_TIME_WAIT;
	return STATE_NONE;
}

static void in_orphan(struct track *t, struct track_end *e, const struct segment *s)
{
	enum tcp_state remnant = as_remnant(e, s);

	in_socket(t, e, s);
	e->may |= 1u << remnant;
}

/* RFC 1122, 4.2.2.13; a newer timestamp is as good as a higher number (RFC 6191). */
static bool is_newer(const struct track_end *e, const struct segment *s)
{
	return seq_after(s->seq, e->next) || (e->has_ts && s->options.timestamps &&
					      (int32_t)(s->options.tsval - e->ts) > 0);
}

/* tcp_timewait_state_process */
static void in_time_wait(struct track *t, struct track_end *e, const struct segment *s,
			 bool listens)
{
	if (track_is_stale(e, s, 0))
		return;
	if (has(s, FLAG_RST)) {
		if (s->seq != e->next)
			return;
		track_move(t, e, EVENT_RCV_RST, false);
		/* With tcp_rfc1337 it is ignored. */
		e->may |= 1u << STATE_TIME_WAIT;
	} else if (has(s, FLAG_SYN)) {
		if (listens && !has(s, FLAG_ACK) && is_newer(e, s))
			syn_taken(t, e, s);
	} else if (s->seq == e->next && s->seq == seg_end(s) && s->options.timestamps) {
		e->ts = s->options.tsval;
	}
}

void track_input(struct track *t, struct track_end *e, const struct segment *s,
		 bool listens)
{
	if (e->state == STATE_SYN_RCVD && e->passive && e->deaf)
		track_move(t, e, EVENT_TIMEOUT, false);
	if (e->state == STATE_CLOSED)
		at_listener(t, e, s, listens);
	else if (e->state == STATE_SYN_SENT)
		in_syn_sent(t, e, s);
	else if (e->state == STATE_SYN_RCVD && e->passive)
		in_syn_queue(t, e, s);
	else if (e->state == STATE_TIME_WAIT)
		in_time_wait(t, e, s, listens);
	else if (e->state == STATE_FIN_WAIT_2 && e->shut)
		in_orphan(t, e, s);
	else
		in_socket(t, e, s);
}
