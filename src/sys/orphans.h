/* orphans.h - processes that became ours because their parent has died. */
#ifndef SYS_ORPHANS_H
#define SYS_ORPHANS_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * When this process adopts (children_adopt): kills all its children but those that are known, and
 * theirs, until none is left; at most a second. A lab's keeper gets a moment to end by itself.
 */
void orphans_end(bool (*known)(pid_t pid));

/* Half a millisecond. */
void orphans_pause(void);

#endif
