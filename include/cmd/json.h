/* json.h - values as JSON (RFC 8259), one line, stable keys. */
#ifndef CMD_JSON_H
#define CMD_JSON_H

#include "base/buf.h"
#include "base/json.h"
#include "cmd/value.h"

/* Sockets become their names, lists arrays, records objects, NaN and infinity null. */
void json_value(struct buf *out, const struct value *v);

/* ,"key":value */
void json_field(struct buf *out, const char *key, const struct value *v);

/* Received bytes: ,"bytes":N and json_data. */
void json_bytes(struct buf *out, const char *data, size_t len);

#endif
