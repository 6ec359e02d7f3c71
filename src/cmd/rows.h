/* rows.h - the tables of rows, one a file; a new command is a row in one of them. */
#ifndef CMD_ROWS_H
#define CMD_ROWS_H

#include "cmd/cmd.h"

/* Each ends with a row without a name. */
extern const struct cmd rows_listen[]; /* listen accept */
extern const struct cmd rows_connect[];
extern const struct cmd rows_send[];
extern const struct cmd rows_recv[];
extern const struct cmd rows_end[];	/* shutdown close abort */
extern const struct cmd rows_option[];	/* option */
extern const struct cmd rows_sysctl[];	/* sysctl */
extern const struct cmd rows_state[];	/* state */
extern const struct cmd rows_lab[];	/* lab */
extern const struct cmd rows_wire[];	/* hold step continue drop dup delay held show */
extern const struct cmd rows_fault[];	/* wire */
extern const struct cmd rows_inject[];	/* inject expect */
extern const struct cmd rows_trace[];	/* ladder explain save */
extern const struct cmd rows_events[];	/* trace */
extern const struct cmd rows_load[];	/* load */
extern const struct cmd rows_history[]; /* history replay back */
extern const struct cmd rows_walkthrough[];
extern const struct cmd rows_shell[]; /* sleep help set hosts quit */

#endif
