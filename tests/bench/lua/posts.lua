-- Posts comments with a unique key each: `wrk -s posts.lua URL -- THREADS RUN`. With READS and a path, each post is
-- followed by that many reads of random threads: `-- THREADS RUN READS PREFIX SUFFIX`. With PAUSE a client waits for
-- about that many milliseconds before each request.
local count = 0
local words = {}
for word in ([[a hive tells you little and tells it slowly the pitch of the hum the colour of the pollen the weight of
a frame when you lift it with two fingers people ask whether it hurts it does then it does not what stays is patience]]):gmatch("%S+") do
  words[#words + 1] = word
end

function setup(thread)
  thread:set("number", count)
  count = count + 1
end

function init(args)
  threads, run = tonumber(args[1]), args[2]
  reads, prefix, suffix = tonumber(args[3] or "0"), args[4], args[5] or ""
  pause = tonumber(args[6] or "0")
  -- wrk calls this function before each request, if it exists.
  if pause > 0 then
    delay = function() return math.random(2 * pause) end
  end
  math.randomseed(os.time() * 31 + number)
  posted = 0
end

function request()
  if reads > 0 and math.random(reads + 1) > 1 then
    return wrk.format("GET", prefix .. math.random(0, threads - 1) .. suffix)
  end
  posted = posted + 1
  local text = {}
  for n = 1, math.random(8, 60) do
    text[n] = words[math.random(#words)]
  end
  local body = string.format(
    '{"page":"https://blog.example/posts/%d/","title":"Article","key":"%s-%d-%08d","name":"Ann","text":"%s."}',
    math.random(0, threads - 1), run, number, posted, table.concat(text, " "))
  return wrk.format("POST", "/api/v1/sites/blog/comments", {
    ["Content-Type"] = "application/json", ["Origin"] = "https://blog.example",
    ["Accept-Encoding"] = wrk.headers["Accept-Encoding"] }, body)
end
