--[[
  Ends a recount: merges what the stores say, and makes the mailbox known.

  KEYS    as mailbox.lua says
  ARGV[1] the token that the recount put
  ARGV[2] now, ms since the epoch
  ARGV[3] revision of the settings, 0 where there are none
  ARGV[4] the settings
  ARGV[5] message id, ARGV[6] its entry, and so on; of revision 0 where nothing at all is under the message's key

  Returns how many messages were counted otherwise before, then the lamp; nothing where the token stands no more, or stands on another
  server than where it was put, which may lack what others wrote since; then nothing was changed.
]]
local lamp = load()
local history = redis.call('HGET', KEYS[2], 'history')
if lamp.generation ~= 'recount:' .. ARGV[1] or history ~= lamp.history then return false end
local now = tonumber(ARGV[2])
local counts = { new = 0, old = 0, urgentNew = 0, urgentOld = 0 }
local drift = 0
for at = 5, #ARGV, 2 do
  local messageId, text = ARGV[at], ARGV[at + 1]
  if parse(text).revision > 0 then
    drift = drift + put(counts, messageId, text, now)
  else
    local found = redis.call('HGET', KEYS[3], messageId)
    if found and parse(found).state ~= 'gone' then drift = drift + 1 end
    redis.call('HDEL', KEYS[3], messageId)
  end
end

-- From scratch: entries may have been lost, and then counts that were moved step by step are not theirs.
redis.call('HDEL', KEYS[3], ENTRIES_GENERATION)
counts = { new = 0, old = 0, urgentNew = 0, urgentOld = 0 }
for _, text in ipairs(redis.call('HVALS', KEYS[3])) do add(counts, parse(text), 1) end

local generation = 'known:' .. ARGV[1]
redis.call('HSET', KEYS[3], ENTRIES_GENERATION, generation)
redis.call('HSET', KEYS[2], 'generation', generation, 'lost', '0')
change(lamp, counts, tonumber(ARGV[3]), ARGV[4], now, lamp.isLost)
lamp.isKnown = true
local answer = told(lamp)
table.insert(answer, 1, drift)
return answer
