-- What one end leaves out of its SYN, the other leaves out of its answer: timestamps, SACK, window scale.
local fields = { tcp_timestamps = "tsval", tcp_sack = "sack_permitted", tcp_window_scaling = "wscale" }
for setting, field in pairs(fields) do
	local net = lab("client", "server")
	net.client:sysctl(setting, 0)
	local l = net.server:listen(80)
	local c = net.client:connect("server:80")
	local s = l:accept()
	local syn, answer = check.segment(1, { flags = "SYN" }), check.segment(2, { flags = "SYN,ACK" })
	for _, other in pairs(fields) do
		check.equal(syn.options[other] ~= nil, other ~= field, other .. " of the SYN")
		check.equal(answer.options[other] ~= nil, other ~= field, other .. " of the SYN,ACK")
	end
	c:send("hello")
	check.equal(s:recv("exactly", 5), "hello")
	check.equal(check.seen({ data = "hello" }).options.tsval ~= nil, field ~= "tsval")
	lab("off")
end
