/* picture.h - the state machine drawn, with the sockets that are in its states. */
#ifndef CMD_PICTURE_H
#define CMD_PICTURE_H

#include "base/buf.h"
#include "cmd/value.h"

/* list is what `state` gives: records with a name and a state. */
void picture_draw(const struct value *list, struct buf *out);

#endif
