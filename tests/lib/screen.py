"""screen.py - a terminal's screen in memory: as much of a VT100 as readline needs."""
import codecs
import re
import unicodedata

_CSI = re.compile(r"\x1b\[([?>=]?)([0-9;]*)([@-~])")
_OSC = re.compile(r"\x1b\][^\x07\x1b]*(\x07|\x1b\\)")


def char_width(c):
    if unicodedata.combining(c) or unicodedata.category(c) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(c) in "WF" else 1


class Screen:
    """Rows that scroll off the top are kept in `gone`; row numbers count from the very first."""

    def __init__(self, cols, rows):
        self.cols, self.rows = cols, rows
        self.gone = []
        self.cell = [self._blank() for _ in range(rows)]
        self.y = self.x = 0
        self.wrap = False  # the cursor stands behind the last column
        self.bracketed = False
        self.bells = 0
        self.wraps = 0  # lines that the terminal broke, because they were too wide for it
        self.raw = bytearray()
        self.strange = []  # sequences that are not understood
        self._text = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace")

    def _blank(self):
        return [" "] * self.cols

    def resize(self, cols, rows):
        """As xterm does: rows are cut or filled, nothing is wrapped anew."""
        for row in self.gone + self.cell:
            row[:] = (row + [" "] * cols)[:cols]
        self.cols = cols
        while rows < len(self.cell):
            if self.y < len(self.cell) - 1:
                self.cell.pop()
            else:
                self.gone.append(self.cell.pop(0))
                self.y -= 1
        while rows > len(self.cell):
            self.cell.append(self._blank())
        self.rows = rows
        self.x = min(self.x, cols - 1)
        self.wrap = False

    def feed(self, data):
        self.raw += data
        self._text += self._decode.decode(data)
        at = 0
        while at < len(self._text):
            step = self._one(at)
            if step == 0:
                break
            at += step
        self._text = self._text[at:]

    def _one(self, at):
        """Acts on what stands at `at`; returns its length, 0 when its end has not come yet."""
        c = self._text[at]
        if c == "\x1b":
            return self._escape(at)
        if c == "\r":
            self.x, self.wrap = 0, False
        elif c == "\n":
            self._line_feed()
        elif c == "\b":
            self.x, self.wrap = max(0, self.x - 1), False
        elif c == "\t":
            self.x = min(self.cols - 1, self.x // 8 * 8 + 8)
        elif c == "\a":
            self.bells += 1
        elif c < " " or "\x7f" <= c < "\xa0":
            self.strange.append(c)
        else:
            self._put(c)
        return 1

    def _line_feed(self):
        self.wrap = False
        if self.y < self.rows - 1:
            self.y += 1
        else:
            self.gone.append(self.cell.pop(0))
            self.cell.append(self._blank())

    def _put(self, c):
        width = char_width(c)
        if width == 0:
            x = self.x if self.wrap else max(0, self.x - 1)
            self.cell[self.y][x] += c
            return
        if self.wrap or self.x + width > self.cols:
            self.wraps += 1
            self.x = 0
            self._line_feed()
        row = self.cell[self.y]
        row[self.x] = c
        if width == 2:
            row[self.x + 1] = ""
        self.x += width
        if self.x >= self.cols:
            self.x, self.wrap = self.cols - 1, True

    def _escape(self, at):
        text = self._text
        if len(text) - at < 2:
            return 0
        if text[at + 1] == "[":
            m = _CSI.match(text, at)
            if m:
                self._csi(*m.groups())
                return m.end() - at
            if len(text) - at < 40:
                return 0
        elif text[at + 1] == "]":
            m = _OSC.match(text, at)
            if m:
                self.strange.append(m.group())
                return m.end() - at
            if len(text) - at < 200:
                return 0
        elif text[at + 1] == "M":
            self.y = max(0, self.y - 1)
            return 2
        elif text[at + 1] in "=>78c":
            return 2
        elif text[at + 1] in "()":
            return 3 if len(text) - at >= 3 else 0
        self.strange.append(text[at:at + 2])
        return 2

    def _erase(self, y, x0, x1):
        self.cell[y][x0:x1] = [" "] * (x1 - x0)

    def _csi(self, mark, args, kind):
        num = [int(a or 0) for a in args.split(";")]
        n = num[0] or 1
        row = self.cell[self.y]
        if mark:
            if kind in "hl" and num[0] == 2004:
                self.bracketed = kind == "h"
            elif kind not in "hl":
                self.strange.append(mark + args + kind)
            return
        if kind in "mhl":
            return
        if kind not in "JKPX@LM":
            self.wrap = False
        if kind == "A":
            self.y = max(0, self.y - n)
        elif kind == "B":
            self.y = min(self.rows - 1, self.y + n)
        elif kind == "C":
            self.x = min(self.cols - 1, self.x + n)
        elif kind == "D":
            self.x = max(0, self.x - n)
        elif kind == "G":
            self.x = min(self.cols, n) - 1
        elif kind == "d":
            self.y = min(self.rows, n) - 1
        elif kind == "H":
            self.y = min(self.rows, n) - 1
            self.x = min(self.cols, num[1] or 1 if len(num) > 1 else 1) - 1
        elif kind == "J":
            y0, y1 = (0, self.rows) if num[0] >= 2 else (self.y + 1, self.rows)
            if num[0] == 0:
                self._erase(self.y, self.x, self.cols)
            for y in range(y0, y1):
                self._erase(y, 0, self.cols)
        elif kind == "K":
            if num[0] == 0:
                self._erase(self.y, self.x, self.cols)
            else:
                self._erase(self.y, 0, self.cols if num[0] == 2 else self.x + 1)
        elif kind == "P":
            row[:] = row[:self.x] + row[self.x + n:] + [" "] * n
            row[:] = (row + [" "] * self.cols)[:self.cols]
        elif kind == "X":
            self._erase(self.y, self.x, min(self.cols, self.x + n))
        elif kind == "@":
            row[:] = (row[:self.x] + [" "] * n + row[self.x:])[:self.cols]
        else:
            self.strange.append(args + kind)

    @property
    def row(self):
        """The cursor's row, counted from the first row ever."""
        return len(self.gone) + self.y

    def lines(self, start=0):
        """All rows from `start` to the last that is not empty, without blanks at their ends."""
        rows = ["".join(r).rstrip() for r in (self.gone + self.cell)[start:]]
        while rows and not rows[-1] and len(rows) > self.row - start + 1:
            rows.pop()
        return rows

    def line(self):
        """The cursor's row."""
        return "".join(self.cell[self.y]).rstrip()
