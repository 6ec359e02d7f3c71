/* sandbox.h - what the script of a stranger may reach: a folder, a lab, so much output. */
#ifndef SYS_SANDBOX_H
#define SYS_SANDBOX_H

#include <stdbool.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/err.h"

/* What a script in a sandbox may write in all, to stdout, stderr and files. */
#define SANDBOX_OUTPUT_BYTES (16 << 20)

/*
 * Enters the sandbox, for ever: this process is then in it, and what it could start. The kernel
 * (Landlock, seccomp) keeps it in as far as it can; the functions below are asked first by whoever
 * opens a file, a socket or a process for a script, so that the answer is a sentence, and holds on
 * every kernel. Files below folder may be read, captures be written into out, and replaced there: those
 * that were written in the sandbox, and the one named kept (NULL: none). Labs can be made as
 * before. One thread, and no descriptor open that a script must not have. Negative with err.
 */
int sandbox_enter(const char *folder, const char *out, const char *kept, struct err *err);

/*
 * Limits of a process that nobody else has set any for; before it enters. SIGXCPU comes each second when the
 * CPU's time is used up, so many seconds as are returned: a lower limit from elsewhere stays.
 */
unsigned long sandbox_limits(unsigned long long memory_bytes, unsigned long cpu_seconds);

bool sandbox_is_on(void);

/* The real path of the folder. */
const char *sandbox_folder(void);

/* True when the path is that of the folder or of what lies below, with all links followed. */
bool path_is_within(const char *folder, const char *path);

/* The functions below give 0 when no sandbox is on. Their errors have the code "sandbox". */

/* Refuses: "WHAT: the sandbox WHY", as in "connect 127.0.0.1:80", "has no network but the lab's". */
int sandbox_refuse(struct err *err, const char *why, const char *what, ...)
	__attribute__((format(printf, 3, 4)));

/* Whether that file or directory may be read; op as in "load: open". */
int sandbox_read(const char *op, const char *path, struct err *err);

/* Whether that file may be written: a new or old capture. */
int sandbox_write(const char *path, struct err *err);

/* Whether that old file, which may be written, may be replaced. */
int sandbox_replace(const char *path, const struct stat *old, struct err *err);

/* This file was made here. */
void sandbox_made(int fd);

/* So many bytes are about to be written; op names the command. */
int sandbox_spend(const char *op, unsigned long long bytes, struct err *err);

/* Adds a line for each layer of the sandbox that this kernel lacks. True when it lacks none. */
bool sandbox_missing(struct buf *out);

/* As netns_doctor, of these layers. */
void sandbox_doctor(struct buf *out);

#endif
