-- Posts comments to Waline: `wrk -s waline.lua URL`. A duplicate is an error there, so each differs.
local count = 0

function setup(thread)
  thread:set("number", count)
  count = count + 1
end

function init()
  posted = 0
  run = os.time()
end

function request()
  posted = posted + 1
  local body = string.format('{"comment":"Loose leaf, always, says %d of %d in %d; what stays is patience.","nick":"Ann","mail":"","link":"","ua":"bench","url":"/posts/%d/"}', posted, number, run, posted % 200)
  return wrk.format("POST", "/api/comment", { ["Content-Type"] = "application/json" }, body)
end
