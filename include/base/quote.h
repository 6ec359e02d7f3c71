/* quote.h - a string in quotes, read as Lua reads it. */
#ifndef BASE_QUOTE_H
#define BASE_QUOTE_H

#include "base/buf.h"
#include "base/err.h"

/*
 * Reads one quoted string, the quote (" with Lua's escapes, ' without any) at p, and adds its
 * bytes to out. Returns what follows the closing quote; NULL with err.
 */
const char *quote_read(const char *p, const char *end, struct buf *out, struct err *err);

#endif
