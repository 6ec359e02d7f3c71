-- sysctl.lua - settings of a lab's hosts: read, set, refused, and what they do to a connection.
local tap = dofile(os.getenv("TOP") .. "/tests/lua/_tap.lua")
local test, equal, raises, matches = tap.test, tap.equal, tap.raises, tap.matches

local net, why = try(lab)
if not net then
	print("1..0 # SKIP " .. tostring(why))
	os.exit(0)
end
local client, server = net.client, net.server

test("a number is given as a number, several as text, and setting gives what is read back", function()
	equal(server:sysctl("tcp_syn_retries"), 6)
	equal(server:sysctl("tcp_syn_retries", 4), 4)
	equal(server:sysctl("net.ipv4.tcp_syn_retries"), 4)
	equal(sysctl(server, "tcp_syn_retries", "5"), 5)
	equal(server:sysctl("tcp_rmem", "4096 8192 16384"), "4096 8192 16384")
	equal(server:sysctl("tcp_congestion_control"), "reno")
end)

test("what is set at one host is not set at another", function()
	server:sysctl("tcp_ecn", 0)
	client:sysctl("tcp_ecn", 1)
	equal(server:sysctl("tcp_ecn"), 0)
	equal(client:sysctl("tcp_ecn"), 1)
end)

test("this machine's own settings are not for tcpstep", function()
	local before = io.open("/proc/sys/net/ipv4/tcp_syn_retries"):read("a")
	matches(raises("usage", sysctl, "tcp_syn_retries", 3).message, "here is this machine")
	matches(raises("usage", sysctl, "tcp_syn_retries").hint, "client sysctl tcp_syn_retries")
	equal(io.open("/proc/sys/net/ipv4/tcp_syn_retries"):read("a"), before)
end)

test("unknown names, wrong values and what can only be read are sentences", function()
	matches(raises("ENOENT", server.sysctl, server, "tcp_syncookie").message,
		'server has no such setting; did you mean "tcp_syncookies"')
	matches(raises("ENOENT", server.sysctl, server, "net.ipv6.nix").message, "server has no such setting")
	matches(raises("ENOENT", server.sysctl, server, "tcp_mem").message, "the whole machine")
	matches(raises("usage", server.sysctl, server, "../kernel/hostname").message, "is not the name of a setting")
	matches(raises("usage", server.sysctl, server, "net.ipv4..tcp_ecn").message, "is not the name")
	matches(raises("usage", server.sysctl, server, "conf").message, "group of settings")
	matches(raises("usage", server.sysctl, server, "tcp_syncookies", "").message, "the value is empty")
	local e = raises("EINVAL", server.sysctl, server, "tcp_syn_retries", "many")
	matches(e.message, 'the kernel does not let server have "many"')
	matches(e.hint, "^It is 5%.")
	matches(raises("ENOENT", server.sysctl, server, "tcp_congestion_control", "nix").message,
		'the kernel does not let server have "nix"')
	matches(raises("EACCES", server.sysctl, server, "tcp_available_congestion_control", "x").message,
		"it can only be read")
	matches(raises("EACCES", server.sysctl, server, "route.flush").message, "it can only be written")
	matches(raises("EMSGSIZE", server.sysctl, server, "tcp_syn_retries", ("1"):rep(1000)).message,
		"sysctl tcp_syn_retries of server")
	equal(server:sysctl("tcp_syn_retries"), 5)
end)

test("connections that begin afterwards follow it", function()
	local l = server:listen(80)
	client:connect("server:80")
	equal(type(show(1).options.tsval), "number")
	client:sysctl("tcp_timestamps", 0)
	local before = 0
	while try(show, before + 1) do
		before = before + 1
	end
	client:connect("server:80")
	equal(show(before + 1).options.tsval, nil)
	matches(show(before + 1).flags, "^SYN")
	l:close()
end)

test("a lab that is gone has no settings", function()
	lab("off")
	matches(raises("closed", server.sysctl, server, "tcp_ecn").message, "is gone")
	matches(raises("usage", sysctl, "tcp_ecn").message, "there is none")
end)

tap.done()
