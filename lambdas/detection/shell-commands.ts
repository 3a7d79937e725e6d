/**
 * A shell line as the simple commands it is made of, as far as reading needs it: what stands between the separators, in
 * words without their quotes. It expands nothing. One pass, whatever the text.
 */

export interface SimpleCommand {
  readonly words: readonly string[]
  /** Its input is the output of the command before it. */
  readonly piped: boolean
}

const BLANK = /[ \t\r]/
const SEPARATOR = /[;|\n()`]/

export function simpleCommandsOf(line: string): SimpleCommand[] {
  const reader = new Reader()
  for (let at = 0; at < line.length; ) at = step(line, at, reader)
  reader.endCommand(';')
  return reader.commands
}

/** @returns where to go on. */
function step(line: string, at: number, reader: Reader): number {
  const sign = line.charAt(at)
  if (sign === "'" || sign === '"') {
    const end = endOfQuote(line, at)
    reader.add(line.slice(at + 1, end))
    return end + 1
  }
  if (sign === '\\') {
    // Before the end of a line it joins the line with the next.
    if (line.charAt(at + 1) !== '\n') reader.add(line.charAt(at + 1))
    return at + 2
  }
  if (BLANK.test(sign)) reader.endWord()
  else if (line.startsWith('||', at)) {
    // A choice, not a pipe.
    reader.endCommand(';')
    return at + 2
  } else if (isSeparator(line, at, reader.inWord)) reader.endCommand(sign)
  else if (sign === '#' && !reader.inWord) return endOfLine(line, at)
  else reader.add(sign)
  return at + 1
}

function isSeparator(line: string, at: number, inWord: boolean): boolean {
  const sign = line.charAt(at)
  // `2>&1` and `&>` say where to write.
  if (sign === '&') return line.charAt(at - 1) !== '>' && line.charAt(at + 1) !== '>'
  // `${name}` and `{a,b}` are parts of words.
  if (sign === '{' || sign === '}') return !inWord
  return SEPARATOR.test(sign)
}

class Reader {
  readonly commands: SimpleCommand[] = []
  private words: string[] = []
  private word: string | undefined
  private piped = false

  get inWord(): boolean {
    return this.word !== undefined
  }

  add(text: string): void {
    this.word = (this.word ?? '') + text
  }

  endWord(): void {
    if (this.word !== undefined) this.words.push(this.word)
    this.word = undefined
  }

  endCommand(separator: string): void {
    this.endWord()
    const empty = this.words.length === 0
    if (!empty) this.commands.push({ words: this.words, piped: this.piped })
    // A pipe also feeds what begins on the next line or in brackets.
    const goesOn = empty && this.piped && /[\n({]/.test(separator)
    this.piped = separator === '|' || goesOn
    this.words = []
  }
}

/** Of a quote that is never closed, the end of the text. */
function endOfQuote(line: string, from: number): number {
  const quote = line.charAt(from)
  let at = from + 1
  while (at < line.length && line.charAt(at) !== quote) at += quote === '"' && line.charAt(at) === '\\' ? 2 : 1
  return Math.min(at, line.length)
}

function endOfLine(line: string, from: number): number {
  const end = line.indexOf('\n', from)
  return end < 0 ? line.length : end
}
