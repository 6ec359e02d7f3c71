/* diagram.h - the states of TCP and their arrows, drawn in text. */
#ifndef TCP_DIAGRAM_H
#define TCP_DIAGRAM_H

/* A macro, because a topic's text is a constant as well. */
/* clang-format off */
#define STATE_DIAGRAM \
	"The states of a TCP connection. An arrow says what came / what goes out:\n" \
	"small letters are calls of yours (connect, listen, close), capitals are\n" \
	"segments. CLOSED is drawn twice, above and below.\n" \
	"\n" \
	"                                +-------------+\n" \
	"           .--------------------|   CLOSED    |--------------------.\n" \
	"           | listen / -         +-------------+      connect / SYN |\n" \
	"           |                      ^         ^                      |\n" \
	"           |              .-------'         '--------.             |\n" \
	"           v              | close    close, RST or   |             v\n" \
	"    +-------------+       |              no answer   |      +-------------+\n" \
	"    |   LISTEN    |-------'                          '------|  SYN_SENT   |\n" \
	"    +-------------+                                         +-------------+\n" \
	"      |         ^                                             |         |\n" \
	"      | SYN /   | RST                                         |         |\n" \
	"      | SYN,ACK |                   SYN / SYN,ACK             |         |\n" \
	"      v         |        .------------------------------------'         |\n" \
	"    +-------------+      |                                              |\n" \
	"    |  SYN_RCVD   |<-----'                                              |\n" \
	"    +-------------+                                                     |\n" \
	"      |         |  ACK of SYN   +-------------+     SYN,ACK / ACK       |\n" \
	"      |         '-------------->| ESTABLISHED |<------------------------'\n" \
	"      |                         +-------------+\n" \
	"      | close / FIN               |         |\n" \
	"      |             close / FIN   |         |  FIN / ACK\n" \
	"      |   .-----------------------'         '--------------------.\n" \
	"      v   v                                                      v\n" \
	"    +-------------+   FIN / ACK     +-------------+       +-------------+\n" \
	"    | FIN_WAIT_1  |---------------->|   CLOSING   |       | CLOSE_WAIT  |\n" \
	"    +-------------+                 +-------------+       +-------------+\n" \
	"      |         |                          |                     |\n" \
	"      | ACK     | FIN and ACK / ACK        | ACK of FIN          | close / FIN\n" \
	"      | of FIN  '----------------------.   |                     v\n" \
	"      v                                v   v              +-------------+\n" \
	"    +-------------+   FIN / ACK     +-------------+       |  LAST_ACK   |\n" \
	"    | FIN_WAIT_2  |---------------->|  TIME_WAIT  |       +-------------+\n" \
	"    +-------------+                 +-------------+              |\n" \
	"                                           | 2 MSL               | ACK of FIN\n" \
	"                                           |                     v\n" \
	"                                           |              +-------------+\n" \
	"                                           '------------->|   CLOSED    |\n" \
	"                                                          +-------------+\n" \
	"\n" \
	"Not drawn: RST, an abort, or nobody answering for too long lead from every\n" \
	"state with a connection to CLOSED. A newer SYN for a port with a listener\n" \
	"leads from TIME_WAIT to SYN_RCVD.\n"
/* clang-format on */

#endif
