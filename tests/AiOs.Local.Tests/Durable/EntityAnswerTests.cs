using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Durable;

/// <summary>An entity answers who asked, and nobody else.</summary>
public sealed class EntityAnswerTests
{
    static readonly EntityInstanceId slot = new("slot", "1");

    [Fact]
    public async Task An_answer_to_an_instance_that_was_purged_reaches_nobody_that_starts_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        var result = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var options = new DurableEngineOptions { Path = folder.File("durable.db") };
        await using (var first = await TestEngine.StartAsync(options, tasks => Register(tasks, result.Task)))
        {
            await first.BeginAsync("Hold", null, new StartOrchestrationOptions("holder"));
            await first.UntilAsync("holder", seen => seen.SerializedCustomStatus is not null);
            await first.BeginAsync("Ask", null, new StartOrchestrationOptions("asker"));
            await first.Client.TerminateInstanceAsync("asker", TestContext.Current.CancellationToken);
            await first.EndOf("asker");
            await first.Client.PurgeInstanceAsync("asker", TestContext.Current.CancellationToken);
        }

        await using var second = await TestEngine.StartAsync(options, tasks => Register(tasks, result.Task));
        await second.BeginAsync("Work", null, new StartOrchestrationOptions("worker"));
        await second.Client.RaiseEventAsync("holder", "free", "now", TestContext.Current.CancellationToken);
        using var late = new CancellationTokenSource(TestEngine.Patience);
        while ((await second.Client.Entities.GetEntityAsync(slot, includeState: true, late.Token))?.State.Value != "\"asked\"")
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, late.Token);
        result.SetResult("the activity's");

        Assert.Equal("the activity's", (await second.EndOf("worker")).ReadOutputAs<string>());
    }

    /// <summary>Hold keeps the entity until it is told; Ask asks it; Work waits for an activity.</summary>
    internal static void Register(DurableTaskRegistry tasks, Task<string> result) => tasks
        .AddEntity<Slot>("slot")
        .AddOrchestratorFunc<string>("Hold", async context =>
        {
            await using (await context.Entities.LockEntitiesAsync(slot))
            {
                context.SetCustomStatus("held");
                return await context.WaitForExternalEvent<string>("free", CancellationToken.None);
            }
        })
        .AddOrchestratorFunc<string>("Ask", context => context.Entities.CallEntityAsync<string>(slot, "Ask"))
        .AddOrchestratorFunc<string>("Work", context => context.CallActivityAsync<string>("Slow"))
        .AddActivityFunc<string>("Slow", _ => result);

    public sealed class Slot : TaskEntity<string>
    {
        public string Ask()
        {
            State = "asked";
            return "the entity's";
        }

        protected override string InitializeState(TaskEntityOperation entityOperation) => "";
    }
}
