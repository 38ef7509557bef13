-- Requests random threads: `wrk -s random.lua URL -- PREFIX COUNT SUFFIX`.
local count = 0

function setup(thread)
  thread:set("number", count)
  count = count + 1
end

function init(args)
  math.randomseed(os.time() * 31 + number)
  requests = {}
  for n = 0, tonumber(args[2]) - 1 do
    requests[n + 1] = wrk.format("GET", args[1] .. n .. (args[3] or ""))
  end
end

function request()
  return requests[math.random(#requests)]
end
