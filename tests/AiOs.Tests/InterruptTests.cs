using AiOs.Sandbox;

namespace AiOs.Tests;

/// <summary>The OS as a process of its own, ended by Ctrl-C.</summary>
public sealed class InterruptTests(DeployedApps apps)
{
    [Fact]
    public async Task An_interrupted_os_stops_in_order_and_says_so()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        using var os = await OsProcess.StartAsync(apps.Copy(), sandbox.Url);
        var (exit, said) = await os.InterruptAsync();
        Assert.Equal(0, exit);
        Assert.DoesNotContain("Unhandled", said, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", said, StringComparison.Ordinal);
    }
}
