/* text.h - the pieces of text that several views share; for this floor only. */
#ifndef SRC_TRACE_TEXT_H
#define SRC_TRACE_TEXT_H

#include "base/buf.h"
#include "trace/trace.h"

/*
 * Adds the segment's data between quotes, and "..." where room (columns) is too short for all, or
 * where the rest was not captured; for data that is not there words that say so.
 */
void quote_fit(struct buf *out, const struct segment *g, bool utf8, size_t room);

/* The columns that a view is to have, or as many as usual. */
size_t view_columns(unsigned how, size_t usual);

/* Adds text that is clean already, cut to room columns with ".." at its end. */
void clip_add(struct buf *out, const char *text, size_t room);

/* Adds a host's name, or for a ghost its address; escaped and cut to max columns. */
void end_add(struct buf *out, const struct trace *t, int host, const union addr *a,
	     size_t max);

/*
 * Adds the name of the segment's sender or of its receiver, cut to max columns; with ports, or where both
 * ends are one host, the port stands behind it: "client:41786", "127.0.0.1:80".
 */
void side_add(struct buf *out, const struct trace *t, const struct trace_segment *s,
	      bool receiver, bool ports, size_t max);

/* Adds "again #4", "copy of #4", "injected", "altered", "bad checksum", "malformed", with spaces. */
void marks_add(struct buf *out, const struct trace_segment *s);

/* Adds "byte 6", or of several "bytes 6 to 10". */
void bytes_add(struct buf *out, uint32_t first, uint32_t last);

/* Adds "HELD", or of what goes on by itself "DELAYED 50 ms", of what was moved "DELAYED behind #4". */
void held_add(struct buf *out, const struct trace_segment *s);

/* Adds "1.0, 3.1 and 7.2" with that last word: seconds after it was sent first. */
void copies_add(struct buf *out, const struct trace_segment *s, const char *and);

/* Adds " sack=6-11,16-21" in relative numbers; at most max blocks. */
void sacks_add(struct buf *out, const struct trace *t, const struct trace_segment *s,
	       bool raw, int max);

/* The number that the other end's sequence numbers count from: its ISN, 0 when raw or unknown. */
uint32_t ack_base(const struct trace *t, const struct trace_segment *s, bool raw);

/*
 * Adds text (spaces between words) as lines of at most width columns, the first after what
 * stands in the last line of out already, the others indented.
 */
void wrap_add(struct buf *out, const char *text, size_t indent, size_t width);

/* The same without the newline at the end. */
void wrap_words(struct buf *out, const char *text, size_t indent, size_t width);

#endif
