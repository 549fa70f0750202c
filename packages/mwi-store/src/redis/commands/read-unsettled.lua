--[[
  Reads from the index of mailboxes that are not settled, those that wait longest first.

  KEYS[1] the index
  ARGV[1] the histories of all servers
  ARGV[2] first, ARGV[3] last, by their places

  Returns member, score, and so on, marks among them; nothing where the index may lack some.
]]
if not isComplete(ARGV[1]) then return false end
return redis.call('ZRANGE', KEYS[1], ARGV[2], ARGV[3], 'WITHSCORES')
