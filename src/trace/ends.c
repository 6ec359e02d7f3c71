/* ends.c - an end of a connection as people write it. */
#include "trace/ends.h"

#include <string.h>

static int host_find(const struct trace *t, const char *name)
{
	int host = trace_hosts(t) - 1;

	while (host >= 0 && strcmp(trace_host(t, host), name) != 0)
		host--;
	return host;
}

int end_parse(struct end_asked *asked, const struct trace *t, const char *text,
	      struct err *err)
{
	struct hostport hp;
	int rc = hostport_parse(&hp, text, err);

	if (rc < 0)
		return rc;
	*asked = (struct end_asked){ .host = -1, .port = hp.port };
	if (!*hp.host || addr_from_number(&asked->at, hp.host, 0))
		return 0;
	memset(&asked->at, 0, sizeof(asked->at));
	asked->host = host_find(t, hp.host);
	if (asked->host < 0)
		return err_set(err, "usage",
			       "\"%.60s\" is no host of the trace, and no address",
			       hp.host);
	return 0;
}

bool end_meets(const struct end_asked *asked, int host, const union addr *a)
{
	union addr at = *a;

	addr_set_port(&at, 0);
	return (asked->host < 0 || asked->host == host) &&
	       (asked->at.sa.sa_family == 0 || addr_equal(&asked->at, &at)) &&
	       (asked->port < 0 || asked->port == addr_port(a));
}
