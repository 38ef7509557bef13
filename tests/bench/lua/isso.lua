-- Posts comments to Isso: `wrk -s isso.lua URL`.
local count = 0

function setup(thread)
  thread:set("number", count)
  count = count + 1
end

function init()
  posted = 0
end

function request()
  posted = posted + 1
  local body = string.format('{"author":"Ann","email":null,"website":null,"text":"Loose leaf, always, says %d of %d; what stays is patience.","parent":null,"title":"Article","notification":0}', posted, number)
  return wrk.format("POST", "/new?uri=%2Fposts%2F" .. (posted % 200) .. "%2F", { ["Content-Type"] = "application/json" }, body)
end
