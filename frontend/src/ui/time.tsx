interface TimeProps {
  readonly iso: string
  readonly text: string
  /** What is shown on hover: local time, UTC and ISO. */
  readonly full: string
}

export function Time({ iso, text, full }: TimeProps) {
  return (
    <time dateTime={iso} title={full}>
      {text}
    </time>
  )
}
