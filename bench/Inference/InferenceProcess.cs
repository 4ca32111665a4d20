using System.Diagnostics;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Inference;

/// <summary>The inference server in a process of its own, over a repository of its own, killed at the end.</summary>
sealed class InferenceProcess : IDisposable
{
    const string Says = "The inference server listens on ";
    readonly Process process;

    InferenceProcess(Process process, Uri address) => (this.process, Address) = (process, address);

    public Uri Address { get; }

    /// <summary>Starts it and waits until every model is served.</summary>
    public static async Task<InferenceProcess> StartAsync(string repository, CancellationToken cancellationToken)
    {
        var program = Path.Combine(Root.Path, "inference", "bin", "Local", "Release", "net10.0", "AiOs.Inference.dll");
        var start = new ProcessStartInfo("dotnet") { ArgumentList = { program, "--port", "0", "--repository", repository }, RedirectStandardOutput = true, UseShellExecute = false };
        var started = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start.");
        try
        {
            var line = await started.StandardOutput.ReadLineAsync(cancellationToken);
            if (line?.StartsWith(Says, StringComparison.Ordinal) != true)
                throw new CommandException($"The inference server did not start: {line}", ExitCode.Failed);
            var address = new Uri(line[Says.Length..]);
            using var http = new HttpClient { BaseAddress = address };
            while ((await http.GetAsync(new Uri("v2/health/ready", UriKind.Relative), cancellationToken)).StatusCode != System.Net.HttpStatusCode.OK)
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancellationToken);
            return new(started, address);
        }
        catch
        {
            started.Kill();
            started.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
