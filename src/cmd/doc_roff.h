/* doc_roff.h - our plain texts as roff with the man(7) macros. */
#ifndef CMD_DOC_ROFF_H
#define CMD_DOC_ROFF_H

#include <stddef.h>

#include "base/buf.h"

/* Adds text to a line; what roff would take for its own is escaped. */
void roff_add(struct buf *out, const char *text, size_t len);
void roff_adds(struct buf *out, const char *text);

/*
 * Adds prose as help shows it: lines are filled, an empty one begins a paragraph, those that
 * begin with a blank stay as they are. "Word  text", with further lines below the text, is an
 * item. paragraph is the macro: ".PP", or ".IP" within an item.
 */
void roff_prose(struct buf *out, const char *text, const char *paragraph);

#endif
