using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

[assembly: AssemblyFixture(typeof(AiOs.Testing.PostgresServer))]

namespace AiOs.Testing;

/// <summary>One PostgreSQL for the whole test run, from the machine's own binaries, in a temporary folder and on a private port, never as root.
/// It starts when the first test asks for a database. It lives as long as a pipe to this process is open, so even a killed test run leaves nothing behind.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    const string User = "aios";
    const string Password = "p@ss:w/rd?";   // needs escaping in a URL, on purpose
    readonly SemaphoreSlim once = new(1, 1);
    Process? keeper;
    int port;
    int databases;

    /// <summary>Creates an empty database and returns its <c>postgres://</c> URL; skips the test where the machine has no PostgreSQL.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        await once.WaitAsync();
        try
        {
            if (keeper is null) await StartAsync();
        }
        finally
        {
            once.Release();
        }
        var name = "test_" + Interlocked.Increment(ref databases).ToString(CultureInfo.InvariantCulture);
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = port, Username = User, Password = Password, Database = "postgres" }.ToString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name} TEMPLATE template0", connection);
        await command.ExecuteNonQueryAsync();
        return $"postgres://{User}:{Uri.EscapeDataString(Password)}@127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}/{name}";
    }

    async Task StartAsync()
    {
        var binaries = FindBinaries();
        Assert.SkipWhen(binaries is null, "No PostgreSQL on this machine (initdb and pg_ctl are neither on PATH nor below /usr/lib/postgresql): the same tests ran on SQLite.");
        var prefix = Unprivileged();
        Assert.SkipWhen(prefix is null, "PostgreSQL does not run as root, and neither setpriv nor an unprivileged user is here.");
        var start = new ProcessStartInfo(prefix[0]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var argument in prefix.Skip(1).Concat(["-c", Script, "sh", binaries!, FreePorts(), User, Password])) start.ArgumentList.Add(argument);
        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync();
        if (line?.Split(' ') is ["ready", var taken])
        {
            port = int.Parse(taken, CultureInfo.InvariantCulture);
            keeper = process;
            return;
        }
        process.StandardInput.Close();
        Assert.Fail("PostgreSQL did not start: " + await process.StandardError.ReadToEndAsync());
    }

    /// <summary>Takes the first of the ports that is free still: between the choice and the start everybody else may take one. Waits on its standard input after the start; the end of the input is the order to stop and to clear away.</summary>
    const string Script = """
        umask 077
        folder=$(mktemp -d /tmp/aios-postgres-XXXXXX) || exit 1
        trap 'rm -rf "$folder"' EXIT
        trap '' INT TERM HUP
        printf '%s' "$4" > "$folder/password"
        "$1/initdb" -D "$folder/data" -U "$3" --pwfile="$folder/password" -A scram-sha-256 -E UTF8 --locale=C --no-sync > "$folder/log" 2>&1 || { cat "$folder/log" >&2; exit 1; }
        for port in $2; do
          "$1/pg_ctl" start -w -t 300 -D "$folder/data" -l "$folder/log" -o "-h 127.0.0.1 -p $port -k $folder -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB" > /dev/null 2>&1 && started=$port && break
        done
        [ -n "$started" ] || { cat "$folder/log" >&2; exit 1; }
        echo "ready $started"
        cat > /dev/null
        "$1/pg_ctl" stop -m immediate -D "$folder/data" > /dev/null 2>&1
        """;

    static string? FindBinaries()
    {
        var debian = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").OrderByDescending(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var version) ? version : 0).Select(path => Path.Combine(path, "bin"))
            : [];
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return debian.Concat(path).FirstOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")) && File.Exists(Path.Combine(folder, "pg_ctl")));
    }

    /// <summary>The command before <c>-c script</c> that runs a shell as somebody who is not root; null where that cannot be had.</summary>
    static string[]? Unprivileged()
    {
        if (OperatingSystem.IsWindows()) return null;
        if (!Environment.IsPrivilegedProcess) return ["/bin/sh"];
        var users = File.ReadAllLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3).ToDictionary(fields => fields[0], StringComparer.Ordinal);
        var user = users.GetValueOrDefault("postgres") ?? users.GetValueOrDefault("nobody");
        var setpriv = new[] { "/usr/bin/setpriv", "/bin/setpriv" }.FirstOrDefault(File.Exists);
        return user is null || setpriv is null ? null : [setpriv, $"--reuid={user[2]}", $"--regid={user[3]}", "--clear-groups", "/bin/sh"];
    }

    static string FreePorts()
    {
        TcpListener[] listeners = [.. Enumerable.Range(0, 8).Select(_ => new TcpListener(IPAddress.Loopback, 0))];
        try
        {
            foreach (var listener in listeners) listener.Start();
            return string.Join(' ', listeners.Select(listener => ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture)));
        }
        finally
        {
            foreach (var listener in listeners) listener.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (keeper is not null)
        {
            keeper.StandardInput.Close();
            await keeper.WaitForExitAsync();
            keeper.Dispose();
        }
        once.Dispose();
    }
}
