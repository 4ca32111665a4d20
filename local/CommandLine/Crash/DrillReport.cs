namespace AiOs.Local.CommandLine.Crash;

/// <summary>How a drill went.</summary>
/// <param name="Kills">Kills that hit a living worker with unfinished work.</param>
/// <param name="KillsWhileOpening">Those of them within moments of the worker opening its file.</param>
/// <param name="Orchestrations">Asked for.</param>
/// <param name="Acknowledged">Said by the engine to be started.</param>
/// <param name="Completed">Seen to complete.</param>
/// <param name="Lost">Acknowledged, but missing, unfinished or wrong.</param>
/// <param name="CompletedTwice">With an end or a result that was recorded more than once.</param>
/// <param name="ActivitiesRepeated">Executions of activities that a kill made necessary again, which is allowed.</param>
/// <param name="Seed">Gives the same kills again.</param>
/// <param name="Seconds">In all.</param>
/// <param name="Kinds">The same by kind of orchestration.</param>
/// <param name="Examples">What was wrong with the first few.</param>
sealed record DrillReport(
    int Kills,
    int KillsWhileOpening,
    int Orchestrations,
    int Acknowledged,
    int Completed,
    int Lost,
    int CompletedTwice,
    int ActivitiesRepeated,
    int Seed,
    double Seconds,
    IReadOnlyList<KindReport> Kinds,
    IReadOnlyList<string> Examples);

/// <summary>How one kind of orchestration went.</summary>
sealed record KindReport(string Kind, int Orchestrations, int Completed, int Lost, int CompletedTwice, int ActivitiesRepeated)
{
    public static KindReport Of(string kind, IReadOnlyCollection<Tracked> instances) => new(
        kind,
        instances.Count,
        instances.Count(i => i.Completed),
        instances.Count(i => i.Lost is not null),
        instances.Count(i => i.Twice is not null),
        instances.Sum(i => i.Repeats));
}
