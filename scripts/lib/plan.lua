-- plan.lua - which scenarios `test` runs: files, folders, names, order.

local error_meta, shell = ...
local plan = {}

-- Raises: the command was used wrongly.
function plan.usage(text, hint)
	error(setmetatable({ code = "usage", op = "test", message = "test: " .. text, hint = hint or "",
		where = "" }, error_meta), 0)
end

-- There is nothing to run.
function plan.usage_match(o)
	plan.usage(('no scenario\'s name contains "%s"'):format(o.match))
end

local function below(path, name)
	return path == "." and name or path:gsub("/$", "") .. "/" .. name
end

-- around: the folders that this one is in. A link may lead back to one of them. root: the one to stay in.
local function add_folder(path, id, out, around, root)
	local names, why = shell.list(path)
	if not names then
		plan.usage(why)
	end
	around[id] = true
	for _, name in ipairs(names) do
		local inner = below(path, name)
		local kind, its = shell.what(inner)
		if name:match("^[._]") then
			goto continue
		elseif kind ~= "folder" then
			out[#out + 1] = name:match("%.lua$") and inner
		elseif not around[its] and (not root or shell.within(root, inner)) then
			add_folder(inner, its, out, around, root)
		end
		::continue::
	end
	around[id] = nil
end

local function files_of(o)
	local out, paths = {}, o.path
	if not paths and shell.what("scenarios") ~= "folder" then
		plan.usage("which scenarios? There is no folder named scenarios here", "usage: test FOLDER or FILE ...")
	end
	for _, path in ipairs(paths or { "scenarios" }) do
		local kind, id = shell.what(path)
		local before = #out
		if not kind then
			plan.usage(id, path:find("^[%l_]+=") and "From a shell an option has -- in front: --" .. path or nil)
		elseif kind == "folder" then
			add_folder(path, id, out, {}, o.sandbox and path)
			if #out == before then
				plan.usage(("no file in %s is a scenario"):format(path),
					"A scenario is a *.lua file whose name begins neither with _ nor with a dot.")
			end
		else
			out[#out + 1] = path
		end
	end
	return out
end

---------------------------------------------------------------- the plan

local function folder_of(path)
	return path:match("^(.*)/[^/]*$") or "."
end

-- A stranger's file may be a link to what is none of his.
local function source_of(path, o)
	local file = (not o.sandbox or shell.within(folder_of(path), path)) and shell.what(path) == "file" and io.open(path)
	local text = file and file:read("a") or ""
	if file then
		file:close()
	end
	return text
end

-- The first line, when it is a comment: what the scenario claims.
local function claim_of(source)
	return source:match("^#![^\n]*\n%-%- ?([^\n]*)") or source:match("^%-%- ?([^\n]*)")
end

local function contains(text, part)
	return text ~= nil and text:find(part, 1, true) ~= nil
end

-- Is the name in full that of the file, or of a test in it?
local function is_named(item, match)
	return match == item.file or match ~= nil and match:sub(1, #item.file + 2) == item.file .. ": "
end

-- Is it wanted: "yes"; or "some", when only the claims of its tests can tell.
local function is_wanted(item, source, match)
	if match ~= item.file and is_named(item, match) then
		return "some"
	elseif not match or contains(item.file, match) or contains(item.claim, match) then
		return "yes"
	end
	return source:find("%f[%w_]test%s*%(") and "some"
end

-- The same of a test of that file.
function plan.is_test_wanted(file, test, match)
	if is_named(file, match) then
		return match == file.file or match == test.name
	end
	return file.wanted == "yes" or contains(test.claim, match)
end

-- Where a name in full is asked for, names that only contain it do not count.
local function named_only(items, match)
	local out = {}
	for _, item in ipairs(items) do
		out[#out + 1] = is_named(item, match) and item or nil
	end
	return #out > 0 and out or items
end

-- An item is one scenario: {name =, file =, index =, kept =, claim =, runs = 0, failures = 0, seconds = 0}.
-- The test of a file: nth counts those with the same claim.
function plan.item(file, index, claim, nth)
	return { file = file, index = index, claim = claim, nth = nth, name = index and file .. ": " .. claim or file,
		runs = 0, failures = 0, skips = 0, seconds = 0, checks = 0 }
end

-- The name, or one like it, that no other capture of a failure has.
function plan.name_kept(items, name)
	local n, free = 1, name
	while items.kept[free] do
		n = n + 1
		free = name .. "-" .. n
	end
	items.kept[free] = true
	return free
end

-- What the captures are named after: the file, with its folders where that is not enough.
local function name_captures(items)
	items.kept = {}
	local count = {}
	for _, item in ipairs(items) do
		item.kept = item.file:match("([^/]*)$"):gsub("%.lua$", "")
		count[item.kept] = (count[item.kept] or 0) + 1
	end
	for _, item in ipairs(items) do
		if count[item.kept] > 1 then
			item.kept = item.file:gsub("%.lua$", ""):gsub("^[./]+", ""):gsub("/", "-")
		end
		item.kept = plan.name_kept(items, item.kept)
	end
end

function plan.shuffle(items, seed)
	math.randomseed(seed, 0)
	for i = #items, 2, -1 do
		local k = math.random(i)
		items[i], items[k] = items[k], items[i]
	end
end

-- The items of all files that are wanted, in the order in which they run.
function plan.make(o)
	local items, seen = {}, {}
	for _, file in ipairs(files_of(o)) do
		local item, source = plan.item(file), source_of(file, o)
		item.claim = claim_of(source)
		item.wanted = not seen[file] and is_wanted(item, source, o.match)
		seen[file] = true
		if item.wanted then
			items[#items + 1] = item
		end
	end
	items = named_only(items, o.match)
	if #items == 0 then
		plan.usage_match(o)
	end
	name_captures(items)
	if o.shuffle then
		plan.shuffle(items, o.shuffle)
	end
	return items
end

return plan
