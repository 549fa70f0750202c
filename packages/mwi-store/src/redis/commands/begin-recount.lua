--[[
  Puts the token of a recount where the mailbox's generation was.

  KEYS    as mailbox.lua says
  ARGV[1] the token

  Returns nothing.
]]
local lamp = load()
redis.call('HSET', KEYS[2], 'generation', 'recount:' .. ARGV[1], 'history', lamp.history, 'lost', lamp.isLost and '1' or '0')
return false
