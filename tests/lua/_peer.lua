-- _peer.lua - a peer that is nobody but the script, against the kernel of server:80.
local peer = { port = 4000 }

-- A new peer: sends(SEGMENT) and gets(SEGMENT), in the notation; me is its address.
function peer.new(me)
	peer.port = peer.port + 1
	local p = { me = me or "10.77.0.9:" .. peer.port }
	function p.sends(text, options)
		options = options or {}
		options.from, options.to = p.me, "server:80"
		return inject(text, options)
	end
	function p.gets(text, options)
		options = options or {}
		options.from, options.to = "server:80", p.me
		return expect(text, options)
	end
	-- Nothing has come from the server behind segment n: it answers before inject returns.
	function p.gets_nothing(n)
		local _, err = try(expect, "", { from = "server:80", to = p.me, after = n, timeout = 0 })
		if not err or err.code ~= "timeout" then
			error("the server has answered", 2)
		end
	end
	return p
end

-- One that has shaken hands, and the server's socket.
function peer.connected(l)
	local p = peer.new()
	p.sends("S 0:0(0) win 65535 <mss 1460>")
	p.gets("S. 0:0(0) ack 1")
	p.sends(". 1:1(0) ack 1")
	return p, l:accept()
end

return peer
