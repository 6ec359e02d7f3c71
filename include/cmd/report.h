/* report.h - what moved on a held wire since the user was last told. */
#ifndef CMD_REPORT_H
#define CMD_REPORT_H

#include "base/buf.h"
#include "cmd/app.h"

/* Adds the lines for people and takes them as told. There is a lab. Nothing while the wire was running. */
void report_wire(struct app *app, struct buf *out);

/* The same as JSON, an object a line. */
void report_json(struct lab *lab, struct buf *out);

#endif
