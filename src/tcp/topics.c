/* topics.c - the help that belongs to no command: the table of topics and how one is found. */
#include "tcp/topics.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "tcp/diagram.h"
#include "tcp/state.h"

/* The rows are prose, and long: each group has a file of its own. */
const struct topic topics[] = {
#include "tcp/topics_guide.def"
#include "tcp/topics_states.def"
#include "tcp/topics_errors.def"
};
const size_t topic_count = sizeof(topics) / sizeof(topics[0]);

static const struct topic *find(const char *group, const char *name,
				int (*compare)(const char *, const char *))
{
	size_t i;

	for (i = 0; i < topic_count; i++)
		if ((!group || strcmp(topics[i].group, group) == 0) &&
		    compare(topics[i].name, name) == 0)
			return &topics[i];
	return NULL;
}

const struct topic *topic_find_in(const char *group, const char *name)
{
	const struct topic *t = find(group, name, strcmp);

	if (!t)
		t = find(group, name, strcasecmp);
	if (!t && state_from_name(name) != STATE_NONE)
		t = find(group, state_name(state_from_name(name)), strcmp);
	return t;
}

const struct topic *topic_find(const char *name)
{
	return topic_find_in(NULL, name);
}
