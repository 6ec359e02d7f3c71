/* state_text.h - what `state` gives, for people. */
#ifndef CMD_STATE_TEXT_H
#define CMD_STATE_TEXT_H

#include "base/buf.h"
#include "cmd/socks.h"
#include "cmd/value.h"

/* Adds a line for each record of the list, below a line of titles. */
void state_table(const struct value *list, struct buf *out);

/* Adds all that the record says of that socket. */
void state_record(const struct value *r, struct sock *s, struct buf *out);

#endif
