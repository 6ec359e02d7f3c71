/* base_fold.c - text that was set for 80 columns on a narrower terminal. */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/fold.h"

static void becomes(const char *text, size_t columns, const char *want)
{
	struct buf out = BUF_EMPTY;

	fold_add(&out, text, strlen(text), columns);
	assert_string_equal(buf_str(&out), want);
	buf_clear(&out);
}

static void what_fits_stays_as_it_is(void **unused)
{
	(void)unused;
	becomes("", 40, "");
	becomes("name   state\nc1     LISTEN\n\n  x\n", 40,
		"name   state\nc1     LISTEN\n\n  x\n");
	becomes("no line end", 40, "no line end");
	becomes("1234567890\n", 10, "1234567890\n");
}

static void a_line_goes_on_below_what_it_says(void **unused)
{
	(void)unused;
	becomes("error: connect client: the port is missing\n", 24,
		"error: connect client:\n       the port is\n       missing\n");
	becomes("    note: nobody has called accept\n", 24,
		"    note: nobody has\n          called accept\n");
	becomes("  accept    take the next connection\n", 24,
		"  accept    take the\n            next\n            connection\n");
	becomes("one two three", 8, "one two\nthree");
	becomes("  one two three\n", 9, "  one two\n  three\n");
}

/* Behind a gap that is far to the right nothing would have room. */
static void a_far_column_goes_on_below_the_lines_beginning(void **unused)
{
	(void)unused;
	becomes("10.77.0.1:33142 > 10.77.0.2:80  ESTABLISHED now\n", 40,
		"10.77.0.1:33142 > 10.77.0.2:80\nESTABLISHED now\n");
}

static void a_paragraph_is_set_anew_as_a_whole(void **unused)
{
	(void)unused;
	becomes("Sends SYN and waits for the answer. A name is a host of the lab; outside of one\n"
		"it is looked up.\n"
		"\n"
		"Next.\n",
		50,
		"Sends SYN and waits for the answer. A name is a\n"
		"host of the lab; outside of one it is looked up.\n"
		"\n"
		"Next.\n");
	becomes("This host is meant; [::]:PORT means IPv6 and IPv4. Port 0 lets the kernel\n"
		"choose: the one it chose is shown.\n",
		60,
		"This host is meant; [::]:PORT means IPv6 and IPv4. Port 0\n"
		"lets the kernel choose: the one it chose is shown.\n");
	becomes("  from=      this end's address, port, or both (address and port; default: the\n"
		"             kernel chooses)\n"
		"  timeout=   for the whole call\n",
		50,
		"  from=      this end's address, port, or both\n"
		"             (address and port; default: the\n"
		"             kernel chooses)\n"
		"  timeout=   for the whole call\n");
}

/* A line with room at its end was ended on purpose, and columns are no paragraph. */
static void lines_of_their_own_stay_so(void **unused)
{
	(void)unused;
	becomes("the first of these lines is too wide for a screen\nthe second is not\n",
		40,
		"the first of these lines is too wide for\na screen\nthe second is not\n");
	becomes("#1  SYN: \"I want to talk; my first sequence number is 0 (raw 4294967295), or so.\"\n"
		"    10.77.0.1:33142 -> 10.77.0.2:80   len 0\n",
		60,
		"#1  SYN: \"I want to talk; my first sequence number is 0 (raw\n"
		"    4294967295), or so.\"\n"
		"    10.77.0.1:33142 -> 10.77.0.2:80   len 0\n");
}

/* A message that came as one line, and what is to be done. */
static void a_line_wider_than_any_was_set_does_not_go_on(void **unused)
{
	(void)unused;
	becomes("       A name is letters, digits and _, begins with a letter, and is no command of Lua's\n"
		"       help names\n",
		60,
		"       A name is letters, digits and _, begins with a\n"
		"       letter, and is no command of Lua's\n"
		"       help names\n");
}

/* However full the line is: an error and its hint, a result and the note below it. */
static void a_hint_and_a_note_stay_lines_of_their_own(void **unused)
{
	(void)unused;
	becomes("error: connect server:7788: server is a host of the lab, and here is not on it\n"
		"       Put a host of the lab in front: client connect server:7788\n",
		60,
		"error: connect server:7788: server is a host of the lab, and\n"
		"       here is not on it\n"
		"       Put a host of the lab in front: client connect\n"
		"       server:7788\n");
	becomes("c1  CLOSED -> SYN_SENT -> ESTABLISHED  127.0.0.1:514 > 127.0.0.1:7788  0.1 ms\n"
		"    note: nobody has called accept\n",
		60,
		"c1  CLOSED -> SYN_SENT -> ESTABLISHED  127.0.0.1:514 >\n"
		"    127.0.0.1:7788  0.1 ms\n"
		"    note: nobody has called accept\n");
}

static void a_word_without_room_is_broken_at_the_edge(void **unused)
{
	(void)unused;
	becomes("abcdefghij\n", 4, "abcd\nefgh\nij\n");
	becomes("a bcdefghij\n", 4, "a\nbcde\nfghi\nj\n");
}

static void a_picture_is_left_alone(void **unused)
{
	const char *picture =
		"SYN_SENT     |--- #1 SYN seq=0 -------------->|\n"
		"             |                                |     SYN_RCVD\n"
		"    .-------'         '--------------------------------.\n"
		"    +-------------+                  +-------------+\n";

	(void)unused;
	becomes(picture, 40, picture);
}

static void chinese_breaks_between_characters_and_not_before_a_mark(void **unused)
{
	(void)unused;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	becomes("建立连接：由这一端发起三次握手\n", 11,
		"建立连接：\n由这一端发\n起三次握手\n");
	becomes("建立连接：由这一端\n", 9, "建立连\n接：由这\n一端\n");
	becomes("等待（默认）\n", 6, "等待\n（默\n认）\n");
	becomes("  close   关闭套接字，发出\n", 20,
		"  close   关闭套接\n          字，发出\n");
	becomes("用 SYN 握手\n", 6, "用 SYN\n握手\n");
}

/* As 80 columns set it: the second line goes on. A blank only where Chinese has one. */
static void a_chinese_paragraph_is_joined_without_blanks(void **unused)
{
	(void)unused;
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		skip();
	becomes("一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九，\n"
		"help lua\n",
		60,
		"一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十\n"
		"一二三四五六七八九，help lua\n");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_stays_as_it_is),
		cmocka_unit_test(a_line_goes_on_below_what_it_says),
		cmocka_unit_test(a_far_column_goes_on_below_the_lines_beginning),
		cmocka_unit_test(a_paragraph_is_set_anew_as_a_whole),
		cmocka_unit_test(lines_of_their_own_stay_so),
		cmocka_unit_test(a_line_wider_than_any_was_set_does_not_go_on),
		cmocka_unit_test(a_hint_and_a_note_stay_lines_of_their_own),
		cmocka_unit_test(a_word_without_room_is_broken_at_the_edge),
		cmocka_unit_test(a_picture_is_left_alone),
		cmocka_unit_test(chinese_breaks_between_characters_and_not_before_a_mark),
		cmocka_unit_test(a_chinese_paragraph_is_joined_without_blanks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
