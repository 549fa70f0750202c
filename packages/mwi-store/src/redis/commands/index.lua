--[[
  What every script of an index begins with; it is put in front of each.

  KEYS[1] mwi:{<tenant>}:index or mwi:unsettled
            Its first members, of score 0, begin with '#' and say what it is worth:
            '#sweep:<token>:<history>'      somebody is adding all that belongs into it
            '#complete:<scope>:<history>'   all that belongs into it is in it
]]
-- An index that was lost, or of which a promoted replica may lack the last writes, has no such mark of this history.
local function isComplete(scope)
  return redis.call('ZSCORE', KEYS[1], '#complete:' .. scope .. ':' .. history()) ~= false
end

