-- phrases.lua - what the tutor says has both languages.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal = tap.test, tap.equal
local phrases = require "tcpstep.phrases"

-- The values that a text takes, whatever their order: "d s".
local function values(text)
	local out = {}
	for value in text:gmatch("%%(%a)") do out[#out + 1] = value end
	table.sort(out)
	return table.concat(out, " ")
end

local function names(lang)
	local out = {}
	for name in pairs(phrases[lang]) do out[#out + 1] = name end
	table.sort(out)
	return table.concat(out, " ")
end

test("each phrase is there in English and in Chinese, and takes the same values", function()
	equal(names("zh"), names("en"))
	for name, text in pairs(phrases.en) do
		equal(values(phrases.zh[name]), values(text), name)
	end
end)

test("a Chinese phrase has Chinese in it, but for those of signs and numbers only", function()
	for name, text in pairs(phrases.zh) do
		equal(text:find("[\xe3-\xe9]") ~= nil or name == "step_of", true, name)
	end
end)

tap.done()
