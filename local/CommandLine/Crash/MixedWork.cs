using System.Globalization;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>An orchestration's input: its number, and in later generations the receipts of the earlier ones.</summary>
sealed record MixedInput(int Number, IReadOnlyList<StepResult> Done);

/// <summary>
/// The orchestrations of the drill, one of every kind that the engine has. Each passes the receipts of what it did to what it does next
/// and returns them all, so that an observer who sees every execution can tell whose result was recorded.
/// </summary>
sealed class MixedWork(Executions executions)
{
    /// <summary>The kinds, each the name of its orchestrator.</summary>
    public static readonly string[] Kinds = ["sequence", "fan-out", "timer", "event", "continue-as-new", "sub-orchestration", "entity"];

    /// <summary>The entity that counts for several orchestrations.</summary>
    public static EntityInstanceId SharedCounts(int number) => new("counts", (number % 16).ToString(CultureInfo.InvariantCulture));

    public void Register(DurableTaskRegistry tasks) => tasks
        .AddOrchestratorFunc<MixedInput, string>("sequence", SequenceAsync)
        .AddOrchestratorFunc<MixedInput, string>("fan-out", FanOutAsync)
        .AddOrchestratorFunc<MixedInput, string>("timer", TimerAsync)
        .AddOrchestratorFunc<MixedInput, string>("event", EventAsync)
        .AddOrchestratorFunc<MixedInput, string>("continue-as-new", ContinueAsNewAsync)
        .AddOrchestratorFunc<MixedInput, string>("sub-orchestration", ParentAsync)
        .AddOrchestratorFunc<string, StepResult[]>("child", ChildAsync)
        .AddOrchestratorFunc<MixedInput, string>("entity", EntityAsync)
        .AddActivityFunc<StepOrder, StepResult>("step", async (_, order) => new StepResult(await executions.ExecuteAsync(order), order.Value))
        .AddEntity<Tally>("tally")
        .AddEntity<Counts>("counts");

    static async Task<string> SequenceAsync(TaskOrchestrationContext context, MixedInput input)
    {
        var done = new List<StepResult>();
        for (var i = 0; i < 5; i++)
            done.Add(await StepAsync(context, Name('s', i), input.Number + i, done));
        return Output(done, $"sum={done.Sum(d => d.Value)}");
    }

    static async Task<string> FanOutAsync(TaskOrchestrationContext context, MixedInput input)
    {
        var done = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => StepAsync(context, Name('f', i), input.Number * i, [])));
        var join = await StepAsync(context, "join", 0, done);
        return Output([.. done, join], $"sum={done.Sum(d => d.Value)}");
    }

    static async Task<string> TimerAsync(TaskOrchestrationContext context, MixedInput input)
    {
        var before = await StepAsync(context, "before", 1, []);
        var fired = 0;
        for (; fired < 3; fired++)
            await context.CreateTimer(TimeSpan.FromMilliseconds(1 + (input.Number * 37 % 150)), CancellationToken.None);
        return Output([before, await StepAsync(context, "after", 1, [before])], $"fired={fired}");
    }

    static async Task<string> EventAsync(TaskOrchestrationContext context, MixedInput input)
    {
        var before = await StepAsync(context, "before", 1, []);
        var go = await context.WaitForExternalEvent<string>("go");
        var between = await StepAsync(context, "between", 1, [before]);
        return Output([before, between], $"go={go}", $"more={await context.WaitForExternalEvent<string>("more")}");
    }

    static async Task<string> ContinueAsNewAsync(TaskOrchestrationContext context, MixedInput input)
    {
        List<StepResult> done = [.. input.Done, await StepAsync(context, Name('g', input.Done.Count), input.Number, input.Done)];
        if (done.Count < 5)
            context.ContinueAsNew(input with { Done = done });
        return Output(done, $"sum={done.Sum(d => d.Value)}");
    }

    static async Task<string> ParentAsync(TaskOrchestrationContext context, MixedInput input)
    {
        var children = await Task.WhenAll(Enumerable.Range(0, 3).Select(child =>
            context.CallSubOrchestratorAsync<StepResult[]>("child", context.InstanceId, new TaskOptions().WithInstanceId($"{context.InstanceId}/{child}"))));
        List<StepResult> done = [.. children.SelectMany(child => child)];
        return Output([.. done, await StepAsync(context, "join", 0, done)], $"children={children.Length}");
    }

    static async Task<StepResult[]> ChildAsync(TaskOrchestrationContext context, string parent)
    {
        var prefix = "c" + context.InstanceId[(parent.Length + 1)..];
        var first = await StepAsync(context, prefix + "-first", 1, [], parent);
        return [first, await StepAsync(context, prefix + "-last", 1, [first], parent)];
    }

    static async Task<string> EntityAsync(TaskOrchestrationContext context, MixedInput input)
    {
        var (tally, shared) = (new EntityInstanceId("tally", context.InstanceId), SharedCounts(input.Number));
        var done = new List<StepResult>();
        var totals = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            totals.Add(await context.Entities.CallEntityAsync<int>(tally, "add", 1));
            await context.Entities.SignalEntityAsync(shared, "count", context.InstanceId);
            done.Add(await StepAsync(context, Name('e', i), 1, done));
        }

        // A call comes after the signals of the same sender, so all of them are counted when it answers.
        await context.Entities.CallEntityAsync(shared, "count", context.InstanceId);
        return Output(done, $"totals={string.Join(',', totals)}");
    }

    static Task<StepResult> StepAsync(TaskOrchestrationContext context, string step, long value, IReadOnlyList<StepResult> after, string? owner = null) =>
        context.CallActivityAsync<StepResult>("step", new StepOrder(owner ?? context.InstanceId, step, value, [.. after.Select(a => a.Receipt)]));

    static string Name(char letter, int number) => string.Create(CultureInfo.InvariantCulture, $"{letter}{number}");

    static string Output(IEnumerable<StepResult> done, params string[] facts) => string.Join(' ', [.. done.Select(d => d.Receipt.ToString()), .. facts]);

    sealed class Tally : TaskEntity<int>
    {
        public int Add(int by) => State += by;
    }

    sealed class Counts : TaskEntity<Dictionary<string, int>>
    {
        public void Count(string owner) => State[owner] = State.GetValueOrDefault(owner) + 1;
    }
}
