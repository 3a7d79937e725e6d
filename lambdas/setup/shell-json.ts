/**
 * What is done to a settings file, three times over: for jq, for node and for python3, whichever a machine has. Each program
 * takes its input from the environment (a process list shows arguments, and one of the inputs is the key) and prints the one
 * part that GW_PART names.
 *
 * | part        | prints                                                                             |
 * |-------------|------------------------------------------------------------------------------------|
 * | check       | `ok`, if the files can be read as settings and marker                              |
 * | settings    | the new content of the settings file                                               |
 * | marker      | the new content of the marker                                                      |
 * | changed     | `yes` or `no`: whether the settings change at all                                  |
 * | empty       | `yes` or `no`: whether nothing is left of a file that setup created                |
 * | report      | a line for each change: set, remove, delete, restore, keep, deny or allow, and the name |
 * | conflicts   | names in the settings file that stand against what setup writes                    |
 * | created, backups, mode | what the marker says of it                                              |
 * | same        | `yes` or `no`: whether both files hold the same                                    |
 * | name        | the key's name in the answer GW_ANSWER                                             |
 *
 * The marker: `{version, gateway, wrote: {<name>: <value>}, removed: {env: {<name>: <value>}, apiKeyHelper}, created: [folder,
 * file, env, permissions, deny, gitignore, gitignore-line, gitignore-newline], denied: [<rule>], backups: [<file name>], mode}`. `denied`
 * are the rules that setup put into `permissions.deny`; what stood there before stays. Of the key it holds the first 16
 * characters, which are shown in the portal too: enough to know it again.
 *
 * None of the programs holds a single quote: they stand between such in the script.
 */

const JQ = `
def words: split(" ") | map(select(. != ""));
def object($what): if length == 0 then {} elif length == 1 and (.[0] | type) == "object" then .[0]
  else error($what + " does not hold one JSON object") end;
def yes: if . then "yes" else "no" end;
def withRules($rules; $created):
  (.permissions // {} | if $rules == [] and ($created | index("deny")) != null then del(.deny) else . + {deny: $rules} end) as $next
  | if $next == {} and ($created | index("permissions")) != null then del(.permissions) else . + {permissions: $next} end;
$ENV.GW_PART as $part
| if $part == "name" then
    ($ENV.GW_ANSWER | fromjson | .name // "" | explode | map(select(. >= 32 and . != 127)) | implode)
  elif $part == "same" then ($settings == $marker | yes)
  else
    ($settings | object("the settings file")) as $old
    | ($marker | object("the marker")) as $mark
    | (if $old | has("env") then $old.env else {} end) as $env
    | (if ($env | type) != "object" then error("env does not hold an object") else . end)
    | ($mark.wrote // {}) as $wrote
    | ($mark.removed // {}) as $removed
    | ($removed.env // {}) as $gone
    | ($mark.created // []) as $created
    | (if $old | has("permissions") then $old.permissions else {} end) as $permissions
    | (if ($permissions | type) == "object" and ($permissions | has("deny")) then $permissions.deny else [] end) as $deny
    | ($mark.denied // []) as $denied
    | ($ENV.GW_DENY | words) as $refused
    | (if ($refused + $denied) != [] and (($permissions | type) != "object" or ($deny | type) != "array")
       then error("permissions.deny does not hold a list") else . end)
    | ($ENV.GW_CONFLICTS | words) as $conflicts
    | ($conflicts | map(select(. as $name | $env | has($name)))) as $present
    | {"ANTHROPIC_BASE_URL": $ENV.GW_BASE, "ANTHROPIC_AUTH_TOKEN": $ENV.GW_KEY,
       "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"} as $wanted
    | def shown($name; $value): if $name == "ANTHROPIC_AUTH_TOKEN" and ($value | type) == "string" then $value[0:16] + "..." else $value end;
      def ours($name): ($wrote | has($name)) and ($env | has($name)) and shown($name; $env[$name]) == $wrote[$name];
      if $ENV.GW_MODE == "setup" then
        ($wanted | keys_unsorted | map(select(. as $name | $env[$name] != $wanted[$name]))) as $changing
        | ($changing | map(select(. as $name | ($env | has($name)) and (ours($name) | not)))) as $replaced
        | (($env + $wanted) | with_entries(select(.key as $name | ($conflicts | index($name)) | not))) as $newEnv
        | ($refused - $deny) as $denying
        | ($denied - $refused | map(select(. as $rule | $deny | index($rule)))) as $allowing
        | ($old + {env: $newEnv} | del(.apiKeyHelper)
           | if $denying + $allowing == [] then . else withRules($deny - $allowing + $denying; $created) end) as $new
        | if $part == "check" then "ok"
          elif $part == "settings" then $new
          elif $part == "changed" then ($new != $old | yes)
          elif $part == "report" then
            ($changing[] | "set " + .), ($present[] | "remove " + .), (if $old | has("apiKeyHelper") then "remove apiKeyHelper" else empty end),
            ($denying[] | "deny " + .), ($allowing[] | "allow " + .)
          elif $part == "conflicts" then
            $present[],
            (if $old | has("apiKeyHelper") then "apiKeyHelper" else empty end),
            (if $ENV.GW_STRICT == "yes" then
              ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN") | . as $name | select(($env | has($name)) and $env[$name] != $wanted[$name])
             else empty end)
          elif $part == "marker" then
            {version: 1, gateway: $ENV.GW_GATEWAY,
             wrote: ($wrote + ($changing | map({key: ., value: shown(.; $wanted[.])}) | from_entries)),
             removed: ($removed + {env: ($gone + (($replaced + $present) | map({key: ., value: $env[.]}) | from_entries))}
               + (if $old | has("apiKeyHelper") then {apiKeyHelper: $old.apiKeyHelper} else {} end)),
             created: ($created + ($ENV.GW_CREATED | words) + (if $old | has("env") then [] else ["env"] end)
               + (if $denying == [] or ($old | has("permissions")) then [] else ["permissions"] end)
               + (if $denying == [] or ($permissions | has("deny")) then [] else ["deny"] end) | unique),
             backups: (($mark.backups // []) + ($ENV.GW_BACKUP | words)),
             mode: ($mark.mode // $ENV.GW_FILE_MODE)}
            + (if $denied + $denying == [] then {} else {denied: ($denied - $allowing + $denying)} end)
          else error("no such part") end
      else
        ($wrote | keys_unsorted | map(select(ours(.)))) as $mine
        | ($env | with_entries(.key as $name | if ($mine | index($name)) == null then . elif $gone | has($name) then .value = $gone[$name] else empty end)) as $kept
        | ($gone | with_entries(select(.key as $name | $kept | has($name) | not))) as $back
        | ($kept + $back) as $newEnv
        | ($denied | map(select(. as $rule | $deny | index($rule)))) as $allowing
        | (if $newEnv == {} and ($created | index("env")) != null then ($old | del(.env))
           elif $newEnv == {} and ($old | has("env") | not) then $old
           else $old + {env: $newEnv} end
           + (if ($removed | has("apiKeyHelper")) and ($old | has("apiKeyHelper") | not) then {apiKeyHelper: $removed.apiKeyHelper} else {} end)
           | if $allowing == [] then . else withRules($deny - $allowing; $created) end) as $new
        | if $part == "check" then "ok"
          elif $part == "settings" then $new
          elif $part == "changed" then ($new != $old | yes)
          elif $part == "empty" then ($new == {} and ($created | index("file")) != null | yes)
          elif $part == "created" then $created[]
          elif $part == "backups" then ($mark.backups // [])[]
          elif $part == "mode" then ($mark.mode // "")
          elif $part == "report" then
            ($mine[] | . as $name | (if $gone | has($name) then "restore " else "delete " end) + $name),
            ($back | keys_unsorted[] | "restore " + .),
            ($wrote + $gone | keys_unsorted[] | . as $name | select(($env | has($name)) and (ours($name) | not)) | "keep " + $name),
            (if $removed | has("apiKeyHelper") then (if $old | has("apiKeyHelper") then "keep " else "restore " end) + "apiKeyHelper" else empty end),
            ($allowing[] | "allow " + .)
          else error("no such part") end
      end
  end
`

const NODE = String.raw`
const { readFileSync } = require("fs");
const { isDeepStrictEqual } = require("util");
const given = process.env;
const words = (text) => (text || "").split(" ").filter((word) => word !== "");
const has = (object, name) => Object.prototype.hasOwnProperty.call(object, name);
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const yes = (condition) => (condition ? "yes" : "no");
const print = (value) => process.stdout.write((typeof value === "string" ? value : JSON.stringify(value, null, 2)) + "\n");
const lines = (all) => process.stdout.write(all.map((line) => line + "\n").join(""));
function read(path) {
  if (path === "/dev/null") return {};
  const text = readFileSync(path, "utf8").replace(/^\uFEFF/, "");
  if (text.trim() === "") return {};
  const value = JSON.parse(text);
  if (!isObject(value)) throw new Error("it does not hold one JSON object");
  return value;
}
const names = (object) => Object.keys(object);
function withRules(settings, rules, created) {
  const permissions = { ...settings.permissions };
  if (rules.length > 0 || !created.includes("deny")) permissions.deny = rules;
  else delete permissions.deny;
  const next = { ...settings };
  if (names(permissions).length > 0 || !created.includes("permissions")) next.permissions = permissions;
  else delete next.permissions;
  return next;
}
const pick = (all, from) => Object.fromEntries(all.map((name) => [name, from[name]]));
function run(part) {
  if (part === "name") {
    const { name } = JSON.parse(given.GW_ANSWER);
    return print((name || "").replace(/[\u0000-\u001f\u007f]/g, ""));
  }
  const old = read(given.GW_FILE);
  const mark = read(given.GW_MARKER);
  if (part === "same") return print(yes(isDeepStrictEqual(old, mark)));
  const env = has(old, "env") ? old.env : {};
  if (!isObject(env)) throw new Error("env does not hold an object");
  const wrote = mark.wrote || {};
  const removed = mark.removed || {};
  const gone = removed.env || {};
  const created = mark.created || [];
  const permissions = has(old, "permissions") ? old.permissions : {};
  const deny = isObject(permissions) && has(permissions, "deny") ? permissions.deny : [];
  const denied = mark.denied || [];
  const refused = words(given.GW_DENY);
  if (refused.length + denied.length > 0 && !(isObject(permissions) && Array.isArray(deny))) throw new Error("permissions.deny does not hold a list");
  const conflicts = words(given.GW_CONFLICTS);
  const present = conflicts.filter((name) => has(env, name));
  const wanted = { ANTHROPIC_BASE_URL: given.GW_BASE, ANTHROPIC_AUTH_TOKEN: given.GW_KEY, CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: "1" };
  const shown = (name, value) => (name === "ANTHROPIC_AUTH_TOKEN" && typeof value === "string" ? value.slice(0, 16) + "..." : value);
  const ours = (name) => has(wrote, name) && has(env, name) && shown(name, env[name]) === wrote[name];
  const helper = has(old, "apiKeyHelper");
  if (part === "check") return print("ok");
  if (given.GW_MODE === "setup") {
    const changing = names(wanted).filter((name) => env[name] !== wanted[name]);
    const replaced = changing.filter((name) => has(env, name) && !ours(name));
    const denying = refused.filter((rule) => !deny.includes(rule));
    const allowing = denied.filter((rule) => deny.includes(rule) && !refused.includes(rule));
    const rules = [...deny.filter((rule) => !allowing.includes(rule)), ...denying];
    const next = { ...(denying.length + allowing.length > 0 ? withRules(old, rules, created) : old), env: { ...env, ...wanted } };
    for (const name of present) delete next.env[name];
    delete next.apiKeyHelper;
    if (part === "settings") return print(next);
    if (part === "changed") return print(yes(!isDeepStrictEqual(next, old)));
    if (part === "report") return lines([...changing.map((name) => "set " + name), ...present.map((name) => "remove " + name), ...(helper ? ["remove apiKeyHelper"] : []), ...denying.map((rule) => "deny " + rule), ...allowing.map((rule) => "allow " + rule)]);
    if (part === "conflicts") {
      const other = ["ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN"].filter((name) => given.GW_STRICT === "yes" && has(env, name) && env[name] !== wanted[name]);
      return lines([...present, ...(helper ? ["apiKeyHelper"] : []), ...other]);
    }
    if (part === "marker") {
      return print({
        version: 1,
        gateway: given.GW_GATEWAY,
        wrote: { ...wrote, ...Object.fromEntries(changing.map((name) => [name, shown(name, wanted[name])])) },
        removed: { ...removed, env: { ...gone, ...pick([...replaced, ...present], env) }, ...(helper && { apiKeyHelper: old.apiKeyHelper }) },
        created: [...new Set([
          ...created,
          ...words(given.GW_CREATED),
          ...(has(old, "env") ? [] : ["env"]),
          ...(denying.length === 0 || has(old, "permissions") ? [] : ["permissions"]),
          ...(denying.length === 0 || has(permissions, "deny") ? [] : ["deny"]),
        ])].sort(),
        backups: [...(mark.backups || []), ...words(given.GW_BACKUP)],
        mode: mark.mode === undefined ? given.GW_FILE_MODE : mark.mode,
        ...(denied.length + denying.length > 0 && { denied: [...denied.filter((rule) => !allowing.includes(rule)), ...denying] }),
      });
    }
    throw new Error("no such part");
  }
  const mine = names(wrote).filter(ours);
  const kept = {};
  for (const name of names(env)) {
    if (!mine.includes(name)) kept[name] = env[name];
    else if (has(gone, name)) kept[name] = gone[name];
  }
  const back = names(gone).filter((name) => !has(kept, name));
  const nextEnv = { ...kept, ...pick(back, gone) };
  const allowing = denied.filter((rule) => deny.includes(rule));
  const next = allowing.length > 0 ? withRules(old, deny.filter((rule) => !allowing.includes(rule)), created) : { ...old };
  if (names(nextEnv).length > 0 || (has(old, "env") && !created.includes("env"))) next.env = nextEnv;
  else delete next.env;
  if (has(removed, "apiKeyHelper") && !helper) next.apiKeyHelper = removed.apiKeyHelper;
  if (part === "settings") return print(next);
  if (part === "changed") return print(yes(!isDeepStrictEqual(next, old)));
  if (part === "empty") return print(yes(names(next).length === 0 && created.includes("file")));
  if (part === "created") return lines(created);
  if (part === "backups") return lines(mark.backups || []);
  if (part === "mode") return print(mark.mode || "");
  if (part === "report") {
    return lines([
      ...mine.map((name) => (has(gone, name) ? "restore " : "delete ") + name),
      ...back.map((name) => "restore " + name),
      ...names({ ...wrote, ...gone }).filter((name) => has(env, name) && !ours(name)).map((name) => "keep " + name),
      ...(has(removed, "apiKeyHelper") ? [(helper ? "keep " : "restore ") + "apiKeyHelper"] : []),
      ...allowing.map((rule) => "allow " + rule),
    ]);
  }
  throw new Error("no such part");
}
try {
  run(given.GW_PART);
} catch (thrown) {
  process.stderr.write(String(thrown.message) + "\n");
  process.exitCode = 1;
}
`

const PYTHON = String.raw`
import json, os, sys
given = os.environ
for stream in (sys.stdout, sys.stderr):
    if hasattr(stream, "reconfigure"): stream.reconfigure(encoding="utf-8", errors="surrogateescape")
def words(text): return (text or "").split()
def yes(condition): return "yes" if condition else "no"
def show(value): sys.stdout.write((value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)) + "\n")
def lines(all):
    for line in all: sys.stdout.write(line + "\n")
def refuse(constant): raise ValueError(constant + " is not JSON")
def read(path):
    if path == "/dev/null": return {}
    with open(path, encoding="utf-8-sig") as file: text = file.read()
    if text.strip() == "": return {}
    value = json.loads(text, parse_constant=refuse)
    if not isinstance(value, dict): raise ValueError("it does not hold one JSON object")
    return value
def differs(one, other): return json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True)
def with_rules(settings, rules, created):
    permissions = dict(settings.get("permissions", {}))
    if rules or "deny" not in created: permissions["deny"] = rules
    else: permissions.pop("deny", None)
    following = dict(settings)
    if permissions or "permissions" not in created: following["permissions"] = permissions
    else: following.pop("permissions", None)
    return following
def run(part):
    if part == "name":
        name = json.loads(given["GW_ANSWER"]).get("name") or ""
        return show("".join(c for c in name if ord(c) >= 32 and ord(c) != 127))
    old = read(given["GW_FILE"])
    mark = read(given["GW_MARKER"])
    if part == "same": return show(yes(not differs(old, mark)))
    env = old.get("env", {})
    if not isinstance(env, dict): raise ValueError("env does not hold an object")
    wrote = mark.get("wrote") or {}
    removed = mark.get("removed") or {}
    gone = removed.get("env") or {}
    created = mark.get("created") or []
    permissions = old.get("permissions", {})
    deny = permissions.get("deny", []) if isinstance(permissions, dict) else []
    denied = mark.get("denied") or []
    refused = words(given.get("GW_DENY"))
    if refused + denied and not (isinstance(permissions, dict) and isinstance(deny, list)): raise ValueError("permissions.deny does not hold a list")
    conflicts = words(given.get("GW_CONFLICTS"))
    present = [name for name in conflicts if name in env]
    wanted = {"ANTHROPIC_BASE_URL": given["GW_BASE"], "ANTHROPIC_AUTH_TOKEN": given["GW_KEY"], "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"}
    def shown(name, value): return value[:16] + "..." if name == "ANTHROPIC_AUTH_TOKEN" and isinstance(value, str) else value
    def ours(name): return name in wrote and name in env and shown(name, env[name]) == wrote[name]
    helper = "apiKeyHelper" in old
    if part == "check": return show("ok")
    if given["GW_MODE"] == "setup":
        changing = [name for name in wanted if name not in env or env[name] != wanted[name]]
        replaced = [name for name in changing if name in env and not ours(name)]
        denying = [rule for rule in refused if rule not in deny]
        allowing = [rule for rule in denied if rule in deny and rule not in refused]
        rules = [rule for rule in deny if rule not in allowing] + denying
        following = with_rules(old, rules, created) if denying or allowing else dict(old)
        following["env"] = {name: value for name, value in {**env, **wanted}.items() if name not in conflicts}
        following.pop("apiKeyHelper", None)
        if part == "settings": return show(following)
        if part == "changed": return show(yes(differs(following, old)))
        if part == "report":
            return lines(["set " + n for n in changing] + ["remove " + n for n in present] + (["remove apiKeyHelper"] if helper else [])
                         + ["deny " + rule for rule in denying] + ["allow " + rule for rule in allowing])
        if part == "conflicts":
            other = [n for n in ("ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN") if given["GW_STRICT"] == "yes" and n in env and env[n] != wanted[n]]
            return lines(present + (["apiKeyHelper"] if helper else []) + other)
        if part == "marker":
            away = {**gone, **{n: env[n] for n in replaced + present}}
            made = [] if not denying else ([] if "permissions" in old else ["permissions"]) + ([] if "deny" in permissions else ["deny"])
            return show({
                "version": 1,
                "gateway": given["GW_GATEWAY"],
                "wrote": {**wrote, **{n: shown(n, wanted[n]) for n in changing}},
                "removed": {**removed, "env": away, **({"apiKeyHelper": old["apiKeyHelper"]} if helper else {})},
                "created": sorted(set(created + words(given.get("GW_CREATED")) + ([] if "env" in old else ["env"]) + made)),
                "backups": (mark.get("backups") or []) + words(given.get("GW_BACKUP")),
                "mode": mark.get("mode", given.get("GW_FILE_MODE", "")),
                **({"denied": [rule for rule in denied if rule not in allowing] + denying} if denied or denying else {}),
            })
        raise ValueError("no such part")
    mine = [name for name in wrote if ours(name)]
    kept = {name: gone.get(name) if name in mine else value for name, value in env.items() if name not in mine or name in gone}
    back = [name for name in gone if name not in kept]
    following_env = {**kept, **{n: gone[n] for n in back}}
    allowing = [rule for rule in denied if rule in deny]
    following = with_rules(old, [rule for rule in deny if rule not in allowing], created) if allowing else dict(old)
    if following_env or ("env" in old and "env" not in created): following["env"] = following_env
    else: following.pop("env", None)
    if "apiKeyHelper" in removed and not helper: following["apiKeyHelper"] = removed["apiKeyHelper"]
    if part == "settings": return show(following)
    if part == "changed": return show(yes(differs(following, old)))
    if part == "empty": return show(yes(following == {} and "file" in created))
    if part == "created": return lines(created)
    if part == "backups": return lines(mark.get("backups") or [])
    if part == "mode": return show(mark.get("mode") or "")
    if part == "report":
        return lines(
            [("restore " if n in gone else "delete ") + n for n in mine]
            + ["restore " + n for n in back]
            + ["keep " + n for n in {**wrote, **gone} if n in env and not ours(n)]
            + ([("keep " if helper else "restore ") + "apiKeyHelper"] if "apiKeyHelper" in removed else [])
            + ["allow " + rule for rule in allowing])
    raise ValueError("no such part")
try:
    run(given["GW_PART"])
except (ValueError, OSError, AttributeError, TypeError) as thrown:
    sys.stderr.write(str(thrown) + "\n")
    sys.exit(1)
`

/** Functions of the script: `find_engine` sets ENGINE (empty: there is none), `json <mode> <part>` prints a part. */
export const SHELL_JSON = `
JQ_PROGRAM='${JQ}'
NODE_PROGRAM='${NODE}'
PYTHON_PROGRAM='${PYTHON}'
${String.raw`
# A program counts only if it runs: a name may lead to a shim with nothing behind it.
find_engine() {
  ENGINE=
  if jq -n 1 >/dev/null 2>&1; then ENGINE=jq
  elif node -e 0 >/dev/null 2>&1; then ENGINE=node
  elif python_runs; then ENGINE=python3
  fi
}

python_runs() {
  if [ "$(uname -s)" = Darwin ] && [ "$(command -v python3)" = /usr/bin/python3 ]; then
    # Without Apple's developer tools this python3 is a stub that opens a dialog.
    xcode-select -p >/dev/null 2>&1 || return 1
  fi
  python3 -c 0 >/dev/null 2>&1
}

# $1: setup or remove, $2: the part. Reads FILE and MARK; /dev/null stands for a file that is not there.
json() {
  GW_MODE=$1 GW_PART=$2 GW_FILE=$FILE GW_MARKER=$MARK GW_GATEWAY=$GATEWAY GW_BASE=$BASE_URL GW_KEY=$KEY \
  GW_CONFLICTS=$CONFLICTS GW_DENY=$DENY GW_STRICT=$STRICT GW_CREATED=$CREATED GW_BACKUP=$BACKUP GW_FILE_MODE=$FILE_MODE GW_ANSWER=$ANSWER \
    run_engine
}

run_engine() {
  case $ENGINE in
    jq) jq -n -r --slurpfile settings "$FILE" --slurpfile marker "$MARK" "$JQ_PROGRAM" ;;
    node) node -e "$NODE_PROGRAM" ;;
    python3) python3 -c "$PYTHON_PROGRAM" ;;
  esac
}`}
`
