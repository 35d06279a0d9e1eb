@echo off
rem Runs Maven on this project with a JDK 25 and a Maven 3.9, whatever the machine's defaults are.
rem
rem JDK:   JAVA_HOME, the java on the PATH, the usual vendors' folders under Program Files, SDKMAN; the first that is
rem        25 or newer.
rem Maven: the mvn on the PATH if it is 3.9 or a later 3.x; otherwise a copy kept under %USERPROFILE%\.m2\wrapper. That
rem        copy is fetched once, by its coordinates through the older mvn if there is one, else from archive.apache.org,
rem        and is used only if its checksum is the one in .mvn\wrapper\maven.properties.
setlocal EnableExtensions DisableDelayedExpansion

set "JDK_WANTED=25"
set "PROJECT=%~dp0"
set "PROJECT=%PROJECT:~0,-1%"
set "SETTINGS=%PROJECT%\.mvn\wrapper\maven.properties"
set "KEPT=%USERPROFILE%\.m2\wrapper"
if defined MAVEN_USER_HOME set "KEPT=%MAVEN_USER_HOME%\wrapper"
if not defined SDKMAN_DIR set "SDKMAN_DIR=%USERPROFILE%\.sdkman"

set "JDK="
if defined JAVA_HOME call :consider "%JAVA_HOME%"
for /f "tokens=1,* delims==" %%a in ('java -XshowSettings:properties -version 2^>^&1 ^| findstr /c:"java.home ="') do (
    for /f "tokens=*" %%h in ("%%b") do call :consider "%%h"
)
for %%p in (Java "Eclipse Adoptium" Microsoft Zulu "Amazon Corretto" BellSoft) do (
    for /d %%d in ("%ProgramFiles%\%%~p\*") do call :consider "%%d"
)
for /d %%d in ("%SDKMAN_DIR%\candidates\java\*") do call :consider "%%d"
if not defined JDK (
    echo mvnw: no JDK %JDK_WANTED% found; looked in JAVA_HOME, the java on the PATH, "%ProgramFiles%" and "%SDKMAN_DIR%">&2
    exit /b 1
)
set "JAVA_HOME=%JDK%"

for /f "usebackq eol=# tokens=1,2 delims==" %%a in ("%SETTINGS%") do (
    if "%%a"=="version" set "VERSION=%%b"
    if "%%a"=="sha512" set "SHA512=%%b"
)

set "MVN="
for /f "tokens=3" %%v in ('mvn -B -v 2^>nul ^| findstr /b /c:"Apache Maven"') do call :consider_maven %%v
if not defined MVN (
    set "MVN=%KEPT%\apache-maven-%VERSION%\bin\mvn.cmd"
    if not exist "%KEPT%\apache-maven-%VERSION%\bin\mvn.cmd" call :fetch || exit /b 1
)

rem Dev mode has a profile of its own, and Maven no way to tell by the goal which one is meant.
set "DEV="
for %%a in (%*) do if "%%~a"=="quarkus:dev" set "DEV=-Pdev"
rem Maven itself compiles once there and then waits: the JVM's quick compiler is enough for it.
if defined DEV set "MAVEN_OPTS=-XX:TieredStopAtLevel=1 -XX:+UseSerialGC %MAVEN_OPTS%"

rem From elsewhere, it is still this project that is built, unless the caller names another.
if /i "%CD%"=="%PROJECT%" goto run
for %%a in (%*) do if "%%~a"=="-f" goto run
for %%a in (%*) do if "%%~a"=="--file" goto run
call "%MVN%" -f "%PROJECT%\pom.xml" %* %DEV%
exit /b %ERRORLEVEL%

:run
call "%MVN%" %* %DEV%
exit /b %ERRORLEVEL%

rem :consider HOME takes the JDK there, if none was taken yet and it is new enough.
:consider
if defined JDK exit /b 0
if not exist "%~1\bin\javac.exe" exit /b 0
set "FOUND=0"
for /f "tokens=2" %%v in ('""%~1\bin\javac.exe" -version 2^>^&1"') do for /f "delims=.-+" %%m in ("%%v") do set "FOUND=%%m"
if %FOUND% GEQ %JDK_WANTED% set "JDK=%~1"
exit /b 0

rem :consider_maven VERSION takes the mvn on the PATH if that version fits; the build has not been tried with Maven 4.
:consider_maven
for /f "tokens=1,2 delims=." %%a in ("%~1") do if "%%a"=="3" if %%b GEQ 9 set "MVN=mvn"
exit /b 0

rem :fetch unpacks beside the final place and moves it there in one step, so that a copy is whole or absent.
:fetch
set "NAME=apache-maven-%VERSION%"
set "WORK=%KEPT%\fetch.%RANDOM%%RANDOM%"
set "ZIP=%WORK%\%NAME%-bin.zip"
set "URL=https://archive.apache.org/dist/maven/maven-3/%VERSION%/binaries/%NAME%-bin.zip"
echo mvnw: fetching Maven %VERSION% into "%KEPT%" (once)>&2
mkdir "%WORK%" || exit /b 1
pushd "%WORK%"
call mvn -B -q org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy "-DoutputDirectory=%WORK%" "-Dartifact=org.apache.maven:apache-maven:%VERSION%:zip:bin" >mvn.log 2>&1
popd
if not exist "%ZIP%" curl -fsSL --retry 2 -o "%ZIP%" "%URL%"
if not exist "%ZIP%" (
    echo mvnw: no Maven 3.9 or later on the PATH, and Maven %VERSION% came neither through it nor from archive.apache.org>&2
    rmdir /s /q "%WORK%"
    exit /b 1
)
certutil -hashfile "%ZIP%" SHA512 | findstr /i /x "%SHA512%" >nul
if errorlevel 1 (
    echo mvnw: refusing Maven %VERSION%: its sha512 is not that of "%SETTINGS%">&2
    rmdir /s /q "%WORK%"
    exit /b 1
)
pushd "%WORK%"
"%JAVA_HOME%\bin\jar.exe" xf "%ZIP%"
popd
if not exist "%KEPT%\%NAME%" move "%WORK%\%NAME%" "%KEPT%\" >nul
rmdir /s /q "%WORK%"
if exist "%KEPT%\%NAME%\bin\mvn.cmd" exit /b 0
echo mvnw: cannot move Maven %VERSION% into "%KEPT%">&2
exit /b 1
