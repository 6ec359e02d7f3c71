-- history.lua - `history`: the lines of all sessions, and this session saved as a script.

local error_meta, shell = ...
local session_script, words = require("tcpstep.session_script"), require("tcpstep.words")
local M = {}
local print, amount = print, require("tcpstep.values").count

local function fail(message, hint)
	error(setmetatable({ code = "usage", op = "history", message = "history: " .. message,
		hint = hint or "", where = "" }, error_meta), 0)
end

local function save(args)
	if not args.file then
		fail("a file's name is missing", "usage: history save FILE.lua [expect=yes] [force=yes]")
	end
	local text, commands, limit = session_script.write(shell.steps(), args.expect)
	if commands == 0 then
		fail("nothing was typed in this session that a script could repeat")
	end
	shell.write("history", args.file, text, args.force)
	if not args.typed or shell.terminal().json then
		return commands
	end
	print(("%s  %s; run it with: tcpstep %s%s"):format(args.file, amount(commands, "command"),
		limit and ("test --timeout %d "):format(limit) or "", words.file(args.file)))
end

local function list(count)
	local lines, n = {}, 0
	while shell.typed(n + 1) do
		n = n + 1
	end
	local first = math.max(1, n - count + 1)
	for i = first, n do
		lines[#lines + 1] = shell.typed(i)
	end
	return lines, first
end

---@param args table what (a count, or "save"), file, expect, force
function M.history(args)
	if args.what == "save" then
		return save(args)
	elseif args.file or args.expect or args.force then
		fail("only history save writes a file", "usage: history save FILE.lua [expect=yes] [force=yes]")
	end
	local lines, first = list(args.what or 20)
	if not args.typed or shell.terminal().json then
		return lines
	end
	if #lines == 0 then
		print("no lines are kept yet")
	end
	for i, line in ipairs(lines) do
		print(("%5d  %s"):format(first + i - 1, line))
	end
end

return M
