/** Points Claude Code at the gateway, from a POSIX shell. Its head sets GATEWAY, BASE_URL, TOKEN, SCOPE and DENY (`script.ts`). */
import { SHELL_PARTS } from './shell-parts.ts'

export const SHELL_SETUP = `${SHELL_PARTS}${String.raw`
HELP='Points Claude Code at the gateway.

  --token st_...          from the Connect page of the gateway
  --scope user|project    your own settings, or those of the project in this folder
  --dry-run               says what would be done; fetches no key and writes nothing
  --help                  this text

Ends with 0: done, 1: nothing could be done, 2: done, but something stands against it,
3: the token or its key is not valid, 4: the gateway does not answer.'

main() {
  read_arguments "$@"
  choose_files "$SCOPE"
  find_engine
  [ -z "$ENGINE" ] || check_files setup
  [ "$SCOPE" = user ] || guard_repository
  if [ -n "$DRY_RUN" ]; then
    KEY=sk-proxy-...
    [ -n "$ENGINE" ] || print_json_and_fail
    say "This would be done; nothing is changed now."
  else
    take_key
    [ -n "$ENGINE" ] || print_json_and_fail
  fi
  apply
  warn_of_repository
  look_for_conflicts
  [ -z "$DRY_RUN" ] || exit "$RESULT"
  check_sign_in
  confirm
  if [ "$RESULT" = 0 ]; then say "Done. Start Claude Code with: claude"
  else warn "The settings are written, but what is named above stands against them."
  fi
  exit "$RESULT"
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --token | --scope)
        [ $# -gt 1 ] || fail 1 "$1 needs a value; see --help."
        if [ "$1" = --token ]; then TOKEN=$2; else SCOPE=$2; fi
        shift
        ;;
      --token=* | --scope=*)
        value=$(printf '%s' "$1" | sed 's/^--[a-z]*=//')
        case $1 in --token=*) TOKEN=$value ;; *) SCOPE=$value ;; esac
        ;;
      --dry-run) DRY_RUN=yes ;;
      --help | -h) say "$HELP"; exit 0 ;;
      *) fail 1 "There is no option $1; see --help." ;;
    esac
    shift
  done
  case $SCOPE in
    user | project) ;;
    *) fail 1 "--scope is user or project." ;;
  esac
}

# The key must never be committed: the file it goes to is kept out of version control first, and refused if it is in.
guard_repository() {
  IGNORE=
  inside_repository || return 0
  if git ls-files --error-unmatch .claude/settings.local.json >/dev/null 2>&1; then
    fail 1 ".claude/settings.local.json is under version control, so the key would be published with it. Take it out (git rm --cached) and run this again. Nothing was changed."
  fi
  for name in settings.local.json settings.local.gateway.json settings.local.json.bak-0; do
    git check-ignore -q ".claude/$name" 2>/dev/null || IGNORE=yes
  done
  ! has_ignored || IGNORE=
}

# One's own settings may lie among dotfiles that are published. They are not refused, as nobody could do without them.
warn_of_repository() {
  [ "$SCOPE" = user ] || return 0
  if git -C "$(dirname "$TARGET")" ls-files --error-unmatch -- "$TARGET" >/dev/null 2>&1; then
    warn "Note: $TARGET is under version control. Take care that the key is never published with it."
  fi
}

inside_repository() {
  place=$PWD
  while [ -n "$place" ]; do
    [ ! -e "$place/.git" ] || return 0
    [ "$place" != "$(dirname "$place")" ] || return 1
    place=$(dirname "$place")
  done
  return 1
}

take_key() {
  command -v curl >/dev/null 2>&1 || fail 1 "curl is needed and not installed; nothing was changed."
  [ -n "$TOKEN" ] || ask_for_token
  case $TOKEN in
    st_*[!0-9a-f]* | [!s]* | s[!t]* | st[!_]*) bad_token ;;
  esac
  printf '%s' "$TOKEN" | grep -Eq '^st_[0-9a-f]{32}$' || bad_token
  request POST /auth/setup/exchange "data = \"{\\\"token\\\":\\\"$TOKEN\\\"}\""
  case $STATUS in
    200) ;;
    400 | 404 | 410) fail 3 "The setup token has expired or was used already. Make a new command on the Connect page of $GATEWAY. Nothing was changed." ;;
    429) fail 4 "The gateway was asked too often from this address. Run this again in a minute. Nothing was changed." ;;
    *) fail 4 "The gateway at $GATEWAY answered $STATUS instead of the key. Run this again later. Nothing was changed." ;;
  esac
  KEY=$(printf '%s' "$ANSWER" | sed -n 's/.*"key":"\(sk-proxy-[0-9a-f]*\)".*/\1/p')
  BASE_URL=$(printf '%s' "$ANSWER" | sed -n 's/.*"base_url":"\(https*:[^"\\]*\)".*/\1/p')
  [ -n "$KEY" ] && [ -n "$BASE_URL" ] || fail 4 "What answers at $GATEWAY is not the gateway. Nothing was changed."
}

bad_token() { fail 3 "This is not a setup token: one is st_ and 32 hex digits. Copy the whole command from the Connect page of $GATEWAY."; }

ask_for_token() {
  if ! (exec </dev/tty) 2>/dev/null; then
    fail 3 "A setup token is needed: --token st_... Make one on the Connect page, $GATEWAY/portal/connect"
  fi
  printf 'Setup token (from %s/portal/connect): ' "$GATEWAY" >/dev/tty
  IFS= read -r TOKEN </dev/tty
}

# $1: method, $2: path, $3: lines of curl's configuration. They come by stdin: a list of processes shows arguments, and they
# hold secrets. -g, because brackets of an IPv6 address are no pattern. Sets STATUS and ANSWER.
request() {
  code=0
  reply=$(printf 'request = "%s"\nheader = "content-type: application/json"\n%s\n' "$1" "$3" |
    curl -s -g --max-time 30 -K - -w '\n%{http_code}' "$GATEWAY$2" 2>/dev/null) || code=$?
  case $code in
    0) ;;
    60) fail 4 "This machine does not trust the certificate of $GATEWAY (curl 60). Does your network need a certificate of its own? Then set CURL_CA_BUNDLE, and NODE_EXTRA_CA_CERTS for Claude Code." ;;
    *) fail 4 "The gateway cannot be reached at $GATEWAY (curl $code). Are you in its network?" ;;
  esac
  STATUS=$(printf '%s\n' "$reply" | tail -n 1)
  ANSWER=$(printf '%s\n' "$reply" | sed '$d')
}

print_json_and_fail() {
  rules=
  [ -z "$DENY" ] || rules=$(printf ',\n  "permissions": { "deny": ["%s"] }' "$DENY")
  printf '{\n  "env": {\n    "ANTHROPIC_BASE_URL": "%s",\n    "ANTHROPIC_AUTH_TOKEN": "%s",\n    "CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY": "1"\n  }%s\n}\n' "$BASE_URL" "$KEY" "$rules"
  fail 1 "None of jq, node and python3 is installed, so nothing was changed. Merge the lines above into $SETTINGS yourself, and keep the file to yourself (chmod 600)."
}

apply() {
  changed=$(json setup changed) || fail 1 "$SETTINGS cannot be read; nothing was changed."
  if [ "$changed" = no ] && [ -z "$IGNORE" ]; then
    say "Nothing to change: $SETTINGS points Claude Code at $BASE_URL already."
    # An older file may have been readable by others.
    [ -n "$DRY_RUN" ] || chmod 600 "$TARGET"
    return 0
  fi
  tell_changes
  [ -z "$DRY_RUN" ] || return 0
  # All that is to be written is known before the first byte is.
  note_what_is_there
  settings=$(json setup settings) && marker=$(json setup marker) || fail 1 "$SETTINGS cannot be changed; nothing was."
  mkdir -p "$FOLDER" 2>/dev/null || fail 1 "$FOLDER cannot be made; nothing was changed."
  [ -w "$FOLDER" ] && [ -w "$(dirname "$TARGET")" ] || fail 1 "$FOLDER cannot be written to; nothing was changed."
  case " $CREATED " in *' folder '*) chmod 700 "$FOLDER" ;; esac
  [ -z "$IGNORE" ] || ignore_settings
  if [ -n "$BACKUP" ]; then
    cp -p "$TARGET" "$FOLDER/$BACKUP" || fail 1 "No backup of $SETTINGS can be made, so it was not changed."
    say "  backup        $FOLDER/$BACKUP"
  fi
  write_file "$MARKER" 600 "$marker" || fail 1 "$MARKER cannot be written, so the settings were not changed."
  if ! write_file "$TARGET" 600 "$settings"; then
    [ "$MARK" != /dev/null ] || rm -f "$MARKER"
    fail 1 "$SETTINGS cannot be written; it is as it was."
  fi
}

tell_changes() {
  say "$SETTINGS"
  [ "$TARGET" = "$SETTINGS" ] || say "  is a link to  $TARGET"
  json setup report | while read -r what name; do
    case $what:$name in
      set:ANTHROPIC_BASE_URL) say "  set           $name = $BASE_URL" ;;
      set:ANTHROPIC_AUTH_TOKEN) say "  set           $name = $(printf '%.16s' "$KEY")..." ;;
      set:*) say "  set           $name = 1" ;;
      deny:*) say "  refuse        $name (this gateway answers none)" ;;
      allow:*) say "  allow again   $name" ;;
      *) say "  take out      $name (the remove script puts it back)" ;;
    esac
  done
  [ -z "$IGNORE" ] || say "  .gitignore    $IGNORED"
}

note_what_is_there() {
  CREATED=
  [ -d "$FOLDER" ] || CREATED="$CREATED folder"
  if [ "$FILE" = /dev/null ]; then
    CREATED="$CREATED file"
  else
    FILE_MODE=$(mode_of "$TARGET")
    BACKUP=$NAME.json.bak-$(date -u +%Y%m%dT%H%M%SZ)
    # Twice within a second.
    while [ -e "$FOLDER/$BACKUP" ]; do BACKUP=$BACKUP-1; done
  fi
  [ -n "$IGNORE" ] || return 0
  CREATED="$CREATED gitignore-line"
  if [ ! -e .gitignore ]; then CREATED="$CREATED gitignore"
  elif ! ends_with_newline .gitignore; then CREATED="$CREATED gitignore-newline"
  fi
}

ignore_settings() {
  if [ -s .gitignore ] && ! ends_with_newline .gitignore; then printf '\n' >>.gitignore; fi
  printf '%s\n' "$IGNORED" >>.gitignore || fail 1 ".gitignore cannot be written, so the key was not put beside it."
}

# What stands against the settings and wins. Sets RESULT.
look_for_conflicts() {
  RESULT=0
  for variable in $CONFLICTS $OUTDONE; do
    eval "value=\$$variable"
    [ -n "$value" ] || continue
    case " $OUTDONE " in
      *" $variable "*)
        [ "$variable" = ANTHROPIC_BASE_URL ] && [ "$value" = "$BASE_URL" ] && continue
        [ "$variable" = ANTHROPIC_AUTH_TOKEN ] && [ "$value" = "$KEY" ] && continue
        case " $told " in *" $variable "*) continue ;; esac
        told="$told $variable"
        warn "Note: $variable is set in this shell. The settings go before it, but you had better remove it from your profile."
        ;;
      *)
        RESULT=2
        warn "In the way: $variable is set in this shell. Remove it from your profile and open a new terminal."
        ;;
    esac
  done
  for other in "$PWD/.claude/settings.local.json" "$PWD/.claude/settings.json" "$USER_SETTINGS" "$MANAGED_SETTINGS"; do
    look_into "$other"
  done
}

# A project's files go before your own, and what the administrator of the machine says goes before all.
look_into() {
  [ -f "$1" ] && [ "$1" != "$SETTINGS" ] || return 0
  STRICT=yes
  if [ "$SCOPE" = project ] && [ "$1" != "$MANAGED_SETTINGS" ]; then STRICT=; fi
  names=$(FILE=$1 MARK=/dev/null; json setup conflicts 2>/dev/null) || names=
  for name in $names; do
    RESULT=2
    warn "In the way: $name in $1"
  done
}

check_sign_in() {
  request GET /auth/me "header = \"authorization: Bearer $KEY\""
  case $STATUS in
    200) ;;
    401 | 403) fail 3 "The settings are written, but the gateway does not accept the key any more. Ask your administrator, or make a new command on the Connect page." ;;
    *) fail 4 "The settings are written, but the gateway at $GATEWAY answered $STATUS when it was asked who you are. Run this again to check." ;;
  esac
  name=$(json setup name)
  if [ -n "$name" ]; then say "Signed in at $GATEWAY with the key \"$name\"."
  else say "Signed in at $GATEWAY with the key $(printf '%.16s' "$KEY")..."
  fi
}

# Everything is done by now; that the portal does not hear of it is no failure.
confirm() {
  (request POST /auth/setup/confirm "data = \"{\\\"token\\\":\\\"$TOKEN\\\",\\\"system\\\":\\\"$(system)\\\"}\""
    [ "$STATUS" = 200 ]) 2>/dev/null || warn "The Connect page could not be told that this is done. It is done all the same."
}

system() {
  case $(uname -s) in
    Darwin) say macOS ;;
    Linux) if grep -qi microsoft /proc/version 2>/dev/null; then say WSL; else say Linux; fi ;;
    MINGW* | MSYS* | CYGWIN*) say Windows ;;
    *) uname -s | tr -cd 'A-Za-z0-9._-' | cut -c 1-40 ;;
  esac
}

case $(uname -s) in
  Darwin) MANAGED_SETTINGS='/Library/Application Support/ClaudeCode/managed-settings.json' ;;
  *) MANAGED_SETTINGS=/etc/claude-code/managed-settings.json ;;
esac
USER_SETTINGS=$CLAUDE_CONFIG_DIR/settings.json
[ -n "$CLAUDE_CONFIG_DIR" ] || USER_SETTINGS=$HOME/.claude/settings.json
IGNORE=
told=

main "$@"
`}`
