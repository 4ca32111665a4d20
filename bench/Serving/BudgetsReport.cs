using System.Diagnostics;
using System.Globalization;
using AiOs.Local.CommandLine;
using AiOs.Serving.Calls;
using AiOs.Serving.Captures;
using AiOs.Serving.Costs;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace AiOs.Bench.Serving;

/// <summary>One round.</summary>
/// <param name="Threads">How many called at once.</param>
/// <param name="Noted">Whether calls were noted too.</param>
/// <param name="MicrosPerCall">Processor time of the callers for one call, in microseconds of one thread.</param>
/// <param name="BytesPerCall">Allocated by all of the process, for one call.</param>
/// <param name="PerSecond">All threads together.</param>
sealed record BudgetsRound(int Threads, bool Noted, double MicrosPerCall, double BytesPerCall, double PerSecond);

/// <summary>What budgets cost a call.</summary>
/// <param name="Machine">Where.</param>
/// <param name="Rounds">Each is the median of three.</param>
/// <param name="CaptureMicros">Processor time of the process for one call that is noted, captured and written, in microseconds, when calls end no faster than the disk takes them.</param>
/// <param name="CapturesPerSecond">How many it takes.</param>
/// <param name="Spent">What the widest budget says was spent, which must be one for each call.</param>
/// <param name="Calls">All calls.</param>
sealed record BudgetsReport(Machine Machine, IReadOnlyList<BudgetsRound> Rounds, double CaptureMicros, double CapturesPerSecond, decimal Spent, long Calls)
{
    const int Repeats = 3;

    static readonly Spender Spender = new("claims-intake", "key:bench", "answer");
    static readonly string Text = "\"" + new string('x', 498) + "\"";

    public static async Task<BudgetsReport> MeasureAsync(int calls, CancellationToken cancellationToken)
    {
        await using var workspace = await EvalWorkspace.OpenAsync(cancellationToken);
        var services = workspace.Services;
        var list = services.GetRequiredService<BudgetList>();
        foreach (var budget in new[] { new Budget("all", BudgetWindow.Month), new("app", BudgetWindow.Day) { App = Spender.App }, new("principal", BudgetWindow.Day) { Principal = Spender.Principal } })
            await list.SetAsync(budget with { Limit = Budget.MostLimit, SoftLimit = Budget.MostLimit }, "bench", cancellationToken);
        var (budgets, log) = (services.GetRequiredService<Budgets>(), services.GetRequiredService<ICallLog>());
        var rounds = new List<BudgetsRound>();
        long made = 0;
        foreach (var noted in new[] { false, true })
            foreach (var threads in new[] { 1, Environment.ProcessorCount }.Distinct())
            {
                var repeats = new List<BudgetsRound>();
                for (var i = 0; i <= Repeats; i++)   // the first warms up
                {
                    repeats.Add(await RoundAsync(budgets, noted ? log : null, threads, calls / threads));
                    made += calls / threads * threads;
                }

                rounds.Add(repeats.Skip(1).OrderBy(r => r.MicrosPerCall).ElementAt(Repeats / 2));
            }

        var (cpu, perSecond) = await CaptureAsync(log, services.GetRequiredService<Captures>(), cancellationToken);
        await services.GetRequiredService<CostReport>().SumAsync(CostsBy.Model, DateOnly.MinValue, DateOnly.MaxValue, cancellationToken);   // what is written behind the replies is written now
        var spent = (await list.ListAsync(cancellationToken)).Single(s => s.Budget.Id == "all").Spent;
        return new(Machine.Describe(Path.GetTempPath()), rounds, cpu, perSecond, spent, made);
    }

    static async Task<BudgetsRound> RoundAsync(Budgets budgets, ICallLog? log, int threads, int calls)
    {
        var (bytes, began) = (GC.GetTotalAllocatedBytes(), Stopwatch.GetTimestamp());
        var micros = await Task.WhenAll(Enumerable.Range(0, threads).Select(thread => Task.Run(() => CallAsync(budgets, log, thread, calls))));
        var took = Stopwatch.GetElapsedTime(began);
        var all = (double)calls * threads;
        return new(threads, log is not null, Math.Round(micros.Average(), 3), Math.Round((GC.GetTotalAllocatedBytes() - bytes) / all, 0), Math.Round(all / took.TotalSeconds, 0));
    }

    /// <summary>As many calls at a time as may wait for the disk, then until they are written.</summary>
    static async Task<(double Micros, double PerSecond)> CaptureAsync(ICallLog log, Captures captures, CancellationToken cancellationToken)
    {
        const int Many = 40_000, AtOnce = 4_000;
        await captures.ListAsync(new(Top: 1), cancellationToken);
        var (cpu, began, written) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp(), captures.Written);
        for (var i = 0; i < Many; i++)
        {
            log.Note(Facts(string.Create(CultureInfo.InvariantCulture, $"captured-{i}")));
            if (i % AtOnce == AtOnce - 1)
                await captures.ListAsync(new(Top: 1), cancellationToken);
        }

        var all = captures.Written - written;
        return (Math.Round((Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / all, 1), Math.Round(all / Stopwatch.GetElapsedTime(began).TotalSeconds, 0));
    }

    static async Task<double> CallAsync(Budgets budgets, ICallLog? log, int thread, int calls)
    {
        var began = Stopwatch.GetTimestamp();
        for (var i = 0; i < calls; i++)
        {
            using var reservation = await budgets.ReserveAsync(Spender, 2, CancellationToken.None);
            reservation.Settle(1);
            log?.Note(Facts(string.Create(CultureInfo.InvariantCulture, $"{thread}-{began}-{i}")));
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / calls;
    }

    static CallFacts Facts(string id) => new()
    {
        CallId = id, Kind = CallKind.Chat, Spender = Spender, Deployment = "large", ModelVersion = "1", Began = TimeProvider.System.GetUtcNow(), Took = TimeSpan.FromMilliseconds(12), Attempts = 1,
        Usage = new(100, 20, Estimated: false, 1), End = CallEnd.Answered, Input = Text, Output = Text,
    };

    public void Write(IAnsiConsole console)
    {
        var table = new Table().AddColumns("work", "threads", "us a call", "bytes a call", "calls a second");
        foreach (var round in Rounds)
            table.AddRow(round.Noted ? "reserve, settle, note" : "reserve, settle", $"{round.Threads}", string.Create(CultureInfo.InvariantCulture, $"{round.MicrosPerCall:0.00}"), $"{round.BytesPerCall}", string.Create(CultureInfo.InvariantCulture, $"{round.PerSecond:N0}"));
        console.Write(table);
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"A capture that is written costs {CaptureMicros:0.0} us of one core, {CapturesPerSecond:N0} a second; what comes faster is dropped. Spent {Spent:N0} for {Calls:N0} calls."));
        console.WriteLine(Machine.ToString());
    }
}
