# Definitions that jaq lacks, or that jaq defines differently from jq.

# Text
def tostring: if isstring then . else tojson end;
def @text: tostring;
def _ltrimstr($x): ltrimstr($x);
def _rtrimstr($x): rtrimstr($x);
def ltrimstr($x): if isstring and ($x | isstring) then _ltrimstr($x) else . end;
def rtrimstr($x): if isstring and ($x | isstring) then _rtrimstr($x) else . end;
def join($x): reduce .[] as $item (null;
    (if . == null then "" else . + $x end)
    + ($item | if . == null then "" elif isboolean or isnumber then tojson else . end)
  ) // "";
def _replace($old; $new): . / $old | join($new);

# Formats
def _row(format): if isarray | not then error("only an array can be formatted as a row") end
  | map(
      if isstring then format
      elif . == null then ""
      elif isboolean or isnumber then tojson
      else error("an array or an object cannot be formatted as a cell")
      end);
def @csv: _row("\"" + _replace("\""; "\"\"") + "\"") | join(",");
def @tsv: _row(_replace("\\"; "\\\\") | _replace("\t"; "\\t") | _replace("\n"; "\\n")
  | _replace("\r"; "\\r")) | join("\t");
def @sh: [if isarray then .[] end
  | if isstring then "'" + escape_sh + "'"
    elif isarray or isobject then error("an array or an object cannot be escaped for a shell")
    else tojson end] | join(" ");
def @html: tostring | escape_html;
def @uri: tostring | encode_uri;
def @base64: tostring | encode_base64;
def @base64d: tostring | . + "=" * ((4 - length % 4) % 4) | decode_base64;

# Numbers
def _tonumber: tonumber;
# jaq can return a number before it fails.
def tonumber: if isstring then [_tonumber][0] else _tonumber end;

# Dates
def todate: if isarray then mktime else floor end | todateiso8601;
def date: todate;
def dateadd(unit; $n): . + $n;
def datesub(unit; $n): . - $n;

# Math
def gamma: lgamma;

# Lists
def IN(items): any(items == .; .);
def IN(source; items): any(source == items; .);
def INDEX(items; key): reduce items as $item ({}; . + { ($item | key | tostring): $item });
def INDEX(key): INDEX(.[]; key);
def toarray: if isarray then . else [.] end;
def from_entries: reduce .[] as $entry ({}; . + {
    ($entry
      | if .key == null then .k // .name // .Name // .K // .Key else .key end
      | tostring):
    ($entry | if has("value") then .value elif has("v") then .v else .Value end)
  });

# Paths
def leaf_paths: paths(scalars);
def _set($path; $x):
  if $path == [] then $x
  else
    $path[0] as $key
    | if . != null then . elif $key | isnumber then [] else {} end
    | (.[$key] | _set($path[1:]; $x)) as $new
    | if isobject then . + { ($key): $new }
      elif isarray and ($key | isnumber) and $key >= length
      then . + [range($key - length) | null] + [$new]
      else .[$key] = $new
      end
  end;
def setpath($path; $x): _set($path; $x);
# Keeps the order of the other keys.
def _without($key):
  if isobject then with_entries(select(.key != $key))
  elif isarray and ($key | isnumber) and ($key >= length or $key < -length) then .
  else .[$key] |= empty
  end;
# Deletes the last item of an array first, so that the other items keep their indices.
def delpaths($paths): reduce ($paths | sort | reverse[]) as $path (.;
  if $path == [] then null
  elif getpath($path[:-1]) == null then .
  else getpath($path[:-1]) |= _without($path[-1])
  end);
def del(f): delpaths([path(f)]);
