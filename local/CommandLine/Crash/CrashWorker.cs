using System.CommandLine;
using System.Text;
using AiOs.Local.Durable;
using Microsoft.DurableTask;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>The process that is killed: the engine on a file with the drill's orchestrations, told what to do on standard input.</summary>
sealed class CrashWorker : IDisposable
{
    public const string Name = "crash-worker";

    /// <summary>Few, so that some steps find their orchestration in memory and some replay it.</summary>
    const int WarmInstances = 50;

    readonly Lock oneLine = new();
    readonly Stream output = Console.OpenStandardOutput();
    readonly SemaphoreSlim permits;
    readonly string life;

    CrashWorker(string life, int permits) => (this.life, this.permits) = (life, new(permits));

    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "The engine's file." };
        var number = new Argument<string>("life") { Description = "The number of this life." };
        var ahead = new Argument<int>("permits") { Description = "How many activities it may execute ahead of what the observer has heard of." };
        var command = new Command(Name, "The process that `aios crash` starts and kills.") { file, number, ahead };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var worker = new CrashWorker(parsed.GetValue(number)!, parsed.GetValue(ahead));
            await worker.RunAsync(parsed.GetValue(file)!, cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }

    async Task RunAsync(string file, CancellationToken cancellationToken)
    {
        var tasks = new DurableTaskRegistry();
        new MixedWork(new Executions(life, permits, Say)).Register(tasks);
        await using var services = new ServiceCollection().BuildServiceProvider();
        await using var engine = new DurableEngine(tasks, services, new DurableEngineOptions { Path = file, WarmInstances = WarmInstances }, NullLoggerFactory.Instance);
        Say("opening");
        await engine.StartAsync(cancellationToken);
        Say("ready");
        var orders = new WorkerOrders(engine.Client, Say);
        using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
        while (await input.ReadLineAsync(cancellationToken) is { } line)
            if (Line.Words(line) is not { } words)
                continue;
            else if (words is ["permit"])
                permits.Release();
            else
                _ = orders.AnswerAsync(words, cancellationToken);
    }

    void Say(params string[] words)
    {
        var line = Encoding.UTF8.GetBytes(Line.Of(words) + "\n");
        lock (oneLine)
        {
            output.Write(line);
            output.Flush();
        }
    }

    public void Dispose()
    {
        permits.Dispose();
        output.Dispose();
    }
}
