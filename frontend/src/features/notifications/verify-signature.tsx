import { useState } from 'react'
import { Command } from '../../ui/command.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import styles from './notifications.module.css'
import { LANGUAGE_NAMES, LANGUAGES, type Language, SNIPPETS } from './verify.ts'

export function VerifySignature() {
  const [language, setLanguage] = useState<Language>('node')
  return (
    <div className={styles.stack}>
      <div className={styles.language}>
        <Segmented
          label="Language"
          value={language}
          onChange={setLanguage}
          options={LANGUAGES.map((value) => ({ value, text: LANGUAGE_NAMES[value] }))}
        />
      </div>
      <Command text={SNIPPETS[language]} label={`Verification in ${LANGUAGE_NAMES[language]}`} />
      <p>
        An event that could not be told is sent again with the same <code>x-ccag-delivery</code>: by it a receiver knows
        what it has had.
      </p>
    </div>
  )
}
