using System.Diagnostics;

namespace AiOs.Local.CommandLine.Crash;

/// <summary>What a drill is to do.</summary>
/// <param name="File">The engine's file, which does not exist yet.</param>
sealed record DrillOptions(string File, int Kills, int Orchestrations, int Seed)
{
    /// <summary>How long the worker may say nothing before its open work counts as lost.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What becomes of the files between two lives: nothing, unless a test plays a disk that loses what was synced.</summary>
    public Action AfterKill { get; init; } = () => { };
}

/// <summary>
/// The observer: gives a worker process its work, kills it at seeded moments spread over all of the work, starts it again, and keeps a
/// ledger of what the engine acknowledged and what was done, outside of the engine. One loop owns everything here.
/// </summary>
sealed class CrashDrill
{
    /// <summary>The share of the work that the kills are spread over; the rest is there so that the last kill finds something to hit.</summary>
    const double KilledShare = 0.9;

    readonly Random random;
    readonly Ledger ledger;
    readonly Queue<Tracked> toStart;
    readonly HashSet<Tracked> underWay = [];

    // Orchestrations under way at once; a quarter as many activities may run ahead of what was heard, so that a kill finds work however slow this loop is.
    readonly int window;
    readonly DrillOptions options;
    readonly Action<Ledger, int> progress;
    int kills;
    int killsWhileOpening;
    int lives;

    public CrashDrill(DrillOptions options, Action<Ledger, int> progress)
    {
        (this.options, this.progress, random) = (options, progress, new(options.Seed));
        ledger = new(options.Orchestrations);
        toStart = new(ledger.All);
        window = Math.Clamp(options.Orchestrations / 6, 4, 100);
    }

    /// <summary>Runs the whole drill.</summary>
    /// <exception cref="CommandException">A worker ended by itself or could not do what it was told.</exception>
    public async Task<DrillReport> RunAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        var heard = true;
        while (heard && kills < options.Kills && !ledger.IsSettled)
            heard = await LiveAsync(NextKill(), cancellationToken);
        if (heard && !ledger.IsSettled)
            await LiveAsync(kill: null, cancellationToken);
        await AuditAsync(cancellationToken);
        ledger.Close();
        return Report(clock.Elapsed);
    }

    // When to kill next: soon after the worker opens its file, or some lines after a share of the work is done.
    Moment NextKill()
    {
        var settled = (int)(KilledShare * options.Orchestrations * kills / options.Kills);
        return random.Next(5) == 0
            ? new(Opening: true, 0, 0, TimeSpan.FromMilliseconds(random.Next(60)))
            : new(Opening: false, settled, random.Next(Math.Min(60, options.Orchestrations - settled)), TimeSpan.FromMilliseconds(random.Next(4)));
    }

    // One life of the worker: to its kill or, without one, to the end of the work. False when it fell silent.
    async Task<bool> LiveAsync(Moment? kill, CancellationToken cancellationToken)
    {
        using var worker = WorkerProcess.Start(options.File, ++lives, window / 4);
        var lines = 0;
        while (true)
        {
            if (await HearAsync(worker, cancellationToken) is not { } words)
                return false;
            await HeedAsync(worker, words);
            await worker.FlushAsync(cancellationToken);
            lines += words[0] is "started" or "ran" or "ended" ? 1 : 0;
            if (kill is null && ledger.IsSettled)
            {
                await worker.StopAsync(cancellationToken);
                return true;
            }
            if (kill is not null && (kill.Opening ? words[0] == "opening" : lines > kill.Lines && ledger.Settled >= kill.Settled))
            {
                await KillAsync(worker, kill, cancellationToken);
                return true;
            }
        }
    }

    async Task KillAsync(WorkerProcess worker, Moment moment, CancellationToken cancellationToken)
    {
        await Task.Delay(moment.Later, TimeProvider.System, cancellationToken);
        if (!worker.Kill())
            throw Ended(worker);
        while (await worker.HearAsync(cancellationToken) is { } words)
            Note(words);
        options.AfterKill();

        // A kill that found nothing begun and unfinished proves nothing and does not count.
        if (!underWay.Any(instance => instance.Acknowledged))
            return;
        kills++;
        killsWhileOpening += moment.Opening ? 1 : 0;
        progress(ledger, kills);
    }

    async Task HeedAsync(WorkerProcess worker, string[] words)
    {
        var about = Note(words);
        if (words[0] == "ready")
            await ResumeAsync(worker);
        else if (words[0] == "ran")
            await worker.TellAsync("permit");
        else if (words[0] is "started" or "raised")
            await RaiseAsync(worker, about);
        else if (words[0] is "ended" or "missing")
            await FeedAsync(worker);
        if (words[0] is "ready" or "ended")
            progress(ledger, kills);
    }

    Tracked? Note(string[] words)
    {
        var about = ledger.Note(words);
        if (about is { Settled: true })
            underWay.Remove(about);
        return about;
    }

    // A new life: what was acknowledged is looked for, what was not is told again.
    async Task ResumeAsync(WorkerProcess worker)
    {
        foreach (var instance in underWay)
            if (instance.Acknowledged)
            {
                await worker.TellAsync("resume", instance.Id);
                await RaiseAsync(worker, instance);
            }
            else
                await StartAsync(worker, instance);
        await FeedAsync(worker);
    }

    async Task FeedAsync(WorkerProcess worker)
    {
        while (underWay.Count < window && toStart.TryDequeue(out var instance))
        {
            underWay.Add(instance);
            await StartAsync(worker, instance);
        }
    }

    static Task StartAsync(WorkerProcess worker, Tracked instance) =>
        worker.TellAsync("start", instance.Id, instance.Kind, instance.Number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    static Task RaiseAsync(WorkerProcess worker, Tracked? instance) =>
        instance?.NextEvent is { } name ? worker.TellAsync("raise", instance.Id, name) : Task.CompletedTask;

    // A worker that never ran before reads everything from the file.
    async Task AuditAsync(CancellationToken cancellationToken)
    {
        using var worker = WorkerProcess.Start(options.File, ++lives, window / 4);
        while (await HearAsync(worker, cancellationToken) is { } words)
        {
            Note(words);
            if (words[0] == "ready")
            {
                await worker.TellAsync("audit");
                await worker.FlushAsync(cancellationToken);
            }
            else if (words[0] == "audited")
                return;
        }
    }

    // The next line; null when there is none for too long.
    async Task<string[]?> HearAsync(WorkerProcess worker, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Patience);
        try
        {
            return await worker.HearAsync(patience.Token) ?? throw Ended(worker);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    static CommandException Ended(WorkerProcess worker) => new($"The worker ended by itself. {worker.Complaints}", ExitCode.Failed);

    DrillReport Report(TimeSpan took) => new(
        kills,
        killsWhileOpening,
        options.Orchestrations,
        ledger.All.Count(i => i.Acknowledged),
        ledger.Completed,
        ledger.All.Count(i => i.Lost is not null),
        ledger.All.Count(i => i.Twice is not null),
        ledger.All.Sum(i => i.Repeats),
        options.Seed,
        Math.Round(took.TotalSeconds, 1),
        [.. ledger.All.GroupBy(i => i.Kind, StringComparer.Ordinal).Select(group => KindReport.Of(group.Key, [.. group]))],
        [.. ledger.All.SelectMany(i => new[] { i.Lost, i.Twice }.OfType<string>().Select(why => $"{i.Id}: {why}")).Take(10)]);

    /// <summary>When to kill: while the file is being opened, or so many lines into a life that has reached a share of the work; then a moment later.</summary>
    sealed record Moment(bool Opening, int Settled, int Lines, TimeSpan Later);
}
