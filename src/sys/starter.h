/* starter.h - the process that starts labs' keepers for a shell that may start nothing itself. */
#ifndef SYS_STARTER_H
#define SYS_STARTER_H

#include <stdbool.h>

#include "base/err.h"
#include "sys/netns.h"

/* Forks it. From now on all keepers are its children. It ends when this process does. */
int starter_begin(struct err *err);

/* True when there is one. */
bool starter_is_there(void);

/* A new keeper: our end of its socketpair, blocking, or negative errno. */
int starter_keeper(const struct netns_config *config, struct err *err);

#endif
