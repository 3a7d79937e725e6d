/** Undoes what the setup script did, from a POSIX shell: what its markers say, and nothing else. Its head sets GATEWAY. */
import { SHELL_PARTS } from './shell-parts.ts'

export const SHELL_REMOVE = `${SHELL_PARTS}${String.raw`
HELP='Undoes what the setup script of the gateway did: in your own settings, and in those of the project in this folder.

  --dry-run    says what would be undone; writes nothing
  --help       this text

Ends with 0: done, or nothing to undo; 1: something could not be undone.'

# Whatever the person's shell has by that name.
DENY=

main() {
  while [ $# -gt 0 ]; do
    case $1 in
      --dry-run) DRY_RUN=yes ;;
      --help | -h) say "$HELP"; exit 0 ;;
      *) fail 1 "There is no option $1; see --help." ;;
    esac
    shift
  done
  find_engine
  FOUND=
  undo user
  undo project
  if [ -z "$FOUND" ]; then
    say "There is nothing to undo: no setup was found in your settings, nor in those of this folder."
  elif [ -n "$DRY_RUN" ]; then
    say "This would be undone; nothing is changed now."
  else
    say "Done. The key itself is valid until it is revoked on the Keys page of the gateway."
  fi
}

undo() {
  choose_files "$1"
  [ "$MARK" != /dev/null ] || return 0
  FOUND=yes
  [ -n "$ENGINE" ] || fail 1 "None of jq, node and python3 is installed, so nothing was changed. Take ANTHROPIC_BASE_URL, ANTHROPIC_AUTH_TOKEN and CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY out of $SETTINGS yourself; $MARKER says what was there before."
  check_files remove
  say "$SETTINGS"
  CREATED=" $(json remove created | tr '\n' ' ') "
  BACKUPS=$(json remove backups)
  if [ "$FILE" = /dev/null ]; then say "  is gone; it is left so"
  else undo_settings
  fi
  if [ -n "$DRY_RUN" ]; then return 0; fi
  delete_backups
  [ "$1" = user ] || undo_ignore
  rm -f "$MARKER" || fail 1 "$MARKER cannot be deleted."
  if created folder && rmdir "$FOLDER" 2>/dev/null; then say "  deleted       $FOLDER"; fi
}

created() { case $CREATED in *" $1 "*) return 0 ;; *) return 1 ;; esac; }

undo_settings() {
  json remove report | while read -r what name; do
    case $what in
      delete) say "  take out      $name" ;;
      restore) say "  put back      $name" ;;
      allow) say "  allow again   $name" ;;
      keep) say "  left alone    $name (changed since)" ;;
    esac
  done
  changed=$(json remove changed) && settings=$(json remove settings) && empty=$(json remove empty) &&
    mode=$(json remove mode) || fail 1 "$SETTINGS cannot be read; nothing was changed."
  [ -z "$DRY_RUN" ] || return 0
  if [ "$empty" = yes ]; then
    rm -f "$TARGET" || fail 1 "$SETTINGS cannot be deleted."
    say "  deleted       $SETTINGS"
  elif [ "$changed" = yes ]; then
    case $mode in
      [0-7][0-7][0-7] | [0-7][0-7][0-7][0-7]) ;;
      *) mode=600 ;;
    esac
    write_file "$TARGET" "$mode" "$settings" || fail 1 "$SETTINGS cannot be written; it is as it was."
    restore_first_backup "$mode"
  fi
}

# Where nobody changed anything since, the file is put back to the very byte.
restore_first_backup() {
  first=$(printf '%s\n' "$BACKUPS" | head -n 1)
  is_backup "$first" && [ -f "$FOLDER/$first" ] || return 0
  same=$(FILE=$TARGET MARK=$FOLDER/$first; json remove same 2>/dev/null) || return 0
  [ "$same" = yes ] || return 0
  TEMP=$(mktemp "$(dirname "$TARGET")/.gateway-setup-XXXXXX") || return 0
  cat "$FOLDER/$first" >"$TEMP" && chmod "$1" "$TEMP" && mv -f "$TEMP" "$TARGET" || return 0
  TEMP=
}

# The marker lies where others might write; it names backups of ours or none.
is_backup() {
  printf '%s' "$1" | grep -Eq '^settings(\.local)?\.json\.bak-[0-9]{8}T[0-9]{6}Z(-1)*$'
}

delete_backups() {
  for name in $BACKUPS; do
    is_backup "$name" && [ -f "$FOLDER/$name" ] || continue
    rm -f "$FOLDER/$name" && say "  deleted       $FOLDER/$name"
  done
}

undo_ignore() {
  created gitignore-line && has_ignored || return 0
  rest=$(grep -vxF "$IGNORED" .gitignore)
  if [ -z "$rest" ] && created gitignore; then
    rm -f .gitignore
    say "  deleted       .gitignore"
    return 0
  fi
  TEMP=$(mktemp ./.gateway-setup-XXXXXX) || fail 1 ".gitignore cannot be written."
  grep -vxF "$IGNORED" .gitignore >"$TEMP"
  if created gitignore-newline; then printf '%s' "$rest" >"$TEMP"; fi
  chmod "$(mode_of .gitignore)" "$TEMP" && mv -f "$TEMP" .gitignore || fail 1 ".gitignore cannot be written."
  TEMP=
  say "  take out      $IGNORED from .gitignore"
}

main "$@"
`}`
