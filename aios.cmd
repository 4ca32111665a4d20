@echo off
rem aios: builds what changed, then runs the command. "aios --help" lists the commands; "aios test" runs every test.
setlocal
set "AIOS_ROOT=%~dp0"
set "AIOS_ROOT=%AIOS_ROOT:~0,-1%"
set DOTNET_NOLOGO=1
set DOTNET_CLI_TELEMETRY_OPTOUT=1
set "OUT=%AIOS_ROOT%\local\bin\Local\Release\net10.0\AiOs.Local.dll"
if "%~1"=="test" goto test
if "%~1"=="bench" goto bench
if "%~1"=="inference" goto inference
powershell -NoProfile -Command "$s='%AIOS_ROOT%\artifacts\built.stamp'; if (!(Test-Path $s) -or !(Test-Path '%OUT%')) { exit 1 }; $t=(Get-Item $s).LastWriteTimeUtc; $n=Get-ChildItem -Path '%AIOS_ROOT%\shared','%AIOS_ROOT%\orchestrations','%AIOS_ROOT%\functions','%AIOS_ROOT%\local','%AIOS_ROOT%\apps\sandbox' -Recurse | Where-Object { $_.FullName -notmatch '\\(bin|obj|node_modules)(\\|$)' -and $_.LastWriteTimeUtc -gt $t } | Select-Object -First 1; if ($n) { exit 1 } else { exit 0 }"
if errorlevel 1 (
  echo aios: building, the first time takes a few minutes ... 1>&2
  dotnet build "%AIOS_ROOT%\local\AiOs.Local.csproj" -c Release -nologo -v q -clp:ErrorsOnly 1>&2 || exit /b 1
  if not exist "%AIOS_ROOT%\artifacts" mkdir "%AIOS_ROOT%\artifacts"
  type nul > "%AIOS_ROOT%\artifacts\built.stamp"
)
dotnet "%OUT%" %*
exit /b %errorlevel%
:bench
dotnet build "%AIOS_ROOT%\bench\AiOs.Bench.csproj" -c Release -nologo -v q -clp:ErrorsOnly 1>&2 || exit /b 1
dotnet "%AIOS_ROOT%\bench\bin\Local\Release\net10.0\AiOs.Bench.dll" %*
exit /b %errorlevel%
:inference
dotnet build "%AIOS_ROOT%\inference\AiOs.Inference.csproj" -c Release -nologo -v q -clp:ErrorsOnly 1>&2 || exit /b 1
for /f "tokens=1,* delims= " %%a in ("%*") do set "REST=%%b"
dotnet "%AIOS_ROOT%\inference\bin\Local\Release\net10.0\AiOs.Inference.dll" %REST%
exit /b %errorlevel%
:test
dotnet build "%AIOS_ROOT%\AiOs.Serverless.sln" -c Release -nologo -v q -clp:ErrorsOnly || exit /b 1
pushd "%AIOS_ROOT%"
dotnet test --solution AiOs.Serverless.sln -c Release --no-build
set RESULT=%errorlevel%
popd
exit /b %RESULT%
