/* host.h - a TCP/IP stack that sockets are made on: this machine, or one of a lab. */
#ifndef LAB_HOST_H
#define LAB_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/err.h"
#include "sys/diag.h"

#define HOST_NAME_MAX_LEN 24

struct netns;

/* To the rest of the program a host is a maker of descriptors; `here` is the one without a keeper. */
struct host {
	char name[HOST_NAME_MAX_LEN];
	struct netns *netns; /* NULL: this machine */
	int index;	     /* in the lab, from 0; -1 here */
	struct diag *diag;   /* made when first asked for, kept */
	uint32_t last[3];    /* highest number of its sockets: l, c, s */
};

/* Embedded: netns is borrowed. */
void host_init(struct host *h, const char *name, struct netns *netns, int index);
void host_clear(struct host *h);

/* A TCP socket of that family, NONBLOCK and CLOEXEC; descriptor or negative errno. */
int host_socket(struct host *h, int family);

/* sock_diag of its namespace. NULL with err. */
struct diag *host_diag(struct host *h, struct err *err);

/* Letters, digits, - and _, beginning with a letter, short enough, and no word of Lua's or a command's. */
bool host_name_ok(const char *name);

#endif
