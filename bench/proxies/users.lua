-- 2,000 users who come back: the split and the stickiness of every proxy have something to work on.
-- The requests are written once, so that wrk's own work stays small.
local requests = {}
local next_one = 0

init = function()
  for user = 1, 2000 do
    wrk.headers["Cookie"] = "uid=user-" .. user .. "; theme=dark"
    requests[user] = wrk.format("GET", "/")
  end
end

request = function()
  next_one = next_one % 2000 + 1
  return requests[next_one]
end

done = function(summary, latency)
  local wrong = summary.errors
  io.write(string.format(
    '{"requests": %d, "seconds": %.6f, "p50_us": %d, "p90_us": %d, "p99_us": %d, "failed": %d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(90), latency:percentile(99),
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout))
end
