using System.ComponentModel;
using System.Diagnostics;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Peers;

/// <summary>The packages of a peer, as its lock file pins them.</summary>
static class NpmPackages
{
    /// <summary>Restores them, unless they are there.</summary>
    /// <exception cref="CommandException">There is no npm, or it failed.</exception>
    public static async Task RestoreAsync(string home, CancellationToken cancellationToken)
    {
        var restored = new FileInfo(Path.Combine(home, "node_modules", ".package-lock.json"));
        if (restored.Exists && restored.LastWriteTimeUtc >= File.GetLastWriteTimeUtc(Path.Combine(home, "package-lock.json")))
            return;
        try
        {
            using var npm = Process.Start(new ProcessStartInfo("npm", ["ci"]) { WorkingDirectory = home, UseShellExecute = false, RedirectStandardOutput = true })!;
            await npm.StandardOutput.ReadToEndAsync(cancellationToken);
            await npm.WaitForExitAsync(cancellationToken);
            if (npm.ExitCode != 0)
                throw new CommandException($"npm ci failed in {home}; the peer needs npm and its registry.", ExitCode.Failed);
        }
        catch (Win32Exception)
        {
            throw new CommandException("The peer needs Node.js 20 with npm: install it, or run without --peer.", ExitCode.Usage);
        }
    }
}
