-- wrap.lua - text in lines of so many display columns, English and Chinese.
--
-- A paragraph is a run of lines that do not begin with a blank. It stays as it was written when it fits,
-- else it is set anew: English breaks between words, Chinese between any two characters, but no
-- line begins with a closing mark or ends with an opening one. Indented lines stay as they are.

local ipairs, table, utf8 = ipairs, table, utf8
local _, shell = ...
local wrap = {}

local width = shell.width

local function set_of(text)
	local set = {}
	for char in text:gmatch(utf8.charpattern) do
		set[char] = true
	end
	return set
end

local CLOSING = set_of("，。；：？！、）》」』】”’…,.;:?!)]}")
local OPENING = set_of("（《「『【“‘([{")

-- Pieces that are not to be broken: {text, width, blank in front?}.
local function pieces(text)
	local out, blank, glued = {}, false, false
	for char in text:gmatch(utf8.charpattern) do
		local columns = width(char)
		local last = out[#out]
		if char == " " then
			blank = last ~= nil
		elseif last and not blank and (glued or CLOSING[char] or (columns == 1 and last.narrow)) then
			last.text, last.width = last.text .. char, last.width + columns
			last.narrow = columns == 1
		else
			out[#out + 1] = { text = char, width = columns, blank = blank, narrow = columns == 1 }
		end
		glued = OPENING[char]
		blank = blank and char == " "
	end
	return out
end

-- Full-width punctuation, which brings its own space.
local function is_wide_mark(char)
	local code = utf8.codepoint(char)
	return width(char) == 2 and (code < 0x3400 or code >= 0xff00)
end

local function last_char(s)
	local at = utf8.offset(s, -1)
	return at and s:sub(at) or ""
end

-- Two lines of a paragraph as one: a blank between words, and between a word and a Chinese character.
local function join(a, b)
	local left, right = last_char(a), b:match("^" .. utf8.charpattern)
	if a == "" or b == "" or is_wide_mark(left) or is_wide_mark(right) or width(left) + width(right) == 4 then
		return a .. b
	end
	return a .. " " .. b
end

local function set_paragraph(lines, columns, out)
	local text, line, used = "", "", 0
	for _, each in ipairs(lines) do
		text = join(text, each)
	end
	for _, piece in ipairs(pieces(text)) do
		local gap = piece.blank and used > 0 and 1 or 0
		if used > 0 and used + gap + piece.width > columns then
			out[#out + 1] = line
			line, used, gap = "", 0, 0
		end
		line = line .. (" "):rep(gap) .. piece.text
		used = used + gap + piece.width
	end
	out[#out + 1] = line
end

local function fits(lines, columns)
	for _, line in ipairs(lines) do
		if width(line) > columns then
			return false
		end
	end
	return true
end

---The lines set for a terminal of so many columns.
---@param lines string[]
---@param columns integer
---@return string[]
function wrap.lines(lines, columns)
	local out, paragraph = {}, {}
	local function flush()
		if #paragraph > 0 and fits(paragraph, columns) then
			table.move(paragraph, 1, #paragraph, #out + 1, out)
		elseif #paragraph > 0 then
			set_paragraph(paragraph, columns, out)
		end
		paragraph = {}
	end
	for _, line in ipairs(lines) do
		if line == "" or line:match("^%s") then
			flush()
			out[#out + 1] = line
		else
			paragraph[#paragraph + 1] = line
		end
	end
	flush()
	return out
end

---A line in pieces that take at most so many columns, as a terminal breaks it.
---@param line string
---@param columns integer
---@return string[]
function wrap.cut(line, columns)
	local out, from, used = {}, 1, 0
	for at, code in utf8.codes(line) do
		local wide = width(utf8.char(code))
		if used + wide > columns and used > 0 then
			out[#out + 1] = line:sub(from, at - 1)
			from, used = at, 0
		end
		used = used + wide
	end
	out[#out + 1] = line:sub(from)
	return out
end

---Text with blanks behind it, so that it takes so many columns.
function wrap.column(text, columns)
	return text .. (" "):rep(columns - width(text))
end

return wrap
