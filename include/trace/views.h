/* views.h - the trace as people read it: a line, a ladder, a sentence. */
#ifndef TRACE_VIEWS_H
#define TRACE_VIEWS_H

#include "base/buf.h"
#include "base/interrupt.h"
#include "trace/trace.h"

/* How a segment is shown. Payloads are always escaped; VIEW_UTF8 leaves printable UTF-8 in them. */
enum view_flag {
	VIEW_BRIEF = 1, /* a line without window and options, as after a delivery */
	VIEW_UTF8 = 2,
	VIEW_RAW = 4,	    /* sequence numbers as they stand in the header */
	VIEW_COLUMNS = 256, /* times the columns that there are; none: as many as usual */
};

/*
 * One line, without newline: "#1  client -> server  SYN      seq=0         win=64240 mss=1460 ws=10
 * HELD". Where there are fewer than 80 columns, what finds no room stands in a second one. how is of VIEW_
 * flags. word is what stands at the end, or NULL for the segment's fate.
 */
void view_line(const struct trace *t, const struct trace_segment *s, unsigned how,
	       const char *word, struct buf *out);

/*
 * `show #1`: what it says in plain words, its addresses, length, options, how long it was held and
 * when it was sent again, what became of it. now is the time on the trace's clock. Three lines or
 * more, each with its newline.
 */
void view_show(const struct trace *t, const struct trace_segment *s, unsigned how,
	       double now, struct buf *out);

struct ladder_options {
	bool utf8;  /* box characters and payloads in UTF-8 instead of ASCII */
	int width;  /* columns of the whole, at least 60; 0: 78 */
	int indent; /* of them empty in front */
	const bool
		*only; /* by index, which connections; NULL: all, one after the other */
	size_t first_event; /* 0: from the beginning */
	bool raw;	    /* raw sequence numbers */
	bool lines;	    /* script lines beside the segments ("line 5") */
	const struct interrupt
		*interrupt; /* the drawing ends early when it comes; NULL */
};

/*
 * The diagram: one column an end, states down both sides, held, dropped, duplicated,
 * retransmitted, injected and altered segments told apart. Lines with their newlines.
 */
void view_ladder(const struct trace *t, const struct ladder_options *o, struct buf *out);

/*
 * Explains one segment in a few sentences, in the terms of the textbooks: which handshake step it
 * is (first: SYN=1, seq=X, the client enters SYN_SENT ...), which bytes it carries or acknowledges,
 * why a retransmission, a RST, a zero window. What does not follow from the trace is not said.
 * Lines of at most 78 columns, each with its newline; the first begins with
 * "#1  client -> server  ".
 */
void view_explain(const struct trace *t, const struct trace_segment *s, unsigned how,
		  struct buf *out);

/* The trace as JSON, one event an object, one a line; a part of it when interrupted. */
void view_json(const struct trace *t, const struct interrupt *interrupt, struct buf *out);

#endif
