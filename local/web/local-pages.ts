/** The pages that are there to be read on this machine, and what the engines find while nobody has told them anything else. */
import type { Found } from './engine-formats.ts'

export interface LocalPage {
  readonly status?: number
  /** '' : none is told. */
  readonly contentType?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
  /** No answer ever comes. */
  readonly hangs?: boolean
}

const sentence = (about: string, number: number): string =>
  `Paragraph ${number} of what is told about ${about}, with a comma, and long enough that nobody takes it for a caption.`

const paragraphs = (about: string): string =>
  Array.from({ length: 8 }, (_, place) => `<p>${sentence(about, place + 1)} ${sentence(about, place + 1)}</p>`).join(
    '\n',
  )

const article = (title: string, about: string): string => `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>p { color: red }</style>
<script>document.title = 'never seen'</script></head>
<body><nav><a href="/">Home</a> <a href="/about">About</a></nav>
<main><article><h1>${title}</h1>
${paragraphs(about)}
<ul><li>first point</li><li>second point</li></ul>
<pre><code>const answer = 42
  // indented</code></pre>
</article></main><footer>Imprint</footer></body></html>`

export function localPages(endpoint: string): {
  readonly pages: Readonly<Record<string, LocalPage>>
  readonly found: readonly Found[]
} {
  return {
    pages: {
      '/pages/lighthouses': { body: article('Lighthouses of the North', 'lighthouses') },
      '/pages/tides': { body: article('Tides and currents', 'tides') },
      '/pages/notes.txt': { contentType: 'text/plain; charset=utf-8', body: 'Notes.\n\n- one\n- two\n' },
      '/pages/data.json': { contentType: 'application/json', body: '{"lighthouses":3}' },
      '/pages/moved': { status: 302, headers: { location: '/pages/lighthouses' }, body: '' },
    },
    found: [
      {
        title: 'Lighthouses of the North',
        url: `${endpoint}/pages/lighthouses`,
        snippet: 'Three lighthouses stand on the northern coast.',
        age: 'April 30, 2026',
      },
      {
        title: 'Tides & currents',
        url: `${endpoint}/pages/tides`,
        snippet: 'When the water comes, and where it goes.',
      },
      {
        title: 'A guide to lighthouses',
        url: 'https://docs.example.com/lighthouses/guide',
        snippet: 'Everything from the lamp to the lens.',
        age: 'January 2, 2026',
      },
    ],
  }
}
