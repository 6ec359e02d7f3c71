/* topics.h - the help that belongs to no command: states, error codes, guides. */
#ifndef TCP_TOPICS_H
#define TCP_TOPICS_H

#include <stddef.h>

/* Texts are plain ASCII in lines of at most 78 columns, each with its newline. */
struct topic {
	const char *name;    /* "TIME_WAIT", "ECONNREFUSED", "timeout", "line" */
	const char *group;   /* "states", "errors", "guide" */
	const char *summary; /* one line, without a full stop */
	const char *text;
};

extern const struct topic topics[];
extern const size_t topic_count;

/*
 * By name: as written, else in any case, else a state as other programs spell it (SYN_RECV). NULL
 * when there is none. Some names in small letters are commands too (listen, close): who looks
 * up a word for help looks there first. "closed" is the error code, "CLOSED" the state.
 */
const struct topic *topic_find(const char *name);

/* The same in one group: `help errors closed`. */
const struct topic *topic_find_in(const char *group, const char *name);

#endif
