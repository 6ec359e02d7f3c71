/* views.h - the trace as people read it: a line, a ladder, a sentence. */
#ifndef TRACE_VIEWS_H
#define TRACE_VIEWS_H

#include "base/buf.h"
#include "trace/trace.h"

/*
 * One line, without newline: "#1  client -> server  SYN      seq=0         win=64240 mss=1460 ws=10  HELD".
 * brief leaves window and options out, as after a delivery. word is what stands at the end, or NULL
 * for the segment's fate.
 */
void view_line(const struct trace *t, const struct trace_segment *s, bool brief,
	       const char *word, struct buf *out);

/*
 * `show #1`: what it says in plain words, its addresses, length, options, how long it was held and
 * when it was sent again, what became of it. now is the time on the trace's clock.
 */
void view_show(const struct trace *t, const struct trace_segment *s, double now,
	       struct buf *out);

struct ladder_options {
	bool utf8; /* box characters instead of ASCII */
	int width; /* columns, at least 60; 0: 78 */
	const struct trace_conn
		*conn;	    /* only this connection; NULL: all, one after the other */
	size_t first_event; /* 0: from the beginning */
	bool raw;	    /* raw sequence numbers */
	bool lines;	    /* script lines beside the segments ("line 5") */
};

/* The diagram: one column an end, states down both sides, held, dropped, duplicated,
 * retransmitted, injected and altered segments told apart. */
void view_ladder(const struct trace *t, const struct ladder_options *o, struct buf *out);

/*
 * Explains one segment in a sentence or two, in the terms of the textbooks: which handshake step it
 * is (first: SYN=1, seq=X, the client enters SYN_SENT ...), which bytes it carries or acknowledges, why
 * a retransmission, a RST, a zero window.
 */
void view_explain(const struct trace *t, const struct trace_segment *s, struct buf *out);

/* The trace as JSON, one event an object, one a line. */
void view_json(const struct trace *t, struct buf *out);

#endif
