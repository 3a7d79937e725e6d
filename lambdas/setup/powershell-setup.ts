/** Points Claude Code at the gateway, from PowerShell. Each failure is thrown: `exit` would close the person's window. */
import { POWERSHELL_PARTS } from './powershell-parts.ts'

export const POWERSHELL_SETUP = `param([string] $Token, [string] $Scope, [switch] $DryRun, [string] $Gateway, [string] $BaseUrl, [string] $Deny)
${POWERSHELL_PARTS}${String.raw`
function Invoke-Gateway([string] $Method, [string] $Path, $Body, $Headers) {
  $request = @{ Method = $Method; Uri = ($Gateway + $Path); TimeoutSec = 30; Headers = $Headers }
  if ($null -ne $Body) {
    $request.ContentType = 'application/json'
    $request.Body = (ConvertTo-Json -InputObject $Body -Compress)
  }
  try { return @{ Status = 200; Answer = (Invoke-RestMethod @request) } }
  catch {
    $response = $_.Exception.Response
    if ($null -eq $response) {
      throw ('The gateway cannot be reached at ' + $Gateway + '. Are you in its network? ' + $_.Exception.Message)
    }
    return @{ Status = [int] $response.StatusCode; Answer = $null }
  }
}

function Read-Token([string] $Given) {
  $connect = $Gateway + '/portal/connect'
  if (-not $Given) {
    if ((-not [Environment]::UserInteractive) -or [Console]::IsInputRedirected) {
      throw ('A setup token is needed: -Token st_... Make one on the Connect page, ' + $connect)
    }
    $Given = Read-Host -Prompt ('Setup token (from ' + $connect + ')')
  }
  if ($Given -cnotmatch '\Ast_[0-9a-f]{32}\z') {
    throw ('This is not a setup token: one is st_ and 32 hex digits. Copy the whole command from the Connect page of ' + $Gateway)
  }
  return $Given
}

function Get-Key([string] $ForToken) {
  $reply = Invoke-Gateway 'Post' '/auth/setup/exchange' @{ token = $ForToken } @{}
  if ((400, 404, 410) -contains $reply.Status) {
    throw ('The setup token has expired or was used already. Make a new command on the Connect page of ' + $Gateway + '. Nothing was changed.')
  }
  if ($reply.Status -eq 429) {
    throw 'The gateway was asked too often from this address. Run this again in a minute. Nothing was changed.'
  }
  if ($reply.Status -ne 200) {
    throw ('The gateway at ' + $Gateway + ' answered ' + $reply.Status + ' instead of the key. Run this again later. Nothing was changed.')
  }
  if ([string] $reply.Answer.key -cnotmatch '\Ask-proxy-[0-9a-f]{64}\z') {
    throw ('What answers at ' + $Gateway + ' is not the gateway. Nothing was changed.')
  }
  return $reply.Answer
}

function Test-InsideRepository {
  for ($place = $Here; $place; $place = [IO.Path]::GetDirectoryName($place)) {
    if (Test-Path -LiteralPath ([IO.Path]::Combine($place, '.git'))) { return $true }
  }
  return $false
}

# The key must never be committed: its file is kept out of version control first, and refused if it is in.
function Test-MustIgnore {
  if (-not (Test-InsideRepository)) { return $false }
  if (@(Get-IgnoreLines ([IO.Path]::Combine($Here, '.gitignore'))) -ccontains $Ignored) { return $false }
  if (-not (Get-Command git -ErrorAction SilentlyContinue)) { return $true }
  if ((Invoke-Quietly 'git' @('ls-files', '--error-unmatch', '.claude/settings.local.json')) -eq 0) {
    throw '.claude/settings.local.json is under version control, so the key would be published with it. Take it out (git rm --cached) and run this again. Nothing was changed.'
  }
  foreach ($name in @('settings.local.json', 'settings.local.gateway.json', 'settings.local.json.bak-0')) {
    if ((Invoke-Quietly 'git' @('check-ignore', '-q', ('.claude/' + $name))) -ne 0) { return $true }
  }
  return $false
}

# What there is to do, before anything is done.
function Get-Plan($Wanted, $Settings, $Marker) {
  $variables = Get-Part $Settings 'env'
  $wrote = Get-Part $Marker 'wrote'
  $changing = @(foreach ($name in $Wanted.Keys) {
    $value = Get-Value $variables $name
    if (-not (($value -is [string]) -and ($value -ceq $Wanted[$name]))) { $name }
  })
  return @{
    Changing = $changing
    Replaced = @($changing | Where-Object { (Test-Has $variables $_) -and -not (Test-Ours $wrote $variables $_) })
    Present = @($Conflicts | Where-Object { Test-Has $variables $_ })
    Helper = (Test-Has $Settings 'apiKeyHelper')
    Rules = (Get-RulePlan $Settings $Marker)
  }
}

function New-Marker($Settings, $Marker, $Plan, $Wanted, [string[]] $Created, [string] $Backup) {
  $variables = Get-Part $Settings 'env'
  $wrote = Get-Part $Marker 'wrote'
  foreach ($name in $Plan.Changing) { Set-Value $wrote $name (Get-Shown $name $Wanted[$name]) }
  $removed = Get-Part $Marker 'removed'
  $gone = Get-Part $removed 'env'
  foreach ($name in ($Plan.Replaced + $Plan.Present)) { Set-Value $gone $name (Get-Value $variables $name) }
  Set-Value $removed 'env' $gone
  if ($Plan.Helper) { Set-Value $removed 'apiKeyHelper' (Get-Value $Settings 'apiKeyHelper') }
  $all = @(Get-List $Marker 'created') + $Created
  if (-not (Test-Has $Settings 'env')) { $all += 'env' }
  if ($Plan.Rules.Denying.Count -gt 0) {
    if (-not (Test-Has $Settings 'permissions')) { $all += 'permissions' }
    if (-not (Test-Has (Get-Part $Settings 'permissions') 'deny')) { $all += 'deny' }
  }
  $backups = @(@(Get-List $Marker 'backups') + $Backup | Where-Object { $_ })
  $note = [pscustomobject] [ordered] @{
    version = 1
    gateway = $Gateway
    wrote = $wrote
    removed = $removed
    created = @($all | Where-Object { $_ } | Sort-Object -Unique)
    backups = $backups
    mode = [string] (Get-Value $Marker 'mode')
  }
  if ((Test-Has $Marker 'denied') -or ($Plan.Rules.Denied.Count -gt 0)) { Set-Value $note 'denied' $Plan.Rules.Denied }
  return $note
}

function Write-Plan($Place, $Plan, $Wanted, [bool] $MustIgnore) {
  Write-Host $Place.Settings
  if ($Place.Target -ne $Place.Settings) { Write-Host ('  is a link to  ' + $Place.Target) }
  foreach ($name in $Plan.Changing) { Write-Host ('  set           ' + $name + ' = ' + (Get-Shown $name $Wanted[$name])) }
  $taken = @($Plan.Present)
  if ($Plan.Helper) { $taken += 'apiKeyHelper' }
  foreach ($name in $taken) { Write-Host ('  take out      ' + $name + ' (the remove script puts it back)') }
  foreach ($rule in $Plan.Rules.Denying) { Write-Host ('  refuse        ' + $rule + ' (this gateway answers none)') }
  foreach ($rule in $Plan.Rules.Allowing) { Write-Host ('  allow again   ' + $rule) }
  if ($MustIgnore) { Write-Host ('  .gitignore    ' + $Ignored) }
}

# Returns what of it the marker has to know.
function Add-IgnoreLine {
  $path = [IO.Path]::Combine($Here, '.gitignore')
  if (-not (Test-Path -LiteralPath $path)) {
    Write-Whole $path ($Ignored + [char] 10) $false
    return @('gitignore', 'gitignore-line')
  }
  $text = [IO.File]::ReadAllText($path)
  $facts = @('gitignore-line')
  if (($text -ne '') -and -not $text.EndsWith([string] [char] 10)) {
    $text += [char] 10
    $facts += 'gitignore-newline'
  }
  Write-Whole $path ($text + $Ignored + [char] 10) $false
  return $facts
}

function Install-Settings($Place, $Plan, $Settings, $Marker, $Wanted, [bool] $MustIgnore) {
  $created = @()
  if (-not (Test-Path -LiteralPath $Place.Folder)) { $created += 'folder' }
  $null = New-Item -ItemType Directory -Force -Path $Place.Folder
  if ($MustIgnore) { $created += @(Add-IgnoreLine) }
  $backup = ''
  if (Test-Path -LiteralPath $Place.Target) {
    $backup = $Place.Name + '.bak-' + [DateTime]::UtcNow.ToString('yyyyMMddTHHmmssZ')
    while (Test-Path -LiteralPath ([IO.Path]::Combine($Place.Folder, $backup))) { $backup += '-1' }
    Copy-Item -LiteralPath $Place.Target -Destination ([IO.Path]::Combine($Place.Folder, $backup))
    Protect-File ([IO.Path]::Combine($Place.Folder, $backup))
    Write-Host ('  backup        ' + [IO.Path]::Combine($Place.Folder, $backup))
  } else {
    $created += 'file'
  }
  $note = New-Marker $Settings $Marker $Plan $Wanted $created $backup
  Write-Whole $Place.Marker (Format-Settings $note) $true
  $variables = Get-Part $Settings 'env'
  foreach ($name in $Wanted.Keys) { Set-Value $variables $name $Wanted[$name] }
  foreach ($name in $Plan.Present) { Remove-Value $variables $name }
  Set-Value $Settings 'env' $variables
  Remove-Value $Settings 'apiKeyHelper'
  if (($Plan.Rules.Denying.Count + $Plan.Rules.Allowing.Count) -gt 0) {
    Set-Rules $Settings $Plan.Rules.Rules @(Get-List $note 'created')
  }
  Write-Whole $Place.Target (Format-Settings $Settings) $true
}

# What stands against the settings and wins: variables of this window, and files that go before.
function Get-Obstacles($Place, $Wanted) {
  foreach ($name in @($Conflicts + $Outdone | Select-Object -Unique)) {
    $value = [Environment]::GetEnvironmentVariable($name)
    if ((-not $value) -or ($value -ceq $Wanted[$name])) { continue }
    if ($Outdone -contains $name) {
      Write-Warning ($name + ' is set in this window. The settings go before it, but you had better remove it from your environment.')
    } else { $name + ' is set in this window. Remove it from your environment and open a new terminal.' }
  }
  $managed = '/etc/claude-code/managed-settings.json'
  if ($OnWindows) { $managed = [IO.Path]::Combine([string] $env:ProgramFiles, 'ClaudeCode', 'managed-settings.json') }
  $others = @(
    [IO.Path]::Combine($Here, '.claude', 'settings.local.json'), [IO.Path]::Combine($Here, '.claude', 'settings.json'),
    [IO.Path]::Combine((Get-ConfigFolder), 'settings.json'), $managed)
  foreach ($other in $others) {
    if (($other -eq $Place.Settings) -or -not (Test-Path -LiteralPath $other -PathType Leaf)) { continue }
    try { $settings = Read-Settings $other } catch { continue }
    $variables = Get-Part $settings 'env'
    foreach ($name in $Conflicts) { if (Test-Has $variables $name) { $name + ' in ' + $other } }
    if (Test-Has $settings 'apiKeyHelper') { 'apiKeyHelper in ' + $other }
    if (($Scope -eq 'project') -and ($other -ne $managed)) { continue }
    foreach ($name in @('ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN')) {
      if ((Test-Has $variables $name) -and ((Get-Value $variables $name) -cne $Wanted[$name])) { $name + ' in ' + $other }
    }
  }
}

function Write-SignIn([string] $Key) {
  $me = Invoke-Gateway 'Get' '/auth/me' $null @{ authorization = ('Bearer ' + $Key) }
  if ((401, 403) -contains $me.Status) {
    throw 'The settings are written, but the gateway does not accept the key any more. Ask your administrator, or make a new command on the Connect page.'
  }
  if ($me.Status -ne 200) {
    throw ('The settings are written, but the gateway answered ' + $me.Status + ' when it was asked who you are. Run this again to check.')
  }
  $who = Get-Shown 'ANTHROPIC_AUTH_TOKEN' $Key
  if ($me.Answer.name) { $who = '"' + ([string] $me.Answer.name -replace '[\x00-\x1f\x7f]', '') + '"' }
  Write-Host ('Signed in at ' + $Gateway + ' with the key ' + $who)
}

# Everything is done by now; that the portal does not hear of it is no failure.
function Send-Confirmation([string] $ForToken) {
  $system = 'Windows'
  if (-not $OnWindows) { $system = 'Linux' }
  if ($IsMacOS) { $system = 'macOS' }
  try { $status = (Invoke-Gateway 'Post' '/auth/setup/confirm' @{ token = $ForToken; system = $system } @{}).Status } catch { $status = 0 }
  if ($status -ne 200) { Write-Warning 'The Connect page could not be told that this is done. It is done all the same.' }
}

if (@('user', 'project') -cnotcontains $Scope) { throw '-Scope is user or project.' }
$place = Get-Place $Scope
$settings = Read-Settings $place.Target
$marker = Read-Settings $place.Marker
$mustIgnore = ($Scope -eq 'project') -and (Test-MustIgnore)
$wanted = [ordered] @{
  ANTHROPIC_BASE_URL = $BaseUrl
  ANTHROPIC_AUTH_TOKEN = 'sk-proxy-...'
  CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY = '1'
}
if ($DryRun) {
  Write-Host 'This would be done; nothing is changed now.'
} else {
  $Token = Read-Token $Token
  $answer = Get-Key $Token
  $wanted.ANTHROPIC_BASE_URL = [string] $answer.base_url
  $wanted.ANTHROPIC_AUTH_TOKEN = [string] $answer.key
}
$plan = Get-Plan $wanted $settings $marker
$ruled = ($plan.Rules.Denying.Count + $plan.Rules.Allowing.Count) -gt 0
if (($plan.Changing.Count -eq 0) -and ($plan.Present.Count -eq 0) -and -not ($plan.Helper -or $mustIgnore -or $ruled)) {
  Write-Host ('Nothing to change: ' + $place.Settings + ' points Claude Code at ' + $wanted.ANTHROPIC_BASE_URL + ' already.')
} else {
  Write-Plan $place $plan $wanted $mustIgnore
  if (-not $DryRun) { Install-Settings $place $plan $settings $marker $wanted $mustIgnore }
}
if (($Scope -eq 'user') -and (Get-Command git -ErrorAction SilentlyContinue)) {
  $folder = [IO.Path]::GetDirectoryName($place.Target)
  if ((Test-Path -LiteralPath $folder) -and ((Invoke-Quietly 'git' @('-C', $folder, 'ls-files', '--error-unmatch', '--', $place.Target)) -eq 0)) {
    Write-Warning ($place.Target + ' is under version control. Take care that the key is never published with it.')
  }
}
$obstacles = @(Get-Obstacles $place $wanted)
foreach ($obstacle in $obstacles) { Write-Warning ('In the way: ' + $obstacle) }
if (-not $DryRun) {
  Write-SignIn $wanted.ANTHROPIC_AUTH_TOKEN
  Send-Confirmation $Token
  if ($obstacles.Count -gt 0) { throw 'The settings are written, but what is named above stands against them.' }
  Write-Host 'Done. Start Claude Code with: claude'
}
`}`
