using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>A worker's process, as the drill sees it: lines in, lines out, and a kill that it is not told of.</summary>
sealed class WorkerProcess : IDisposable
{
    readonly Process process;
    readonly StringBuilder complaints = new();

    WorkerProcess(Process process)
    {
        this.process = process;
        process.ErrorDataReceived += (_, line) =>
        {
            lock (complaints)
                complaints.AppendLine(line.Data);
        };
        process.BeginErrorReadLine();
    }

    /// <summary>What it wrote to standard error.</summary>
    public string Complaints
    {
        get
        {
            lock (complaints)
                return complaints.ToString().Trim();
        }
    }

    /// <summary>Starts this program again, as a worker on <paramref name="file"/> that runs at most <paramref name="permits"/> activities ahead of what was heard.</summary>
    public static WorkerProcess Start(string file, int life, int permits)
    {
        string[] arguments = [CrashWorker.Name, file, life.ToString(CultureInfo.InvariantCulture), permits.ToString(CultureInfo.InvariantCulture)];
        var program = typeof(WorkerProcess).Assembly.Location;
        var start = program.Length == 0
            ? new ProcessStartInfo(Environment.ProcessPath!, arguments)
            : new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [program, .. arguments]);
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        // It lives for a moment: what pays off later is left out.
        start.Environment["DOTNET_TieredPGO"] = "0";
        return new(Process.Start(start)!);
    }

    /// <summary>Tells it something; says nothing when it is gone, which the end of its lines will show.</summary>
    public async Task TellAsync(params string[] words)
    {
        try
        {
            await process.StandardInput.WriteLineAsync(Line.Of(words));
        }
        catch (IOException)
        {
            // It has just died.
        }
    }

    /// <summary>Sends what was told.</summary>
    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            // It has just died.
        }
    }

    /// <summary>The words of its next whole line; null at its end.</summary>
    public async Task<string[]?> HearAsync(CancellationToken cancellationToken)
    {
        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            if (Line.Words(line) is { } words)
                return words;
        return null;
    }

    /// <summary>SIGKILL: nothing is flushed, nobody is told. Whether it was alive until then.</summary>
    public bool Kill()
    {
        if (process.HasExited)
            return false;
        process.Kill();
        process.WaitForExit();
        return true;
    }

    /// <summary>Lets it stop by itself.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync(cancellationToken);
    }

    public void Dispose()
    {
        Kill();
        process.Dispose();
    }
}
