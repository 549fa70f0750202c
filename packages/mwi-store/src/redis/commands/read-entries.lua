--[[
  Reads the entries that are not gone.

  KEYS as mailbox.lua says

  Returns message id, entry, and so on.
]]
local entries = {}
local all = redis.call('HGETALL', KEYS[3])
for at = 1, #all, 2 do
  if all[at] ~= ENTRIES_GENERATION and parse(all[at + 1]).state ~= 'gone' then
    entries[#entries + 1] = all[at]
    entries[#entries + 1] = all[at + 1]
  end
end
return entries
