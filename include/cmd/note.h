/* note.h - the calls that send stand in the trace of the lab, beside the segments they send. */
#ifndef CMD_NOTE_H
#define CMD_NOTE_H

#include <stdbool.h>

#include "cmd/cmd.h"

/* Is this call, about to be tried, one that makes a host of the lab send something? */
bool note_wanted(const struct call *call);

/* Puts it into the trace, with the line of the script that it stands on; 0. */
void note_add(const struct call *call, int line);

/* It failed at once: nothing was sent, and it is taken back. */
void note_drop(const struct call *call);

#endif
