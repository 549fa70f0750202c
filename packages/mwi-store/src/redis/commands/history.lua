--[[
  What every script begins with; it is put in front of each.
]]

-- Names the writes that this server has seen. A restart, and a replica that is promoted, begin another history, in which the last
-- writes of the one before may be missing; nothing else tells.
local function history()
  local told = redis.call('INFO', 'replication')
  local _, before = string.find(told, 'master_replid:', 1, true)
  if not before then error('the server does not tell its history: INFO replication lacks master_replid') end
  return string.sub(told, before + 1, before + 40)
end

