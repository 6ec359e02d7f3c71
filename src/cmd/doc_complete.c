/* doc_complete.c - completion of the command line in bash and zsh. */
#include "cmd/doc_parts.h"

void doc_bash(struct buf *out)
{
	buf_adds(out, "complete -o default tcpstep\n");
}

void doc_zsh(struct buf *out)
{
	buf_adds(out, "#compdef tcpstep\n_files\n");
}
