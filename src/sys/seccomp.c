/* seccomp.c - which system calls this process may make, for ever, said to the kernel. */

/*
 * A list of what is allowed, not of what is not: calls that are still to be invented are
 * refused too. Unknown ones give ENOSYS, as on a kernel without them, so that libc falls
 * back to older ones; those of which it is known what they would do give EPERM. The
 * filter is one list of numbers with a handful of looks at arguments, which does not
 * need a library (libseccomp's worth is in long lists for many architectures). It speaks
 * of those 64-bit ones whose arguments stand low word first.
 *
 * No socket can be made: those of the lab come from its keeper, by recvmsg.
 */

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sys/locks.h"

#if defined(__x86_64__) && defined(__LP64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define ARCH AUDIT_ARCH_AARCH64
#elif defined(__riscv) && __riscv_xlen == 64
#define ARCH AUDIT_ARCH_RISCV64
#else
#define ARCH 0
#endif

#define PROGRAM_MAX 512
#define ARG(i)	    ((uint32_t)offsetof(struct seccomp_data, args[i]))

/* clang-format off */
static const int allowed[] = {
	/* descriptors at hand */
	SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_pread64, SYS_pwrite64, SYS_lseek, SYS_close,
	SYS_sendfile, SYS_fcntl, SYS_dup, SYS_dup3, SYS_pipe2, SYS_fsync, SYS_fdatasync, SYS_ftruncate,
	SYS_fchmod, SYS_fchown,
	/* sockets at hand */
	SYS_recvfrom, SYS_recvmsg, SYS_sendto, SYS_sendmsg, SYS_bind, SYS_listen, SYS_connect, SYS_accept,
	SYS_accept4, SYS_shutdown, SYS_getsockname, SYS_getpeername, SYS_getsockopt, SYS_setsockopt,
	/* waiting, time */
	SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait, SYS_ppoll, SYS_pselect6, SYS_eventfd2,
	SYS_timerfd_create, SYS_timerfd_settime, SYS_timerfd_gettime, SYS_nanosleep, SYS_clock_nanosleep,
	SYS_clock_gettime, SYS_clock_getres, SYS_gettimeofday, SYS_times, SYS_getrusage, SYS_sched_yield,
	/* files: which ones is Landlock's part */
	SYS_openat, SYS_fstat, SYS_newfstatat, SYS_statx, SYS_statfs, SYS_fstatfs, SYS_faccessat,
	SYS_readlinkat, SYS_getcwd, SYS_getdents64, SYS_unlinkat, SYS_linkat, SYS_renameat2,
	/* memory; see also those that are looked at */
	SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex, SYS_membarrier,
	/* signals, and who we are */
	SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_rt_sigreturn, SYS_rt_sigsuspend, SYS_sigaltstack,
	SYS_restart_syscall, SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid,
	SYS_getegid, SYS_uname, SYS_sysinfo, SYS_sched_getaffinity, SYS_getrandom,
	SYS_exit, SYS_exit_group,
#ifdef SYS_rseq
	SYS_rseq,
#endif
#ifdef SYS_faccessat2
	SYS_faccessat2,
#endif
#ifdef SYS_epoll_pwait2
	SYS_epoll_pwait2,
#endif
	/* what only older processors have beside them */
#ifdef SYS_renameat
	SYS_renameat,
#endif
#ifdef SYS_open
	SYS_open, SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_unlink, SYS_link, SYS_rename,
	SYS_dup2, SYS_pipe, SYS_poll, SYS_select, SYS_epoll_create, SYS_epoll_wait, SYS_eventfd, SYS_time,
#endif
};

static const int refused[] = {
	SYS_execve, SYS_execveat, SYS_clone, SYS_clone3, SYS_socket, SYS_socketpair, SYS_ptrace,
	SYS_process_vm_readv, SYS_process_vm_writev, SYS_unshare, SYS_setns, SYS_mount, SYS_bpf, SYS_prctl,
	SYS_prlimit64, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_tkill, SYS_keyctl,
#ifdef SYS_fork
	SYS_fork, SYS_vfork,
#endif
};
/* clang-format on */

/* Allowed but when the argument, its low word, has this. */
static const struct look {
	int call, arg;
	enum { HAS_BITS, IS, IS_NOT_OURS } when;
	uint32_t value;
} looks[] = {
	/* No code but the program's own. */
	{ SYS_mmap, 2, HAS_BITS, PROT_EXEC },
	{ SYS_mprotect, 2, HAS_BITS, PROT_EXEC },
	/* What is put into a terminal so is typed at the shell that comes after us. */
	{ SYS_ioctl, 1, IS, TIOCSTI },
	{ SYS_ioctl, 1, IS, 0x541c /* TIOCLINUX */ },
	/* abort() signals to itself. */
	{ SYS_kill, 0, IS_NOT_OURS, 0 },
	{ SYS_tgkill, 0, IS_NOT_OURS, 0 },
};

struct program {
	struct sock_filter code[PROGRAM_MAX];
	unsigned short n;
};

static void add(struct program *p, uint16_t op, uint32_t k, uint8_t yes, uint8_t no)
{
	p->code[p->n++] = (struct sock_filter)BPF_JUMP(op, k, yes, no);
}

static void add_load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void add_return(struct program *p, uint32_t what)
{
	add(p, BPF_RET | BPF_K, what, 0, 0);
}

static void add_calls(struct program *p, const int *call, size_t n, uint32_t what)
{
	for (; n > 0; n--, call++) {
		add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)*call, 0, 1);
		add_return(p, what);
	}
}

/* Several looks at one call stand one after the other; the last one allows. */
static void add_look(struct program *p, const struct look *l, bool last)
{
	uint16_t test = l->when == HAS_BITS ? BPF_JSET : BPF_JEQ;
	uint32_t value = l->when == IS_NOT_OURS ? (uint32_t)getpid() : l->value;
	uint32_t deny = SECCOMP_RET_ERRNO | EPERM;
	bool not = l->when == IS_NOT_OURS;

	add(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)l->call, 0, 4);
	add_load(p, ARG(l->arg));
	add(p, (uint16_t)(BPF_JMP | test | BPF_K), value, not ? 1 : 0, not ? 0 : 1);
	add_return(p, deny);
	if (last)
		add_return(p, SECCOMP_RET_ALLOW);
	else
		add_load(p, offsetof(struct seccomp_data, nr));
}

static void assemble(struct program *p)
{
	size_t i, n = sizeof(looks) / sizeof(*looks);

	add_load(p, offsetof(struct seccomp_data, arch));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	add_return(p, SECCOMP_RET_KILL_PROCESS);
	add_load(p, offsetof(struct seccomp_data, nr));
	add_calls(p, allowed, sizeof(allowed) / sizeof(*allowed), SECCOMP_RET_ALLOW);
	for (i = 0; i < n; i++)
		add_look(p, &looks[i], i + 1 == n || looks[i + 1].call != looks[i].call);
	add_calls(p, refused, sizeof(refused) / sizeof(*refused),
		  SECCOMP_RET_ERRNO | EPERM);
	add_return(p, SECCOMP_RET_ERRNO | ENOSYS);
}

bool seccomp_there(void)
{
	uint32_t action = SECCOMP_RET_ERRNO;

	return ARCH != 0 &&
	       syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

int seccomp_lock(struct err *err)
{
	struct program p = { .n = 0 };
	struct sock_fprog prog = { .filter = p.code };

	assemble(&p);
	prog.len = p.n;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0)
		return err_errno(err, errno, "enter the sandbox (seccomp)");
	return 0;
}
