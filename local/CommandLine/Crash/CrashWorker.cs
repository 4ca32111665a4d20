using System.CommandLine;
using System.Globalization;
using System.Text;
using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>The process that is killed: the engine on a file with the drill's orchestrations, told what to do on standard input.</summary>
sealed class CrashWorker : IDisposable
{
    public const string Name = "crash-worker";

    /// <summary>Few, so that some steps find their orchestration in memory and some replay it.</summary>
    const int WarmInstances = 50;

    static readonly string[] AnyStatus = Enum.GetNames<OrchestrationRuntimeStatus>();

    readonly Lock oneLine = new();
    readonly Stream output = Console.OpenStandardOutput();
    readonly string life;
    long executions;

    CrashWorker(string life) => this.life = life;

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The engine's file." };
        var number = new Argument<string>("life") { Description = "The number of this life." };
        var command = new Command(Name, "The process that `aios crash` starts and kills.") { file, number };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var worker = new CrashWorker(parsed.GetValue(number)!);
            await worker.RunAsync(parsed.GetValue(file)!, cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    async Task RunAsync(string file, CancellationToken cancellationToken)
    {
        var tasks = new DurableTaskRegistry();
        new MixedWork(Execute).Register(tasks);
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var engine = new DurableEngine(tasks, services, new DurableEngineOptions { Path = file, WarmInstances = WarmInstances }, NullLoggerFactory.Instance);
        Say("opening");
        await engine.StartAsync(cancellationToken);
        Say("ready");
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        while (await input.ReadLineAsync(cancellationToken) is { } line)
            if (Line.Words(line) is { } words)
                _ = AnswerAsync(engine.Client, words, cancellationToken);
    }

    // Told before the activity returns: no result can be recorded that the observer has not been told of.
    Receipt Execute(StepOrder order)
    {
        var receipt = new Receipt(order.Step, string.Create(CultureInfo.InvariantCulture, $"{life}.{Interlocked.Increment(ref executions)}"));
        Say(["ran", order.Owner, receipt.ToString(), .. order.Given.Select(g => g.ToString())]);
        return receipt;
    }

    async Task AnswerAsync(DurableTaskClient client, string[] words, CancellationToken cancellationToken)
    {
        try
        {
            await (words switch
            {
                ["start", var id, var kind, var number] => StartAsync(client, id, kind, int.Parse(number, CultureInfo.InvariantCulture), cancellationToken),
                ["resume", var id] => ResumeAsync(client, id, cancellationToken),
                ["raise", var id, var name] => RaiseAsync(client, id, name, cancellationToken),
                ["audit"] => AuditAsync(client, cancellationToken),
                _ => throw new InvalidOperationException($"The worker does not know '{words[0]}'."),
            });
        }
        catch (Exception failure)
        {
            Say("failed", string.Join(' ', words), failure.Message.ReplaceLineEndings(" "));
        }
    }

    async Task StartAsync(DurableTaskClient client, string id, string kind, int number, CancellationToken cancellationToken)
    {
        try
        {
            var options = new StartOrchestrationOptions(id) { DedupeStatuses = AnyStatus };
            await client.ScheduleNewOrchestrationInstanceAsync(kind, new MixedInput(number, []), options, cancellationToken);
        }
        catch (OrchestrationAlreadyExistsException)
        {
            // An earlier life wrote it and was killed before it could say so.
        }
        Say("started", id);
        await WatchAsync(client, id, cancellationToken);
    }

    async Task ResumeAsync(DurableTaskClient client, string id, CancellationToken cancellationToken)
    {
        if (await client.GetInstanceAsync(id, cancellationToken) is null)
            Say("missing", id);
        else
            await WatchAsync(client, id, cancellationToken);
    }

    async Task WatchAsync(DurableTaskClient client, string id, CancellationToken cancellationToken) =>
        Say(["ended", .. End(await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, cancellationToken))]);

    async Task RaiseAsync(DurableTaskClient client, string id, string name, CancellationToken cancellationToken)
    {
        await client.RaiseEventAsync(id, name, Expectation.Payload(id, name), cancellationToken);
        Say("raised", id, name);
    }

    // All that is there, read from the tables.
    async Task AuditAsync(DurableTaskClient client, CancellationToken cancellationToken)
    {
        await foreach (var found in client.GetAllInstancesAsync(new OrchestrationQuery { FetchInputsAndOutputs = true, PageSize = 1000 }).WithCancellation(cancellationToken))
            Say(["found", .. End(found)]);
        for (var number = 0; number < 16; number++)
            if (await client.Entities.GetEntityAsync<Dictionary<string, int>>(MixedWork.SharedCounts(number), cancellation: cancellationToken) is { } counts)
                foreach (var (id, count) in counts.State)
                    Say("counted", id, count.ToString(CultureInfo.InvariantCulture));
        Say("audited");
    }

    static string[] End(OrchestrationMetadata instance) =>
    [
        instance.InstanceId,
        instance.RuntimeStatus.ToString(),
        instance.LastUpdatedAt.UtcTicks.ToString(CultureInfo.InvariantCulture),
        (instance.RuntimeStatus == OrchestrationRuntimeStatus.Completed ? instance.ReadOutputAs<object>()?.ToString() : instance.FailureDetails?.ErrorMessage)?.ReplaceLineEndings(" ") ?? "",
    ];

    void Say(params ReadOnlySpan<string> words)
    {
        var line = Encoding.UTF8.GetBytes(Line.Of(words) + "\n");
        lock (oneLine)
        {
            output.Write(line);
            output.Flush();
        }
    }

    public void Dispose() => output.Dispose();
}
