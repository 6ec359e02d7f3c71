/* arrow.h - one arrow of a ladder, between its two bars; for this floor only. */
#ifndef SRC_TRACE_ARROW_H
#define SRC_TRACE_ARROW_H

#include "base/buf.h"
#include "trace/trace.h"

/* What lines and arrows are made of. */
struct glyphs {
	const char *bar, *dash, *head[2]; /* head[0] points to the right */
	const char *hold[2], *drop, *open;
};

extern const struct glyphs glyphs_ascii, glyphs_utf8;

struct arrow {
	const struct trace *t;
	const struct trace_segment *s;
	const struct glyphs *glyphs;
	bool left; /* it goes to the left */
	bool utf8; /* in the payload */
	bool raw;
	size_t width; /* columns between the bars */
};

/* Adds exactly width columns: from bar to bar, or as far as a held or dropped segment came. */
void arrow_add(struct buf *out, const struct arrow *a);

/* The beginning of one whose end is drawn further down, and that end. */
void arrow_add_start(struct buf *out, const struct arrow *a);
void arrow_add_end(struct buf *out, const struct arrow *a);

/* "(sent again after 1.0, 3.1 s)" for a segment with folded copies. */
void arrow_add_copies(struct buf *out, const struct arrow *a);

#endif
