/** A text that Claude Code puts among the person's own, to tell the model something. */
export const isReminder = (text: string): boolean => text.trimStart().startsWith('<system-reminder>')
