/* json.h - values as JSON (RFC 8259), one line, stable keys. */
#ifndef CMD_JSON_H
#define CMD_JSON_H

#include "base/buf.h"
#include "cmd/value.h"

/* A string between quotes: valid UTF-8 as it is, every other byte as U+FFFD. */
void json_string(struct buf *out, const char *data, size_t len);

/* Sockets become their names, lists arrays, records objects, NaN and infinity null. */
void json_value(struct buf *out, const struct value *v);

/* ,"key":value */
void json_field(struct buf *out, const char *key, const struct value *v);

/*
 * Received bytes: ,"bytes":N,"data":"text" when they are UTF-8, ,"bytes":N,"hex":"dead" when they
 * are not, so that nothing is lost.
 */
void json_bytes(struct buf *out, const char *data, size_t len);

#endif
