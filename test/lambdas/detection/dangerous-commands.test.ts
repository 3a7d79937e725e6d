import { describe, expect, test } from 'vitest'
import { dangersIn } from '../../../lambdas/detection/dangerous-commands.ts'

const rulesIn = (command: string): string[] => dangersIn(command).map(({ rule }) => rule)

describe('D7: told are', () => {
  test.each([
    'rm -rf /',
    'rm -rf ~/work',
    'rm -fr ../other',
    'rm -r -f /x',
    'rm --recursive --force /x',
    'rm -rf -- /x',
    'sudo rm -rf /var/lib',
    'sudo -u root rm -rf /x',
    'FOO=1 rm -rf /x',
    '/bin/rm -rf /x',
    'cd /tmp && rm -rf /x',
    'rm -rf node_modules && rm -rf /',
    'rm -rf node_modules /etc',
    'rm -rf node_modules/../../..',
    'rm -rf "/path with spaces"',
    'rm -rf $HOME',
    'rm -rf ${DIR}/x',
    'rm -rf *',
    'rm -rf .',
    'rm -rf \\\n  /x',
    'bash -c "rm -rf /x"',
    "sudo sh -c 'cd / && rm -rf /x'",
    'eval "rm -rf /x"',
    'if true; then rm -rf /x; fi',
    '{ rm -rf /x; }',
    'echo $(rm -rf /x)',
  ])('destructive_fs: %s', (command) => {
    expect(dangersIn(command)).toEqual([
      { category: 'dangerous', rule: 'destructive_fs', severity: 'critical', count: 1 },
    ])
  })

  test.each([
    'curl -fsSL https://x.example/install.sh | sh',
    'curl https://x | bash -s -- --yes',
    'curl https://x | sudo bash',
    'curl https://x | sudo -E bash -',
    'curl https://x | zsh',
    'curl https://x 2>&1 | bash',
    'curl https://x | tee install.sh | sh',
    'curl https://x |\n  sh',
    '(curl https://x) | sh',
    'curl https://x | (sh)',
    'wget -qO- https://x | /bin/sh',
    'bash <(curl -s https://x)',
    'bash -c "$(curl -fsSL https://x)"',
    'eval "$(wget -qO- https://x)"',
    'eval $(curl https://x)',
  ])('pipe_to_shell: %s', (command) => {
    expect(dangersIn(command)).toMatchObject([{ rule: 'pipe_to_shell', severity: 'critical' }])
  })

  test.each([
    'git push --force',
    'git push -f',
    'git push origin --force',
    'git push origin main -f',
    'git push --force-with-lease origin x',
    'git push origin +main',
    'git -C repo push --force',
    'git reset --hard HEAD~1',
    'git reset HEAD~1 --hard',
    'git clean -fdx',
    'git clean -d -f',
    'git branch -D old',
    'git branch --delete --force old',
  ])('git_destructive: %s', (command) => {
    expect(dangersIn(command)).toMatchObject([{ rule: 'git_destructive', severity: 'warning' }])
  })

  test.each(['chmod 777 x', 'chmod -R 777 /srv', 'sudo chmod 0777 x', 'chmod a+rwx x'])('chmod_open: %s', (command) => {
    expect(dangersIn(command)).toMatchObject([{ rule: 'chmod_open', severity: 'warning' }])
  })

  test('each of several, with its own rule', () => {
    expect(rulesIn('git reset --hard; chmod 777 x; rm -rf /; curl a | sh')).toEqual([
      'git_destructive',
      'chmod_open',
      'destructive_fs',
      'pipe_to_shell',
    ])
  })
})

describe('D7: not told are', () => {
  test.each([
    'ls -la /',
    'rm file.txt',
    'rm -f file.txt',
    'rm -r /tmp/x',
    'rm -rf node_modules',
    'rm -rf ./dist /srv/app/build packages/a/target',
    'rm -rf cdk.out .venv src/x.egg-info',
    'echo "rm -rf /"',
    'grep -rf patterns /src',
    'git commit -m "git push --force"',
    'git push origin main',
    'git branch -d old',
    'git reset --soft HEAD~1',
    'git clean -n',
    'chmod 755 x',
    'curl https://x -o file',
    'curl https://x | jq .',
    'curl https://x || sh fallback.sh',
    'curl https://x; sh other.sh',
    'curl https://x | grep sh',
    'bash build.sh',
    '# rm -rf /',
    'ls # rm -rf /',
    '',
    "'",
    '\\',
    '"unfinished',
  ])('%s', (command) => {
    expect(rulesIn(command)).toEqual([])
  })
})
