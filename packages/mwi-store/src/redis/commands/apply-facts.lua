--[[
  Applies facts to a known mailbox.

  KEYS    as mailbox.lua says
  ARGV[1] now, ms since the epoch
  ARGV[2] revision of the settings, 0 where there are none
  ARGV[3] the settings
  ARGV[4] message id, ARGV[5] its entry, and so on

  Returns the lamp; nothing where the mailbox is unknown, and then nothing was changed.
]]
local lamp = load()
if not lamp.isKnown then return false end
local now = tonumber(ARGV[1])
local counts = { new = lamp.new, old = lamp.old, urgentNew = lamp.urgentNew, urgentOld = lamp.urgentOld }
for at = 4, #ARGV, 2 do put(counts, ARGV[at], ARGV[at + 1], now) end
change(lamp, counts, tonumber(ARGV[2]), ARGV[3], now, false)
return told(lamp)
