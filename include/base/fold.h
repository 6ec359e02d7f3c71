/* fold.h - text that was set for one width, set anew for a narrower terminal. */
#ifndef BASE_FOLD_H
#define BASE_FOLD_H

#include <stddef.h>

#include "base/buf.h"

/*
 * Adds text (lines, set for at most 80 columns) so that no line is wider than columns. A line that fits
 * stays as it is. One that does not is broken between words, or before and after a Chinese character, and
 * goes on below what it says: behind "error: ", behind the first column of a list, else below its own
 * beginning. Lines that only go on what the one before them began were part of a paragraph: it is
 * set anew as a whole. A word that is too wide is broken where the terminal would break it; a line of a
 * ladder, or of a picture drawn in another way, is left to the terminal.
 */
void fold_add(struct buf *out, const char *text, size_t len, size_t columns);

#endif
