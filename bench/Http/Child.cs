using System.Diagnostics;

namespace AiOs.Bench.Http;

/// <summary>A process that serves while its standard input is open. Its first line says where.</summary>
sealed class Child : IAsyncDisposable
{
    static readonly TimeSpan patience = TimeSpan.FromMinutes(2);

    readonly Process server;

    Child(Process server, Uri address) => (this.server, Address) = (server, address);

    /// <summary>Where it takes orders.</summary>
    public Uri Address { get; }

    /// <summary>Starts it and waits until it serves.</summary>
    public static async Task<Child> StartAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        start.UseShellExecute = false;
        start.RedirectStandardInput = start.RedirectStandardOutput = true;
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start.");
        try
        {
            var line = await process.StandardOutput.ReadLineAsync(cancellationToken).AsTask().WaitAsync(patience, cancellationToken);
            return new(process, new(line ?? throw new InvalidOperationException($"{start.FileName} {string.Join(' ', start.ArgumentList)} ended before it served.")));
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw;
        }
    }

    /// <summary>Sends an empty line and reads the answer.</summary>
    public async Task<string> AskAsync(CancellationToken cancellationToken)
    {
        await server.StandardInput.WriteLineAsync();
        await server.StandardInput.FlushAsync(cancellationToken);
        return await server.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("The server that is measured has ended.");
    }

    /// <summary>Closes its input, and kills it when that does not end it.</summary>
    public async ValueTask DisposeAsync()
    {
        server.StandardInput.Close();
        using var limit = new CancellationTokenSource(patience);
        try
        {
            await server.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            server.Kill(entireProcessTree: true);
        }
        server.Dispose();
    }
}
