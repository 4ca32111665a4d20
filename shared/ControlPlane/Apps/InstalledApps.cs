using System.Collections.Concurrent;
using System.Text.Json;
using AiOs.DataPlane;
using Dapper;

namespace AiOs.ControlPlane.Apps;

/// <summary>A version of an app that was deployed at some time.</summary>
public sealed record InstalledVersion(string Version, string PlanDigest, DateTimeOffset DeployedAt, string DeployedBy);

/// <summary>A plan that was put in force at some time.</summary>
/// <param name="RunId">The deployment; null where it was before such acts were recorded.</param>
/// <param name="Version">The version.</param>
/// <param name="PlanDigest">What was built of it.</param>
/// <param name="At">When.</param>
/// <param name="By">The id of who deployed it.</param>
/// <param name="Reason">Why a version was built again that had been in force; null where it was simply deployed.</param>
public sealed record InstalledPlan(string? RunId, string Version, string PlanDigest, DateTimeOffset At, string By, string? Reason);

/// <summary>An app with the version in force; <paramref name="Versions"/> are all that were ever deployed, newest first, where they were asked for.</summary>
/// <param name="Name">The app.</param>
/// <param name="Version">The version in force.</param>
/// <param name="PlanDigest">Its plan.</param>
/// <param name="Summary">What it does.</param>
/// <param name="Owner">The team that answers for it.</param>
/// <param name="DeployedAt">When the version in force was deployed.</param>
/// <param name="DeployedBy">The id of who deployed it.</param>
/// <param name="Content">The digest of its files (<see cref="AppPackage.ContentDigest"/>).</param>
/// <param name="Versions">All versions, newest first; null in lists.</param>
/// <param name="Activations">What was in force, newest first, at most 50; null in lists.</param>
/// <param name="Refused">What was built of it and cannot be used with the models of today; null where there is nothing, and in lists.</param>
public sealed record InstalledApp(string Name, string Version, string PlanDigest, string Summary, string Owner, DateTimeOffset DeployedAt, string DeployedBy, string Content,
    IReadOnlyList<InstalledVersion>? Versions = null, IReadOnlyList<InstalledPlan>? Activations = null, IReadOnlyList<RefusedPart>? Refused = null);

/// <summary>Which apps are installed, and their plans.</summary>
public sealed class InstalledApps(Database database, IBlobStore blobs)
{
    const int Remembered = 256;

    const string InForce = """
        SELECT v.app, v.version, v.plan_digest, v.content, v.summary, v.owner, v.deployed_at, v.deployed_by
        FROM app_current c JOIN app_versions v ON v.app = c.app AND v.version = c.version
        """;

    readonly ConcurrentDictionary<string, Plan> plans = new(StringComparer.Ordinal);

    /// <summary>Every app by name, without its older versions.</summary>
    public Task<IReadOnlyList<InstalledApp>> ListAsync(CancellationToken cancellationToken) => database.ReadAsync<IReadOnlyList<InstalledApp>>(async connection =>
        [.. (await connection.QueryAsync<Row>(InForce + " ORDER BY v.app")).Select(row => row.ToApp())], cancellationToken);

    /// <summary>The app without its older versions; null where it is not installed.</summary>
    public Task<InstalledApp?> FindAsync(string app, CancellationToken cancellationToken) => database.ReadAsync(async connection =>
        (await connection.QuerySingleOrDefaultAsync<Row>(InForce + " WHERE c.app = @app", new { app }))?.ToApp(), cancellationToken);

    /// <summary>The app with all its versions; null where it is not installed.</summary>
    public Task<InstalledApp?> GetAsync(string app, CancellationToken cancellationToken) => database.ReadAsync(async connection =>
    {
        if (await connection.QuerySingleOrDefaultAsync<Row>(InForce + " WHERE c.app = @app", new { app }) is not { } row)
            return null;
        var versions = await connection.QueryAsync<Row>(
            "SELECT app, version, plan_digest, content, summary, owner, deployed_at, deployed_by FROM app_versions WHERE app = @app ORDER BY deployed_at DESC, version DESC", new { app });
        var activations = await connection.QueryAsync<Activation>(
            "SELECT run_id, version, plan_digest, at, by_id, reason FROM app_activations WHERE app = @app ORDER BY at DESC, run_id DESC LIMIT 50", new { app });
        return row.ToApp() with
        {
            Versions = [.. versions.Select(version => new InstalledVersion(version.Version, version.PlanDigest, version.At, version.DeployedBy))],
            Activations = [.. activations.Select(activation => activation.ToPlan())],
        };
    }, cancellationToken);

    /// <summary>The plan behind a digest, also of a version that is not in force any more.</summary>
    /// <exception cref="InvalidDataException">It is lost or damaged; the message names it.</exception>
    public async Task<Plan> PlanAsync(string planDigest, CancellationToken cancellationToken)
    {
        if (plans.TryGetValue(planDigest, out var known))
            return known;
        var plan = Read(planDigest, await blobs.GetAsync(planDigest, cancellationToken) ?? throw new InvalidDataException($"The plan {planDigest} is not stored."));
        if (plans.Count >= Remembered)
            plans.Clear();
        return plans[planDigest] = plan;
    }

    /// <summary>As <see cref="PlanAsync"/>, for those who go on without a plan that is lost or damaged.</summary>
    public async Task<PlanReading> ReadPlanAsync(string planDigest, CancellationToken cancellationToken)
    {
        try
        {
            return new(await PlanAsync(planDigest, cancellationToken), null);
        }
        catch (InvalidDataException e)
        {
            return new(null, e.Message);
        }
    }

    /// <summary>The plans in force by their apps; null is one that is lost or damaged, which keeps no other from its work.</summary>
    public async Task<IReadOnlyList<(string App, Plan? Plan)>> PlansAsync(CancellationToken cancellationToken)
    {
        List<(string App, Plan? Plan)> found = [];
        foreach (var app in await ListAsync(cancellationToken))
            found.Add((app.Name, (await ReadPlanAsync(app.PlanDigest, cancellationToken)).Plan));
        return found;
    }

    static Plan Read(string planDigest, byte[] bytes)
    {
        try
        {
            return JsonSerializer.Deserialize<Plan>(bytes, AiOsJson.Options) ?? throw new InvalidDataException($"The plan {planDigest} is empty.");
        }
        catch (JsonException other)
        {
            throw new InvalidDataException($"The plan {planDigest} is not one that this version of the OS can read: {other.Message}", other);
        }
    }

    sealed class Activation
    {
        public string RunId { get; init; } = "";
        public string Version { get; init; } = "";
        public string PlanDigest { get; init; } = "";
        public long At { get; init; }
        public string ById { get; init; } = "";
        public string? Reason { get; init; }

        public InstalledPlan ToPlan() => new(RunId.StartsWith("version:", StringComparison.Ordinal) ? null : RunId, Version, PlanDigest, DateTimeOffset.FromUnixTimeMilliseconds(At), ById, Reason);
    }

    sealed class Row
    {
        public string App { get; init; } = "";
        public string Version { get; init; } = "";
        public string PlanDigest { get; init; } = "";
        public string Content { get; init; } = "";
        public string Summary { get; init; } = "";
        public string Owner { get; init; } = "";
        public long DeployedAt { get; init; }
        public string DeployedBy { get; init; } = "";

        public DateTimeOffset At => DateTimeOffset.FromUnixTimeMilliseconds(DeployedAt);

        public InstalledApp ToApp() => new(App, Version, PlanDigest, Summary, Owner, At, DeployedBy, Content);
    }
}
