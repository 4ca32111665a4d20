using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using AiOs.Local.CommandLine;

namespace AiOs.Tests;

/// <summary><c>aios up</c> as a process of its own.</summary>
sealed class OsProcess : IDisposable
{
    /// <summary>Spent on failure only; a first start trains the sample apps.</summary>
    static readonly TimeSpan patience = TimeSpan.FromMinutes(5);

    readonly Process process;

    readonly List<string> said;

    OsProcess(Process process, HttpClient http, List<string> said) => (this.process, Http, this.said) = (process, http, said);

    public HttpClient Http { get; }

    public static async Task<OsProcess> StartAsync(string data, string sandboxUrl, params (string Name, string Value)[] settings)
    {
        // Where a shell runs the tests in the background, what they start would ignore SIGINT.
        string[] program = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", "dotnet"] : ["dotnet"];
        var start = new ProcessStartInfo(program[0], [.. program[1..], typeof(AiOsCommand).Assembly.Location, "up", "--port", "0", "--data", data]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["SANDBOX_URL"] = sandboxUrl;
        start.Environment["AIOS_ROOT"] = Repository.Root;
        foreach (var (name, value) in settings) start.Environment[name] = value;
        var process = Process.Start(start)!;
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var said = new List<string>();
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            lock (said) said.Add(line.Data);
            if (line.Data.Contains("Ready in", StringComparison.Ordinal)) ready.TrySetResult(line.Data.Split(" at ", 2)[1].Split(' ')[0]);
        };
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The OS ended: " + string.Join('\n', said)));
        process.EnableRaisingEvents = true;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        string address;
        try
        {
            address = await ready.Task.WaitAsync(patience);
        }
        catch
        {
            if (!process.HasExited) process.Kill();
            process.Dispose();
            throw;
        }
        var http = new HttpClient { BaseAddress = new Uri(address), Timeout = patience };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "owner.key"))).Trim());
        return new(process, http, said);
    }

    /// <summary>SIGINT, as Ctrl-C sends it: how the process ended, and all that it said.</summary>
    public async Task<(int ExitCode, string Said)> InterruptAsync()
    {
        using (var kill = Process.Start("kill", ["-INT", process.Id.ToString(CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync();
        await process.WaitForExitAsync().WaitAsync(patience);
        lock (said) return (process.ExitCode, string.Join('\n', said));
    }

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public void Kill()
    {
        process.Kill();
        process.WaitForExit();
    }

    public void Dispose()
    {
        if (!process.HasExited) Kill();
        process.Dispose();
        Http.Dispose();
    }
}
