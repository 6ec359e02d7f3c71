/*
 * walk.c - [-n WALKS] [-s SEED] [-v]: random walks, and the coverage of states and arrows.
 *
 * A walk that fails prints its seed and what it did; -s SEED -n 1 does the same again. The output is
 * TAP, the coverage its comments.
 */
#include <time.h>

#include "walker.h"

/* The rarest arrow is taken once in 250 walks. */
#define WALKS_FOR_ALL 5000

static const char *const events[] = { "LISTEN",
				      "CONNECT",
				      "SEND",
				      "CLOSE",
				      "ABORT",
				      "SYN",
				      "SYN,ACK",
				      "ACK",
				      "ACK of FIN",
				      "FIN",
				      "FIN and ACK of FIN",
				      "RST",
				      "timer" };

/* Why no walk takes it; NULL when one must. */
static const char *out_of_reach(const struct state_arrow *a)
{
	if (a->event == EVENT_TIMEOUT)
		return "takes a second and more";
	if (a->event == EVENT_CALL_SEND)
		return "no socket API has it";
	if (a->from == STATE_TIME_WAIT && a->event == EVENT_CALL_ABORT)
		return "Linux: no descriptor leads to TIME_WAIT";
	return NULL;
}

/* True when each state was seen and each arrow taken that can be. */
static bool coverage(const struct walker *w)
{
	size_t i, taken = 0;
	bool whole = w->off_table == 0;

	for (i = 1; i < STATE_COUNT; i++) {
		whole = whole && w->seen[i] > 0;
		printf("# %-12s %u\n", state_name((enum tcp_state)i), w->seen[i]);
	}
	for (i = 0; i < state_arrow_count; i++) {
		const struct state_arrow *a = &state_arrows[i];

		const char *why = out_of_reach(a);

		taken += w->taken[i] > 0;
		whole = whole && (why || w->taken[i] > 0);
		printf("# %-12s -> %-12s %-20s %6u  %s\n", state_name(a->from),
		       state_name(a->to), events[a->event], w->taken[i],
		       why && w->taken[i] == 0 ? why : "");
	}
	printf("# %zu of %zu arrows; %u moves beside the table\n", taken,
	       state_arrow_count, w->off_table);
	return whole;
}

int main(int argc, char **argv)
{
	unsigned long n = 10000, i, bad = 0;
	uint64_t seed = (uint64_t)time(NULL) << 16;
	bool loud = false, whole;
	struct walker w;
	struct err err;
	int opt, rc = 0;

	while ((opt = getopt(argc, argv, "n:s:v")) != -1) {
		if (opt == 'n')
			n = strtoul(optarg, NULL, 10);
		else if (opt == 's')
			seed = strtoull(optarg, NULL, 10);
		else if (opt == 'v')
			loud = true;
		else
			return 2;
	}
	if (walker_begin(&w, &err) < 0) {
		printf("1..0 # SKIP %s\n", err.message);
		walker_end(&w);
		return 0;
	}
	printf("1..2\n");
	for (i = 0; i < n && rc >= 0 && bad < 5; i++) {
		rc = walker_walk(&w, seed + i, &err);
		if (rc > 0)
			printf("# seed %llu: tracker and kernel differ\n",
			       (unsigned long long)(seed + i));
		if (rc > 0 || loud)
			fputs(buf_str(&w.log), stdout);
		bad += rc > 0;
	}
	if (rc < 0)
		printf("# no lab: %s\n", err.message);
	walker_lab_end(&w);
	whole = coverage(&w);
	printf("%sok 1 - %lu random walks from seed %llu: the tracker agrees with the kernel\n",
	       bad || rc < 0 ? "not " : "", i, (unsigned long long)seed);
	if (n < WALKS_FOR_ALL)
		printf("ok 2 - coverage # SKIP of less than %d walks it says nothing\n",
		       WALKS_FOR_ALL);
	else
		printf("%sok 2 - all states, and all arrows that a program can cause\n",
		       whole ? "" : "not ");
	walker_end(&w);
	return bad || rc < 0 || (n >= WALKS_FOR_ALL && !whole);
}
