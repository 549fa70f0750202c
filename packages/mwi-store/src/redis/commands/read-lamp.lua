--[[
  Reads a mailbox's lamp.

  KEYS as mailbox.lua says

  Returns the lamp: counts, revision, asOf, published revision, revision of the settings, settings, 1 if it waits for a recount.
]]
return told(load())
