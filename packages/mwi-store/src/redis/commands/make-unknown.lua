--[[
  Makes a mailbox unknown until it is recounted.

  KEYS as mailbox.lua says

  Returns 1; 0 where there was nothing of it.
]]
local lamp = load()
if not lamp.isHeardOf and lamp.revision == 0 then return 0 end
redis.call('HSET', KEYS[2], 'generation', '', 'lost', lamp.isLost and '1' or '0')
return 1
