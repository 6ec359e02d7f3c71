/* state.c - the state table of TCP, its names and its drawing. */
#include "tcp/state.h"

#include <ctype.h>
#include <string.h>

#include "tcp/diagram.h"

/*
 * The order is that of a connection's life. A segment that leaves the state as it is has no row.
 * A FIN in SYN_RCVD has none either: it carries the ACK of our SYN, which is looked at first, so
 * the way is SYN_RCVD, ESTABLISHED, CLOSE_WAIT (RFC 9293, 3.10.7.4). A second SYN in SYN_RCVD has
 * none because it is answered with a challenge ACK (RFC 5961), which changes nothing.
 */
const struct state_arrow state_arrows[] = {
	{ STATE_CLOSED, STATE_LISTEN, EVENT_CALL_LISTEN, "", "the user listens" },
	{ STATE_CLOSED, STATE_SYN_SENT, EVENT_CALL_CONNECT, "SYN", "the user connects" },

	{ STATE_LISTEN, STATE_SYN_RCVD, EVENT_RCV_SYN, "SYN,ACK",
	  "a SYN asks to connect" },
	{ STATE_LISTEN, STATE_SYN_SENT, EVENT_CALL_SEND, "SYN",
	  "the user sends on a listener" },
	{ STATE_LISTEN, STATE_CLOSED, EVENT_CALL_CLOSE, "",
	  "the user closes the listener" },
	{ STATE_LISTEN, STATE_CLOSED, EVENT_CALL_ABORT, "",
	  "the user aborts the listener" },

	{ STATE_SYN_SENT, STATE_ESTABLISHED, EVENT_RCV_SYN_ACK, "ACK",
	  "the peer accepts our SYN and sends its own" },
	{ STATE_SYN_SENT, STATE_SYN_RCVD, EVENT_RCV_SYN, "SYN,ACK",
	  "the peer's SYN crosses ours: a simultaneous open" },
	{ STATE_SYN_SENT, STATE_CLOSED, EVENT_CALL_CLOSE, "",
	  "the user gives up connecting" },
	{ STATE_SYN_SENT, STATE_CLOSED, EVENT_CALL_ABORT, "",
	  "the user gives up connecting" },
	{ STATE_SYN_SENT, STATE_CLOSED, EVENT_RCV_RST, "", "the peer refuses with RST" },
	{ STATE_SYN_SENT, STATE_CLOSED, EVENT_TIMEOUT, "", "no SYN was ever answered" },

	{ STATE_SYN_RCVD, STATE_ESTABLISHED, EVENT_RCV_ACK, "",
	  "the peer acknowledges our SYN" },
	{ STATE_SYN_RCVD, STATE_FIN_WAIT_1, EVENT_CALL_CLOSE, "FIN,ACK",
	  "the user closes before the handshake is done" },
	{ STATE_SYN_RCVD, STATE_LISTEN, EVENT_RCV_RST, "",
	  "the peer takes its SYN back; the listener goes on" },
	{ STATE_SYN_RCVD, STATE_CLOSED, EVENT_RCV_RST, "",
	  "RST ends an open that began with our own SYN" },
	{ STATE_SYN_RCVD, STATE_CLOSED, EVENT_CALL_ABORT, "RST,ACK", "the user aborts" },
	{ STATE_SYN_RCVD, STATE_CLOSED, EVENT_TIMEOUT, "",
	  "our SYN,ACK was never acknowledged" },

	{ STATE_ESTABLISHED, STATE_FIN_WAIT_1, EVENT_CALL_CLOSE, "FIN,ACK",
	  "the user closes first" },
	{ STATE_ESTABLISHED, STATE_CLOSE_WAIT, EVENT_RCV_FIN, "ACK",
	  "the peer sent FIN" },
	{ STATE_ESTABLISHED, STATE_CLOSED, EVENT_RCV_RST, "", "the peer resets" },
	{ STATE_ESTABLISHED, STATE_CLOSED, EVENT_CALL_ABORT, "RST,ACK",
	  "the user aborts" },
	{ STATE_ESTABLISHED, STATE_CLOSED, EVENT_TIMEOUT, "",
	  "data was sent again and again, and never acknowledged" },

	{ STATE_FIN_WAIT_1, STATE_FIN_WAIT_2, EVENT_RCV_ACK_FIN, "",
	  "the peer acknowledges our FIN" },
	{ STATE_FIN_WAIT_1, STATE_CLOSING, EVENT_RCV_FIN, "ACK",
	  "the peer's FIN crosses ours: a simultaneous close" },
	{ STATE_FIN_WAIT_1, STATE_TIME_WAIT, EVENT_RCV_FIN_ACK, "ACK",
	  "one segment brings the peer's FIN and the ACK of ours" },
	{ STATE_FIN_WAIT_1, STATE_CLOSED, EVENT_RCV_RST, "", "the peer resets" },
	{ STATE_FIN_WAIT_1, STATE_CLOSED, EVENT_CALL_ABORT, "RST,ACK",
	  "the user aborts" },
	{ STATE_FIN_WAIT_1, STATE_CLOSED, EVENT_TIMEOUT, "",
	  "our FIN was never acknowledged" },

	{ STATE_FIN_WAIT_2, STATE_TIME_WAIT, EVENT_RCV_FIN, "ACK",
	  "the peer closes as well" },
	{ STATE_FIN_WAIT_2, STATE_CLOSED, EVENT_RCV_RST, "", "the peer resets" },
	{ STATE_FIN_WAIT_2, STATE_CLOSED, EVENT_CALL_ABORT, "RST,ACK",
	  "the user aborts" },
	{ STATE_FIN_WAIT_2, STATE_CLOSED, EVENT_TIMEOUT, "",
	  "the kernel stops waiting for the peer's FIN (tcp_fin_timeout)" },

	{ STATE_CLOSE_WAIT, STATE_LAST_ACK, EVENT_CALL_CLOSE, "FIN,ACK",
	  "the user closes after the peer" },
	{ STATE_CLOSE_WAIT, STATE_CLOSED, EVENT_RCV_RST, "", "the peer resets" },
	{ STATE_CLOSE_WAIT, STATE_CLOSED, EVENT_CALL_ABORT, "RST,ACK",
	  "the user aborts" },
	{ STATE_CLOSE_WAIT, STATE_CLOSED, EVENT_TIMEOUT, "",
	  "data was sent again and again, and never acknowledged" },

	{ STATE_CLOSING, STATE_TIME_WAIT, EVENT_RCV_ACK_FIN, "",
	  "the peer acknowledges our FIN" },
	{ STATE_CLOSING, STATE_CLOSED, EVENT_RCV_RST, "", "the peer resets" },
	{ STATE_CLOSING, STATE_CLOSED, EVENT_CALL_ABORT, "", "the user aborts" },
	{ STATE_CLOSING, STATE_CLOSED, EVENT_TIMEOUT, "",
	  "our FIN was never acknowledged" },

	{ STATE_LAST_ACK, STATE_CLOSED, EVENT_RCV_ACK_FIN, "",
	  "the peer acknowledges our FIN" },
	{ STATE_LAST_ACK, STATE_CLOSED, EVENT_RCV_RST, "",
	  "the peer has forgotten the connection" },
	{ STATE_LAST_ACK, STATE_CLOSED, EVENT_CALL_ABORT, "", "the user aborts" },
	{ STATE_LAST_ACK, STATE_CLOSED, EVENT_TIMEOUT, "",
	  "our FIN was never acknowledged" },

	{ STATE_TIME_WAIT, STATE_CLOSED, EVENT_TIMEOUT, "",
	  "2 MSL have passed (Linux: 60 s)" },
	{ STATE_TIME_WAIT, STATE_CLOSED, EVENT_RCV_RST, "",
	  "RST cuts the wait short (unless tcp_rfc1337 is set)" },
	{ STATE_TIME_WAIT, STATE_CLOSED, EVENT_CALL_ABORT, "", "the user aborts" },
	{ STATE_TIME_WAIT, STATE_SYN_RCVD, EVENT_RCV_SYN, "SYN,ACK",
	  "a newer SYN for a port with a listener opens it again (RFC 1122, 4.2.2.13)" },
};
const size_t state_arrow_count = sizeof(state_arrows) / sizeof(state_arrows[0]);

static const struct {
	const char *name;
	const char *summary;
	bool brief;
} states[STATE_COUNT] = {
	[STATE_NONE] = { "?", "not known", false },
	[STATE_ESTABLISHED] = { "ESTABLISHED",
				"open: bytes may go both ways, until one side closes",
				false },
	[STATE_SYN_SENT] = { "SYN_SENT", "we sent SYN; waits for the peer's SYN,ACK",
			     true },
	[STATE_SYN_RCVD] = { "SYN_RCVD",
			     "SYN came, SYN,ACK went; waits for the ACK of it", true },
	[STATE_FIN_WAIT_1] = { "FIN_WAIT_1",
			       "we closed and sent FIN; waits for the ACK of it", true },
	[STATE_FIN_WAIT_2] = { "FIN_WAIT_2",
			       "our FIN is acknowledged; waits until the peer closes too",
			       false },
	[STATE_TIME_WAIT] = { "TIME_WAIT",
			      "both sides closed; waits until stray copies are gone",
			      false },
	[STATE_CLOSED] = { "CLOSED", "no connection: not yet, or no longer", false },
	[STATE_CLOSE_WAIT] = { "CLOSE_WAIT", "the peer closed; waits for us to close too",
			       false },
	[STATE_LAST_ACK] = { "LAST_ACK",
			     "we closed after the peer; waits for the ACK of our FIN",
			     true },
	[STATE_LISTEN] = { "LISTEN", "waits for SYNs from anyone, until it is closed",
			   false },
	[STATE_CLOSING] = { "CLOSING",
			    "both closed at the same time; waits for the ACK of our FIN",
			    true },
};

/* What other programs call the same states: ss, netstat, /proc, the kernel's source. */
static const struct {
	const char *name; /* folded as state_from_name folds */
	enum tcp_state state;
} aliases[] = {
	{ "ESTAB", STATE_ESTABLISHED },	   { "SYNRECV", STATE_SYN_RCVD },
	{ "SYNRECEIVED", STATE_SYN_RCVD }, { "NEWSYNRECV", STATE_SYN_RCVD },
	{ "CLOSE", STATE_CLOSED },	   { "LISTENING", STATE_LISTEN },
	{ "UNCONN", STATE_CLOSED },
};

const char *state_name(enum tcp_state state)
{
	if ((unsigned int)state >= STATE_COUNT)
		return states[STATE_NONE].name;
	return states[state].name;
}

/* Capitals without '_', '-' and spaces; false when that does not fit or another sign is met. */
static bool name_fold(char *out, size_t size, const char *name)
{
	size_t n = 0;

	for (; *name != '\0'; name++) {
		unsigned char c = (unsigned char)*name;

		if (c == '_' || c == '-' || c == ' ')
			continue;
		/* beyond ASCII isalnum() would ask the locale */
		if (c >= 0x80 || !isalnum(c) || n + 1 >= size)
			return false;
		out[n++] = (char)toupper(c);
	}
	out[n] = '\0';
	return n > 0;
}

enum tcp_state state_from_name(const char *name)
{
	char want[24], have[24];
	const char *word = want;
	size_t i;

	if (!name_fold(want, sizeof(want), name))
		return STATE_NONE;
	if (strncmp(word, "TCP", 3) == 0)
		word += 3;
	for (i = STATE_ESTABLISHED; i < STATE_COUNT; i++) {
		name_fold(have, sizeof(have), states[i].name);
		if (strcmp(word, have) == 0)
			return (enum tcp_state)i;
	}
	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(word, aliases[i].name) == 0)
			return aliases[i].state;
	return STATE_NONE;
}

const char *state_summary(enum tcp_state state)
{
	if ((unsigned int)state >= STATE_COUNT)
		return states[STATE_NONE].summary;
	return states[state].summary;
}

bool state_is_brief(enum tcp_state state)
{
	return (unsigned int)state < STATE_COUNT && states[state].brief;
}

/*
 * Whether the arrow may stand at that place of a trail. An ABORT is no beginning: it leads
 * straight to CLOSED, and would hide LAST_ACK behind a shorter way. Later arrows are the
 * orderly ones only: after a RST or a timer, the states before it are anyone's guess.
 */
static bool arrow_fits(const struct state_arrow *a, bool first, bool called)
{
	switch (a->event) {
	case EVENT_CALL_LISTEN:
	case EVENT_CALL_CONNECT:
	case EVENT_CALL_CLOSE:
		return first && called;
	case EVENT_CALL_SEND:
	case EVENT_CALL_ABORT:
		return false;
	case EVENT_RCV_RST:
	case EVENT_TIMEOUT:
		return first && !called;
	default:
		return !first || !called;
	}
}

size_t state_path(enum tcp_state from, enum tcp_state to, bool called,
		  enum tcp_state path[STATE_PATH_MAX])
{
	/* breadth first; ways counts the shortest ways to a state, before is its last step */
	int dist[STATE_COUNT] = { 0 }, ways[STATE_COUNT] = { 0 };
	enum tcp_state before[STATE_COUNT] = { STATE_NONE }, queue[STATE_COUNT], s;
	size_t head = 0, tail = 0, i, n;

	if ((unsigned int)from >= STATE_COUNT || (unsigned int)to >= STATE_COUNT ||
	    from == to)
		return 0;
	/* With a SYN cookie there is no SYN_RCVD: from here no way is the only one. */
	if (from == STATE_LISTEN)
		return 0;
	ways[from] = 1;
	queue[tail++] = from;
	while (head < tail) {
		bool stepped[STATE_COUNT] = { false };

		s = queue[head++];
		for (i = 0; i < state_arrow_count; i++) {
			const struct state_arrow *a = &state_arrows[i];

			/* two arrows between the same two states are one step */
			if (a->from != s || stepped[a->to] ||
			    !arrow_fits(a, s == from, called))
				continue;
			stepped[a->to] = true;
			if (ways[a->to] == 0) {
				dist[a->to] = dist[s] + 1;
				before[a->to] = s;
				queue[tail++] = a->to;
			}
			if (dist[a->to] == dist[s] + 1)
				ways[a->to] += ways[s];
		}
	}
	if (ways[to] != 1 || dist[to] < 2 || dist[to] - 1 > STATE_PATH_MAX)
		return 0;
	n = (size_t)dist[to] - 1;
	for (s = before[to], i = n; i > 0; s = before[s])
		path[--i] = s;
	return n;
}

const char *state_diagram(void)
{
	return STATE_DIAGRAM;
}
