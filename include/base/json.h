/* json.h - strings as JSON (RFC 8259). */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

/* Adds data between quotes: valid UTF-8 as it is, every other byte as U+FFFD. */
void json_string(struct buf *out, const char *data, size_t len);

/* Adds ,"key":"text", and ,"key":null for NULL. */
void json_text(struct buf *out, const char *key, const char *text);

/*
 * Adds received bytes: ,"data":"text" when they are UTF-8, ,"hex":"dead" when they are not, so that
 * nothing is lost.
 */
void json_data(struct buf *out, const char *data, size_t len);

#endif
