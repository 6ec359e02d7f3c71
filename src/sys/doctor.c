/* doctor.c - what a lab needs of this machine: whether it is there, and what to do. */

/*
 * The answers come from trying: a lab is made and taken down again. The kernel gives the same
 * EPERM or ENOSPC for many reasons, so the switches that are known to forbid labs are read too.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sys/diag.h"
#include "sys/keeper.h"

struct obstacle {
	const char *file; /* a line of it is key and value, or just the value */
	const char *key;  /* "" where the file is just the value */
	const char *good,
		*what;	 /* what is said of it when it does not forbid, when it does */
	const char *bad; /* the value that forbids labs */
	const char *remedy;
};

static const struct obstacle obstacles[] = {
	{ "/proc/sys/kernel/unprivileged_userns_clone", "",
	  "ordinary users may make user namespaces",
	  "this kernel lets only root make user namespaces "
	  "(kernel.unprivileged_userns_clone = 0)",
	  "0", "As root: sysctl kernel.unprivileged_userns_clone=1" },
	{ "/proc/sys/user/max_user_namespaces", "", "user namespaces are allowed",
	  "user namespaces are off (user.max_user_namespaces = 0)", "0",
	  "As root: sysctl user.max_user_namespaces=10000" },
	{ "/proc/sys/user/max_net_namespaces", "", "network namespaces are allowed",
	  "network namespaces are off (user.max_net_namespaces = 0)", "0",
	  "As root: sysctl user.max_net_namespaces=10000" },
	{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "",
	  "AppArmor lets programs use user namespaces",
	  "AppArmor forbids programs without a profile to use user namespaces "
	  "(kernel.apparmor_restrict_unprivileged_userns = 1, usual on Ubuntu)",
	  "1",
	  "As root: sysctl kernel.apparmor_restrict_unprivileged_userns=0; or run tcpstep as "
	  "root" },
	{ "/proc/self/status", "Seccomp:", "no seccomp filter is on this process",
	  "a seccomp filter is on this process, as in a container", "2",
	  "It may forbid namespaces: docker run --cap-add SYS_ADMIN --cap-add NET_ADMIN "
	  "--security-opt seccomp=unconfined --security-opt systempaths=unconfined" },
};

#define OBSTACLES (sizeof(obstacles) / sizeof(*obstacles))

/* 1: it forbids labs, 0: it does not, -1: this machine has no such switch. */
static int obstacle_stands(const struct obstacle *o)
{
	FILE *f = fopen(o->file, "re");
	char line[256], value[32];
	int stands = -1;

	if (f == NULL)
		return -1;
	while (stands < 0 && fgets(line, sizeof(line), f) != NULL)
		if (strncmp(line, o->key, strlen(o->key)) == 0 &&
		    sscanf(line + strlen(o->key), "%31s", value) == 1)
			stands = strcmp(value, o->bad) == 0;
	fclose(f);
	return stands;
}

void doctor_explain(struct err *err)
{
	const struct obstacle *o;

	if (err->hint[0] != '\0')
		return;
	if (err->num == EMFILE || err->num == ENFILE) {
		err_hint(err, "Too many descriptors are open: ulimit -n");
		return;
	}
	if (err->num == EAGAIN) {
		err_hint(err, "This user may have no more processes: ulimit -u");
		return;
	}
	if (err->num != EPERM && err->num != EACCES && err->num != ENOSPC &&
	    err->num != EUSERS && err->num != ENOSYS)
		return;
	for (o = obstacles; o < obstacles + OBSTACLES; o++) {
		if (obstacle_stands(o) == 1) {
			err_hint(err, "The reason: %s. %s", o->what, o->remedy);
			return;
		}
	}
	if (err->num == ENOSPC || err->num == EUSERS)
		err_hint(
			err,
			"All namespaces that this user may have are in use. As root: raise "
			"sysctl user.max_net_namespaces and user.max_user_namespaces");
	else if (err->num == EPERM || err->num == EACCES)
		err_hint(
			err,
			"Nothing known forbids it: perhaps a security module, or a chroot. "
			"Try as root");
	else
		err_hint(err, "Perhaps a kernel without namespaces: CONFIG_USER_NS, "
			      "CONFIG_NET_NS");
}

static void say(struct buf *out, bool there, const char *text)
{
	buf_addf(out, "%-4s %s\n", there ? "yes" : "no", text);
}

static void say_err(struct buf *out, const char *what, const struct err *err)
{
	buf_addf(out, "%-4s %s: %s\n", "no", what, err->message);
	if (err->hint[0] != '\0')
		buf_addf(out, "     %s\n", err->hint);
}

/* Asks the lab's kernel for a socket that is not there: it must say that it knows of none. */
static bool try_states(struct netns *n, struct buf *out)
{
	static const char what[] = "the states of a lab's sockets (sock_diag)";
	union addr near = netns_addr(n, 0, false), far = netns_addr(n, 1, false);
	int fd = netns_socket(n, 0, AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	struct diag *diag = NULL;
	struct diag_sock sock;
	struct err err;
	int rc;

	if (fd >= 0)
		diag = diag_new(fd, &err);
	else
		err_errno(&err, -fd, "make a netlink socket");
	rc = diag ? diag_find(diag, &near, &far, false, &sock, &err) : -EIO;
	diag_free(diag);
	if (rc == 0 || rc == -ENOENT)
		say(out, true, what);
	else
		say_err(out, what, &err);
	return rc == 0 || rc == -ENOENT;
}

static void try_tun(struct buf *out)
{
	struct err err;
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

	if (fd >= 0) {
		close(fd);
		say(out, true, "/dev/net/tun may be opened");
		return;
	}
	err_errno(&err, errno, "open");
	err_hint(&err, "As root: modprobe tun; chmod 0666 /dev/net/tun");
	say_err(out, "/dev/net/tun", &err);
}

/* Makes a lab of one kind and says so. *states: whether its sockets' states can be had. */
static bool try_lab(struct buf *out, bool veth, bool *states)
{
	struct netns_config config = { .hosts = 2, .no_tun = veth };
	const char *device = veth ? "veth" : "tun";
	struct err err;
	struct netns *n = netns_new(&config, &err);
	bool same;

	if (n == NULL) {
		say_err(out, veth ? "a lab on veth pairs" : "a lab", &err);
		return false;
	}
	same = strcmp(netns_device(n), device) == 0;
	if (same)
		say(out, true, veth ? "a lab on veth pairs" : "a lab on TUN devices");
	if (same && !*states)
		*states = try_states(n, out);
	netns_free(n);
	return same;
}

int netns_doctor(struct buf *out)
{
	const struct obstacle *o;
	bool tun, veth, states = false;
	int stands;

	for (o = obstacles; o < obstacles + OBSTACLES; o++) {
		stands = obstacle_stands(o);
		if (stands >= 0)
			say(out, !stands, stands ? o->what : o->good);
	}
	try_tun(out);
	tun = try_lab(out, false, &states);
	veth = try_lab(out, true, &states);
	if (tun || veth)
		buf_addf(out, "A lab can be made here, on %s.\n",
			 tun ? "TUN devices" : "veth pairs");
	else
		buf_adds(out, "No lab can be made here.\n");
	return (tun || veth) && states ? 0 : -EPERM;
}
