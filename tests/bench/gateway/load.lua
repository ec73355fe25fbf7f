-- What wrk sends: reports of all sessions in turn, or with no arguments the one request of its command line.
-- Says at the end, in one line of JSON, what came of it.

local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  if #args > 0 then
    request = reports(unpack(args))
  end
  loaded = os.clock()
end

local function lines(path)
  local all = {}
  for line in io.lines(path) do
    table.insert(all, line)
  end
  return all
end

-- `source` is that of a function that writes a request. The files hold the user agents and the tokens of the
-- sessions, a line each; `stride` is how far to go on from one session to the next, without a divisor in common with
-- their number; `time` is that of the first round. With `most` it says when it has sent so many.
function reports(source, agents_file, tokens_file, stride, time, most)
  local write, agents, tokens = loadstring(source)(), lines(agents_file), lines(tokens_file)
  stride, most = tonumber(stride), tonumber(most)
  local ids = {}
  for number = 1, #tokens do
    ids[number] = string.format("%08d", number - 1)
  end
  local head = string.format(
    "POST %s HTTP/1.1\r\nHost: %s\r\nOrigin: %s\r\nContent-Type: text/plain;charset=UTF-8\r\nContent-Length: ",
    wrk.path, wrk.headers["Host"], wrk.headers["Origin"])
  local number, sent, sessions = 0, 0, #tokens
  -- Else a good part of wrk's time goes into looking at what is kept.
  collectgarbage("setpause", 1000)
  return function()
    local request = write(head, ids[number + 1], tokens[number + 1], agents[number % #agents + 1], time)
    number, sent = (number + stride) % sessions, sent + 1
    if number == 0 then
      time = tostring(time + 1)
    end
    if sent == most then
      -- A thread can end its own part, but not the time that wrk was given: who started it does that.
      io.write("enough\n")
      io.flush()
    end
    return request
  end
end

function done(summary, latency)
  local errors = summary.errors
  local idle = threads[1]:get("loaded")
  io.write(string.format(
    '{"requests":%d,"seconds":%f,"cpu":%f,"failed":%d,"p50":%f,"p99":%f}\n',
    summary.requests, summary.duration / 1e6, os.clock() - idle,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
