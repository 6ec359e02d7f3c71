/* doc_man.c - tcpstep(1), in roff. */
#include "cmd/doc_parts.h"

void doc_man(struct buf *out)
{
	buf_adds(out, ".TH TCPSTEP 1\n");
}
