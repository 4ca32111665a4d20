using AiOs.Local.Durable;
using Microsoft.DurableTask;

namespace AiOs.Local.Tests.Durable.Disks;

/// <summary>What must be there after a disk has lost its power: orchestrations that wait.</summary>
static class Survivors
{
    /// <summary>The orchestrator <c>Hold</c>, which waits for an event.</summary>
    public static void Hold(DurableTaskRegistry tasks) => tasks.AddOrchestratorFunc<string>("Hold", context => context.WaitForExternalEvent<string>("go"));

    /// <summary>Starts an engine on copies of these files and finds all of these instances.</summary>
    public static async Task RequireAsync(Dictionary<string, byte[]> files, params string[] ids)
    {
        using var folder = new TemporaryFolder();
        foreach (var (name, content) in files)
            await File.WriteAllBytesAsync(folder.File(name), content);
        await using var engine = await TestEngine.StartAsync(new DurableEngineOptions { Path = folder.File("durable.db") }, Hold);
        foreach (var id in ids)
            Assert.NotNull(await engine.Client.GetInstanceAsync(id));
    }
}
