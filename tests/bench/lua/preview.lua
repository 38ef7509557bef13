-- Requests previews of a comment of about 500 characters: `wrk -s preview.lua URL`.
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Origin"] = "https://blog.example"
wrk.body = '{"text":"' .. ("A hive tells you *little*, and tells it **slowly**: the pitch of the hum, https://blog.example/tea, the colour of `pollen`.\\n\\n> Does it hurt?\\n\\nIt does; then it does not.\\n\\n"):rep(3) .. '"}'
