/** What both POSIX scripts stand on: telling, files, and where settings lie. No `local`, no arrays: dash, bash 3.2 and zsh alike. */
import { CONFLICTING_VARIABLES, OUTDONE_VARIABLES } from './conflicts.ts'
import { SHELL_JSON } from './shell-json.ts'

export const SHELL_PARTS = `
[ -n "$ZSH_VERSION" ] && emulate sh

CONFLICTS='${CONFLICTING_VARIABLES.join(' ')}'
OUTDONE='${OUTDONE_VARIABLES.join(' ')}'
${SHELL_JSON}
${String.raw`
say() { printf '%s\n' "$*"; }

warn() { printf '%s\n' "$*" >&2; }

fail() {
  code=$1
  shift
  warn "$*"
  exit "$code"
}

KEY= ANSWER= STRICT= CREATED= BACKUP= FILE_MODE= TEMP= DRY_RUN=

clean_up() { [ -z "$TEMP" ] || rm -f "$TEMP"; }
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# $1: user or project. Sets FOLDER, SETTINGS and MARKER, and what the links of SETTINGS lead to: TARGET.
choose_files() {
  if [ "$1" = user ]; then
    [ -n "$CLAUDE_CONFIG_DIR$HOME" ] || fail 1 "Neither HOME nor CLAUDE_CONFIG_DIR is set, so there is no place for your settings."
    FOLDER=$CLAUDE_CONFIG_DIR
    [ -n "$FOLDER" ] || FOLDER=$HOME/.claude
    NAME=settings
  else
    FOLDER=$PWD/.claude
    NAME=settings.local
  fi
  case $FOLDER in
    /*) ;;
    *) FOLDER=$PWD/$FOLDER ;;
  esac
  SETTINGS=$FOLDER/$NAME.json
  MARKER=$FOLDER/$NAME.gateway.json
  follow_links "$SETTINGS"
  FILE=/dev/null
  [ ! -e "$TARGET" ] || FILE=$TARGET
  MARK=/dev/null
  [ ! -e "$MARKER" ] || MARK=$MARKER
}

# Sets TARGET. 40 links are as many as Linux follows.
follow_links() {
  TARGET=$1
  links=0
  while [ -L "$TARGET" ]; do
    links=$((links + 1))
    [ "$links" -le 40 ] || fail 1 "$1 is a link that leads round in a circle."
    next=$(readlink "$TARGET")
    case $next in
      /*) TARGET=$next ;;
      *) TARGET=$(dirname "$TARGET")/$next ;;
    esac
  done
}

# Refuses what cannot be read before anything is changed.
check_files() {
  [ "$FILE" = /dev/null ] || [ -f "$FILE" ] || fail 1 "$SETTINGS is not a file; nothing was changed."
  if ! reason=$(json "$1" check 2>&1); then
    fail 1 "$SETTINGS (or $MARKER) is not valid, so nothing was changed. Repair it and run this again. What is wrong: $reason"
  fi
}

# $1: file, $2: mode, $3: content. The file is there whole, or as it was before.
write_file() {
  TEMP=$(mktemp "$(dirname "$1")/.gateway-setup-XXXXXX") || return 1
  printf '%s\n' "$3" >"$TEMP" && chmod "$2" "$TEMP" && mv -f "$TEMP" "$1" || return 1
  TEMP=
}

# Prints the mode of a file in octal: GNU and BSD say it differently.
mode_of() { stat -c %a "$1" 2>/dev/null || stat -f %Lp "$1"; }

IGNORED='.claude/settings.local.*'

has_ignored() { grep -qxF "$IGNORED" .gitignore 2>/dev/null; }

ends_with_newline() { [ -z "$(tail -c 1 "$1")" ]; }
`}`
