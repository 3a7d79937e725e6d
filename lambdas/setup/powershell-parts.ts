/**
 * What both PowerShell scripts stand on, for Windows PowerShell 5.1 and PowerShell 7. The marker is the one that the POSIX
 * scripts write (`shell-json.ts`), so that either undoes what the other did.
 */
import { CONFLICTING_VARIABLES, OUTDONE_VARIABLES } from './conflicts.ts'

const listOf = (names: readonly string[]): string => `@(${names.map((name) => `'${name}'`).join(', ')})`

export const POWERSHELL_PARTS = `
$ErrorActionPreference = 'Stop'
Set-StrictMode -Off
$Conflicts = ${listOf(CONFLICTING_VARIABLES)}
$Outdone = ${listOf(OUTDONE_VARIABLES)}
${String.raw`
$OnWindows = ($PSVersionTable.PSVersion.Major -lt 6) -or $IsWindows
$Here = (Get-Location -PSProvider FileSystem).ProviderPath
$Ignored = '.claude/settings.local.*'

function Get-ConfigFolder {
  if ($env:CLAUDE_CONFIG_DIR) { return [IO.Path]::Combine($Here, $env:CLAUDE_CONFIG_DIR) }
  $person = $env:USERPROFILE
  if (-not $person) { $person = $HOME }
  if (-not $person) { throw 'Neither USERPROFILE nor CLAUDE_CONFIG_DIR is set, so there is no place for your settings.' }
  return [IO.Path]::Combine($person, '.claude')
}

# Where the settings lie, and what their links lead to: Target.
function Get-Place([string] $Of) {
  $folder = [IO.Path]::Combine($Here, '.claude')
  $name = 'settings.local'
  if ($Of -eq 'user') {
    $folder = Get-ConfigFolder
    $name = 'settings'
  }
  $settings = [IO.Path]::Combine($folder, $name + '.json')
  return @{
    Folder = $folder
    Name = $name + '.json'
    Settings = $settings
    Target = (Get-LinkTarget $settings)
    Marker = [IO.Path]::Combine($folder, $name + '.gateway.json')
  }
}

function Get-LinkTarget([string] $Path) {
  # 40 links are as many as Linux follows.
  for ($links = 0; $links -lt 40; $links++) {
    $item = Get-Item -LiteralPath $Path -Force -ErrorAction SilentlyContinue
    if (($null -eq $item) -or ($item.LinkType -ne 'SymbolicLink')) { return $Path }
    $Path = [IO.Path]::Combine([IO.Path]::GetDirectoryName($Path), [string] @($item.Target)[0])
  }
  throw ($Path + ' is a link that leads round in a circle.')
}

# PowerShell 7 makes dates of texts that look like one; the mark keeps them the texts that they are.
$DateMark = '@gateway-date@'

function Read-Settings([string] $Path) {
  if (-not (Test-Path -LiteralPath $Path)) { return [pscustomobject] @{} }
  $text = [IO.File]::ReadAllText($Path)
  if ($text.Trim() -eq '') { return [pscustomobject] @{} }
  $value = $null
  try { $value = ConvertFrom-Json -InputObject ($text -replace '"(\d{4}-\d{2}-\d{2}T)', ('"' + $DateMark + '$1')) }
  catch { throw ($Path + ' is not valid, so nothing was changed. Repair it and run this again. What is wrong: ' + $_.Exception.Message) }
  if (($text.TrimStart()[0] -ne '{') -or ($value -isnot [System.Management.Automation.PSCustomObject])) {
    throw ($Path + ' does not hold one JSON object, so nothing was changed.')
  }
  if ((Test-Has $value 'env') -and ((Get-Value $value 'env') -isnot [System.Management.Automation.PSCustomObject])) {
    throw ($Path + ': env does not hold an object, so nothing was changed.')
  }
  return $value
}

function Format-Settings($Value) {
  return (ConvertTo-Json -InputObject $Value -Depth 100).Replace('"' + $DateMark, '"') + [Environment]::NewLine
}

function Get-Names($Object) {
  if ($null -eq $Object) { return }
  foreach ($property in $Object.PSObject.Properties) { $property.Name }
}

# Names of JSON differ by case; those of PowerShell do not.
function Test-Has($Object, [string] $Name) { return @(Get-Names $Object) -ccontains $Name }

function Get-Value($Object, [string] $Name) {
  if (-not (Test-Has $Object $Name)) { return $null }
  return , $Object.PSObject.Properties[$Name].Value
}

# The texts of a list, one after the other.
function Get-List($Object, [string] $Name) {
  foreach ($one in (Get-Value $Object $Name)) { if ($one) { [string] $one } }
}

function Set-Value($Object, [string] $Name, $Value) {
  Add-Member -InputObject $Object -MemberType NoteProperty -Name $Name -Value $Value -Force
}

function Remove-Value($Object, [string] $Name) {
  if (Test-Has $Object $Name) { $Object.PSObject.Properties.Remove($Name) }
}

function Get-Part($Object, [string] $Name) {
  $part = Get-Value $Object $Name
  if ($null -eq $part) { return [pscustomobject] @{} }
  return $part
}

# How permissions.deny is to change: $Deny goes in, what setup put there for another reason comes out. What stood there stays.
function Get-RulePlan($Settings, $Marker) {
  $denied = @(Get-List $Marker 'denied')
  $refused = @(@($Deny) | Where-Object { $_ })
  if (($denied.Count + $refused.Count) -eq 0) { return @{ Denying = @(); Allowing = @(); Rules = @(); Denied = @() } }
  $permissions = Get-Part $Settings 'permissions'
  $rules = @()
  if ($permissions -is [System.Management.Automation.PSCustomObject]) {
    if (Test-Has $permissions 'deny') { $rules = Get-Value $permissions 'deny' }
  } else { $rules = $null }
  if ($rules -isnot [array]) { throw 'permissions.deny does not hold a list, so nothing was changed.' }
  $denying = @($refused | Where-Object { $rules -cnotcontains $_ })
  $allowing = @($denied | Where-Object { ($rules -ccontains $_) -and ($refused -cnotcontains $_) })
  return @{
    Denying = $denying
    Allowing = $allowing
    Rules = @(@($rules | Where-Object { $allowing -cnotcontains $_ }) + $denying)
    Denied = @(@($denied | Where-Object { $allowing -cnotcontains $_ }) + $denying)
  }
}

# What setup made goes with the last rule that it put there.
function Set-Rules($Settings, [object[]] $Rules, [string[]] $Created) {
  $permissions = Get-Part $Settings 'permissions'
  if (($Rules.Count -eq 0) -and ($Created -ccontains 'deny')) { Remove-Value $permissions 'deny' }
  else { Set-Value $permissions 'deny' $Rules }
  if ((@(Get-Names $permissions).Count -eq 0) -and ($Created -ccontains 'permissions')) { Remove-Value $Settings 'permissions' }
  else { Set-Value $Settings 'permissions' $permissions }
}

# Two values are the same when this is.
function Get-Canonical($Value) {
  if ($null -eq $Value) { return 'null' }
  if ($Value -is [System.Management.Automation.PSCustomObject]) {
    $members = foreach ($name in @(Get-Names $Value | Sort-Object -CaseSensitive)) {
      (ConvertTo-Json -InputObject $name -Compress) + ':' + (Get-Canonical (Get-Value $Value $name))
    }
    return '{' + (@($members) -join ',') + '}'
  }
  if ($Value -is [array]) {
    $members = foreach ($one in $Value) { Get-Canonical $one }
    return '[' + (@($members) -join ',') + ']'
  }
  return ConvertTo-Json -InputObject $Value -Compress
}

function Get-Shown([string] $Name, $Value) {
  if (($Name -eq 'ANTHROPIC_AUTH_TOKEN') -and ($Value -is [string])) {
    return $Value.Substring(0, [Math]::Min(16, $Value.Length)) + '...'
  }
  return $Value
}

# Whether a value is still the one that setup wrote.
function Test-Ours($Wrote, $Variables, [string] $Name) {
  if (-not ((Test-Has $Wrote $Name) -and (Test-Has $Variables $Name))) { return $false }
  return (Get-Canonical (Get-Shown $Name (Get-Value $Variables $Name))) -ceq (Get-Canonical (Get-Value $Wrote $Name))
}

# The file is there whole, or as it was before. UTF-8 without a byte-order mark, which PowerShell 5.1 would write.
function Write-Whole([string] $Path, [string] $Text, [bool] $ForOneselfOnly) {
  $temporary = $Path + '.' + [guid]::NewGuid().ToString('N')
  try {
    [IO.File]::WriteAllText($temporary, '')
    if ($ForOneselfOnly) { Protect-File $temporary }
    [IO.File]::WriteAllText($temporary, $Text, (New-Object System.Text.UTF8Encoding $false))
    if (Test-Path -LiteralPath $Path) {
      [IO.File]::Replace($temporary, $Path, [NullString]::Value)
      if ($ForOneselfOnly) { Protect-File $Path }
    } else {
      [IO.File]::Move($temporary, $Path)
    }
  } finally {
    if (Test-Path -LiteralPath $temporary) { Remove-Item -LiteralPath $temporary -Force }
  }
}

# Programs may write to stderr; Windows PowerShell would take that for an error of its own.
function Invoke-Quietly([string] $Program, [string[]] $Arguments) {
  $ErrorActionPreference = 'Continue'
  $null = & $Program @Arguments 2>&1
  return $LASTEXITCODE
}

# Readable for the person alone.
function Protect-File([string] $Path) {
  if ($OnWindows) {
    $person = [Security.Principal.WindowsIdentity]::GetCurrent().User.Value
    $null = Invoke-Quietly 'icacls' @($Path, '/inheritance:r', '/grant:r', ('*' + $person + ':F'))
  } else {
    $null = Invoke-Quietly 'chmod' @('600', $Path)
  }
}

function Get-IgnoreLines([string] $Path) {
  if (-not (Test-Path -LiteralPath $Path)) { return }
  foreach ($line in ([IO.File]::ReadAllText($Path) -split '\r?\n')) { $line }
}
`}`
