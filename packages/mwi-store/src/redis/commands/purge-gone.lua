--[[
  Forgets some of the entries that are gone. It is called again with the cursor until that is 0.

  KEYS    as mailbox.lua says
  ARGV[1] those that went before this, ms since the epoch
  ARGV[2] the cursor, 0 at first
  ARGV[3] how many entries to look at, about

  Returns the cursor, and how many were forgotten.
]]
local before = tonumber(ARGV[1])
local page = redis.call('HSCAN', KEYS[3], ARGV[2], 'COUNT', ARGV[3])
local forgotten = 0
for at = 1, #page[2], 2 do
  local goneAt = string.match(page[2][at + 1], '^%d+ gone %d (%d+)$')
  if goneAt and tonumber(goneAt) < before then forgotten = forgotten + redis.call('HDEL', KEYS[3], page[2][at]) end
end
return { page[1], forgotten }
