/** Undoes what a setup script did, from PowerShell: what its markers say, and nothing else. */
import { POWERSHELL_PARTS } from './powershell-parts.ts'

export const POWERSHELL_REMOVE = `param([switch] $DryRun, [string] $Gateway)
${POWERSHELL_PARTS}${String.raw`
# Whatever the person's window has by that name.
$Deny = ''

# The settings as they are without what setup did. Says what it does on the way.
function Get-Undone($Settings, $Marker) {
  $wrote = Get-Part $Marker 'wrote'
  $removed = Get-Part $Marker 'removed'
  $gone = Get-Part $removed 'env'
  $variables = Get-Part $Settings 'env'
  $left = @(foreach ($name in @(@(Get-Names $wrote) + @(Get-Names $gone) | Select-Object -Unique)) {
    if ((Test-Has $variables $name) -and -not (Test-Ours $wrote $variables $name)) { $name }
  })
  foreach ($name in @(Get-Names $wrote)) {
    if ((Test-Ours $wrote $variables $name) -and -not (Test-Has $gone $name)) {
      Remove-Value $variables $name
      Write-Host ('  take out      ' + $name)
    }
  }
  foreach ($name in @(Get-Names $gone)) {
    if ($left -ccontains $name) { continue }
    Set-Value $variables $name (Get-Value $gone $name)
    Write-Host ('  put back      ' + $name)
  }
  if ((Test-Has $removed 'apiKeyHelper') -and -not (Test-Has $Settings 'apiKeyHelper')) {
    Set-Value $Settings 'apiKeyHelper' (Get-Value $removed 'apiKeyHelper')
    Write-Host '  put back      apiKeyHelper'
  } elseif (Test-Has $removed 'apiKeyHelper') { $left += 'apiKeyHelper' }
  $rules = Get-RulePlan $Settings $Marker
  foreach ($rule in $rules.Allowing) { Write-Host ('  allow again   ' + $rule) }
  if ($rules.Allowing.Count -gt 0) { Set-Rules $Settings $rules.Rules @(Get-List $Marker 'created') }
  foreach ($name in $left) { Write-Host ('  left alone    ' + $name + ' (changed since)') }
  $empty = @(Get-Names $variables).Count -eq 0
  if ($empty -and (@(Get-List $Marker 'created') -ccontains 'env')) { Remove-Value $Settings 'env' }
  elseif ((-not $empty) -or (Test-Has $Settings 'env')) { Set-Value $Settings 'env' $variables }
  return $Settings
}

# The marker lies where others might write; it names backups of ours or none.
function Get-Backups($Place, $Marker) {
  foreach ($name in @(Get-List $Marker 'backups')) {
    if ([string] $name -cnotmatch '\Asettings(\.local)?\.json\.bak-[0-9]{8}T[0-9]{6}Z(-1)*\z') { continue }
    $path = [IO.Path]::Combine($Place.Folder, $name)
    if (Test-Path -LiteralPath $path -PathType Leaf) { $path }
  }
}

function Restore-Settings($Place, $Undone, [string[]] $Created, [string[]] $Backups) {
  if (($Created -ccontains 'file') -and (@(Get-Names $Undone).Count -eq 0)) {
    Remove-Item -LiteralPath $Place.Target -Force
    Write-Host ('  deleted       ' + $Place.Settings)
    return
  }
  $text = Format-Settings $Undone
  # Where nobody changed anything since, the file is put back to the very byte.
  if ($Backups.Count -gt 0) {
    $first = $null
    try { $first = Read-Settings $Backups[0] } catch { $first = $null }
    if (($null -ne $first) -and ((Get-Canonical $first) -ceq (Get-Canonical $Undone))) { $text = [IO.File]::ReadAllText($Backups[0]) }
  }
  Write-Whole $Place.Target $text $false
  if ($OnWindows) { $null = Invoke-Quietly 'icacls' @($Place.Target, '/reset') }
}

function Remove-IgnoreLine([string[]] $Created) {
  $path = [IO.Path]::Combine($Here, '.gitignore')
  $lines = @(Get-IgnoreLines $path)
  if (($Created -cnotcontains 'gitignore-line') -or ($lines -cnotcontains $Ignored)) { return }
  $rest = @($lines | Where-Object { $_ -cne $Ignored }) -join [string] [char] 10
  if (($rest.Trim() -eq '') -and ($Created -ccontains 'gitignore')) {
    Remove-Item -LiteralPath $path -Force
    Write-Host '  deleted       .gitignore'
    return
  }
  if ($Created -ccontains 'gitignore-newline') { $rest = $rest.TrimEnd([char] 10) }
  Write-Whole $path $rest $false
  Write-Host ('  take out      ' + $Ignored + ' from .gitignore')
}

# Returns whether there was anything to undo.
function Undo-Setup([string] $Of) {
  $place = Get-Place $Of
  if (-not (Test-Path -LiteralPath $place.Marker)) { return $false }
  $marker = Read-Settings $place.Marker
  $settings = Read-Settings $place.Target
  $created = @(Get-List $marker 'created')
  $backups = @(Get-Backups $place $marker)
  Write-Host $place.Settings
  if (Test-Path -LiteralPath $place.Target) {
    $undone = Get-Undone $settings $marker
    if (-not $DryRun) { Restore-Settings $place $undone $created $backups }
  } else { Write-Host '  is gone; it is left so' }
  if ($DryRun) { return $true }
  foreach ($backup in $backups) {
    Remove-Item -LiteralPath $backup -Force
    Write-Host ('  deleted       ' + $backup)
  }
  if ($Of -eq 'project') { Remove-IgnoreLine $created }
  Remove-Item -LiteralPath $place.Marker -Force
  if (($created -ccontains 'folder') -and (@(Get-ChildItem -LiteralPath $place.Folder -Force).Count -eq 0)) {
    Remove-Item -LiteralPath $place.Folder
    Write-Host ('  deleted       ' + $place.Folder)
  }
  return $true
}

$user = Undo-Setup 'user'
$project = Undo-Setup 'project'
if (-not ($user -or $project)) {
  Write-Host 'There is nothing to undo: no setup was found in your settings, nor in those of this folder.'
} elseif ($DryRun) {
  Write-Host 'This would be undone; nothing is changed now.'
} else {
  Write-Host 'Done. The key itself is valid until it is revoked on the Keys page of the gateway.'
}
`}`
