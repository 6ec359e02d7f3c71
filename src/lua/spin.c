/*
 * spin.c - a script's wait begins awake.
 *
 * A peer on another core answers sooner than this one is put to sleep and woken again. So what a
 * script waits to read is polled for a moment before the loop has it. Where that is in vain,
 * as with a peer on this core or far away, more and more of the next waits go without: the cost
 * falls to nothing.
 *
 * A lab's wire is carried by this very process: to read what stands on it is enough, and no loop.
 */
#include <poll.h>

#include "base/text.h"
#include "lab/lab.h"
#include "lua/task.h"

#define SPIN_SECONDS 40e-6
#define SKIP_MAX     1000

/* Tasks want their turn, and a person would not notice. */
static bool is_all_there_is(const struct vm *vm)
{
	return !vm->app->session && vm->task && !vm->tasks->next;
}

bool spin_comes(struct vm *vm, const struct call *call)
{
	struct pollfd fd = { .fd = call->wait.fd, .events = POLLIN };
	double until;

	if (!is_all_there_is(vm) || !call->wait.sock)
		return false;
	if (vm->app->lab)
		return wire_is_plain(vm->app->lab->wire) && wire_pump(vm->app->lab->wire);
	if (call->wait.events != LOOP_READ)
		return false;
	if (vm->spin_skip > 0) {
		vm->spin_skip--;
		return false;
	}
	until = time_now() + SPIN_SECONDS;
	do {
		if (poll(&fd, 1, 0) > 0) {
			vm->spin_vain = 0;
			return true;
		}
	} while (!vm->signalled && time_now() < until);
	vm->spin_vain = vm->spin_vain < SKIP_MAX / 2 ? vm->spin_vain * 2 + 1 : SKIP_MAX;
	vm->spin_skip = vm->spin_vain;
	return false;
}
