#!/usr/bin/env pwsh
# Thin wrapper: it runs the commands that the README names, in order. With -All it also builds the optional projects
# where the package feed holds what they need, and says what it left out where it does not.
param([switch]$All, [string]$Configuration = 'Release')
$ErrorActionPreference = 'Stop'
Set-Location $PSScriptRoot

function Invoke-Step([string]$Name, [scriptblock]$Step) {
    Write-Host "== $Name"
    & $Step
    if ($LASTEXITCODE -ne 0) { Write-Error "$Name failed with exit code $LASTEXITCODE"; exit $LASTEXITCODE }
}

Invoke-Step 'build' { dotnet build Weft.slnx -c $Configuration }
Invoke-Step 'test' { dotnet test Weft.slnx -c $Configuration --no-build }

if ($All) {
    Write-Host '== optional projects'
    dotnet restore Weft.slnx -p:Configuration=All --verbosity quiet 2>$null | Out-Null
    if ($LASTEXITCODE -eq 0) {
        Invoke-Step 'build of the optional projects' { dotnet build Weft.slnx -c All }
        Invoke-Step 'test of the optional projects: Coyote' { dotnet test tests/Coyote.Tests -c Release --no-build }
        Invoke-Step 'test of the optional projects: SharpPcap' { dotnet test tests/SharpPcap.Tests -c Release --no-build }
    }
    else {
        Write-Host 'left out: Scenarios.Coyote (needs the package Microsoft.Coyote) and Fabric.Hw.SharpPcap (needs SharpPcap and PacketDotNet): the configured feed does not hold all of them'
    }
}
