/* scenario.h - a script that is a test, inside the process that the runner has made for it. */
#ifndef LUA_SCENARIO_H
#define LUA_SCENARIO_H

#include "lua/vm.h"

/*
 * What it is to run: words[0] is the file, the others are NAME=VALUE; NULL at the end. Borrowed.
 * index: which test of the file, none: list them, or be one. dir, name: where failures are kept.
 * limit: the time as text. memory: bytes. verbose, stop: yes. False with err: nobody listens, or it
 * is no such line. After vm_new, before anything of the user's has run.
 */
bool scenario_begin(struct vm *vm, char *const *words, struct err *err);

/* Runs it. done is called at its end; what it has come to was reported before. */
void scenario_run(struct vm *vm, vm_done_fn *done, void *arg);

/* True when a person wants to look at a failure (stop=yes). */
bool scenario_stops(const struct vm *vm);

/* True when it has failed and a person wants to look: all of it is still there. */
bool scenario_stopped(const struct vm *vm);

#endif
