import { useState } from 'react'
import { Card } from '../../ui/card.tsx'
import { Command } from '../../ui/command.tsx'
import { Secret } from '../../ui/secret.tsx'
import { Segmented } from '../../ui/segmented.tsx'
import { KeyForm } from './key-form.tsx'
import type { usePrepared } from './prepared.ts'
import { CI_RECIPES, CLIENT_RECIPES, CONTAINER_RECIPES, type RecipeList } from './recipes.ts'
import styles from './terminal.module.css'

const PAGES = {
  ci: {
    recipes: CI_RECIPES,
    name: 'CI',
    keep: 'Keep the key where the pipeline keeps its secrets, never in the repository.',
  },
  container: {
    recipes: CONTAINER_RECIPES,
    name: 'Container',
    keep: 'Hand the key in when the container starts. A key in an image is a key for everybody who has the image.',
  },
  client: {
    recipes: CLIENT_RECIPES,
    name: 'Client',
    keep: 'The gateway speaks Anthropic’s Messages API: a base URL and a bearer are all a client needs.',
  },
} as const satisfies Record<string, { recipes: RecipeList; name: string; keep: string }>

interface RecipesProps {
  readonly target: keyof typeof PAGES
  readonly baseUrl: string
  readonly preparation: ReturnType<typeof usePrepared>
}

/** Everything that is told its gateway by two variables. */
export function Recipes({ target, baseUrl, preparation: { prepared, prepare } }: RecipesProps) {
  const { recipes, name, keep } = PAGES[target]
  const [chosen, setChosen] = useState<string>()
  const recipe = recipes.find(({ id }) => id === chosen) ?? recipes[0]
  return (
    <Card label="Connect">
      <ol className={styles.steps}>
        <li>
          <h2>A key of its own</h2>
          {prepared === undefined ? (
            <KeyForm key={target} suggestedName={name} prepare={prepare} verb="Make the key" />
          ) : (
            <>
              <Secret text={prepared.key.raw} label="Virtual key" />
              <p className="quiet">
                <b dir="auto">{prepared.key.name}</b>. It cannot be shown again once you leave this page.
              </p>
            </>
          )}
          <p className={styles.prose}>{keep}</p>
        </li>
        <li>
          <h2>Point it here</h2>
          <div className={styles.choices}>
            <Segmented
              label="Where"
              value={recipe.id}
              onChange={setChosen}
              options={recipes.map(({ id, title }) => ({ value: id, text: title }))}
            />
          </div>
          <Command text={recipe.text(baseUrl)} label={recipe.title} />
        </li>
      </ol>
    </Card>
  )
}
