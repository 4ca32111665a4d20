using System.Collections.Concurrent;
using System.Text.Json;
using AiOs.Agents.Intent;
using AiOs.Agents.Reading;
using AiOs.Agents.Retrieval;
using AiOs.DataPlane.Yaml;
using AiOs.DataPlane;
using Dapper;

namespace AiOs.ControlPlane.Apps;

/// <summary>What a package needs built before it can run as its version: the ids of its detect and retrieve steps.</summary>
public sealed record PackageWork(string Version, IReadOnlyList<string> Intents, IReadOnlyList<string> Knowledge);

/// <summary>A deployment that puts a plan in force.</summary>
/// <param name="RunId">Its run.</param>
/// <param name="Position">The run's place in the order of acceptance: of two at once the later accepted one wins, whichever ends first. Null where the version in force is only built again: that wins over no deployment.</param>
/// <param name="By">The id of who deploys.</param>
/// <param name="Reason">Why a version that was in force already is built again; null where it was not.</param>
public sealed record DeploymentAct(string RunId, long? Position, string By, string? Reason = null);

/// <summary>Another deployment has put its version in force already: one that was accepted later, or any where a version was only to be built again.</summary>
public sealed class SupersededException(string version, string why) : Exception($"superseded by version {version}, {why}");

/// <summary>The work of a deployment, in parts that can each be repeated: receive, validate, train, index, plan, activate.
/// Until the last part the version in force stays; old versions are kept.</summary>
public sealed class Deployments(Database database, IBlobStore blobs, InstalledApps installed, OperatorChecks checks, IntentTrainer trainer, IKnowledgeIndexer indexer, TimeProvider clock)
{
    const int Remembered = 8;

    readonly ConcurrentDictionary<string, (AppPackage Package, ReadApp App)> read = new(StringComparer.Ordinal);

    /// <summary>Stores an archive as a blob and returns its reference; the same files always give the same one.</summary>
    /// <exception cref="InvalidPackageException">It is no package.</exception>
    public async Task<string> ReceiveAsync(string app, Stream zip, CancellationToken cancellationToken)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[81_920];
        for (int count; (count = await zip.ReadAsync(chunk, cancellationToken)) > 0;)
        {
            if (buffer.Length + count > AppPackage.MaxBytes)
                throw new InvalidPackageException($"The package of {app} has more than {AppPackage.MaxBytes / 1024 / 1024} MB.");
            buffer.Write(chunk.AsSpan(0, count));
        }
        buffer.Position = 0;
        return await blobs.PutAsync(AppPackage.FromZip(buffer).ToZip(), cancellationToken);
    }

    /// <summary>Everything that keeps the package from being deployed as <paramref name="app"/>: its own problems, what the operator has not provided, a version that is taken.</summary>
    public async Task<IReadOnlyList<ManifestProblem>> ValidateAsync(string app, string packageRef, CancellationToken cancellationToken)
    {
        var (package, found) = await ReadAsync(packageRef, cancellationToken);
        if (found.Manifest is not { } manifest)
            return found.Problems;
        var problems = new List<ManifestProblem>(await checks.CheckAsync(manifest, cancellationToken));
        if (manifest.Name != app)
            problems.Add(new ManifestProblem(AppReader.ManifestFile, 1, 1, $"The package is of the app `{manifest.Name}`, not of `{app}`.", $"name: {app}"));
        if (await ContentAsync(manifest.Name, manifest.Version, cancellationToken) is { } content && content != package.ContentDigest)
            problems.Add(new ManifestProblem(AppReader.ManifestFile, 1, 1, Taken(manifest.Name, manifest.Version), $"version: {Next(manifest.Version)}"));
        return problems;
    }

    /// <summary>The steps of a valid package that <see cref="TrainAsync"/> and <see cref="IndexAsync"/> are for.</summary>
    public async Task<PackageWork> WorkAsync(string packageRef, CancellationToken cancellationToken)
    {
        var manifest = await ManifestAsync(packageRef, cancellationToken);
        var steps = manifest.Steps;
        return new PackageWork(manifest.Version, [.. steps.Where(step => step.Kind == StepKind.Detect).Select(step => step.Id)], [.. steps.Where(step => step.Kind == StepKind.Retrieve).Select(step => step.Id)]);
    }

    /// <summary>Trains the intents of a detect step, or finds the head that was trained from the same examples; progress from 0 to 1.</summary>
    public async Task<string> TrainAsync(string packageRef, string stepId, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var intents = (await StepAsync(packageRef, stepId, cancellationToken)).Intents ?? throw new InvalidPackageException($"The step {stepId} detects nothing.");
        return (await trainer.TrainAsync(intents, progress is null ? null : new Forward(progress), cancellationToken)).Ref;
    }

    /// <summary>Indexes the knowledge of a retrieve step, or finds the index of the same files; progress from 0 to 1.</summary>
    public async Task<string> IndexAsync(string packageRef, string stepId, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var knowledge = (await StepAsync(packageRef, stepId, cancellationToken)).Knowledge ?? throw new InvalidPackageException($"The step {stepId} retrieves nothing.");
        return (await indexer.BuildAsync(knowledge, null, progress, cancellationToken)).Ref;
    }

    /// <summary>Compiles and stores the plan; its digest.</summary>
    /// <exception cref="InvalidPackageException">An artifact is missing or the plan is too large.</exception>
    public async Task<string> PlanAsync(string packageRef, IReadOnlyDictionary<string, string> artifacts, CancellationToken cancellationToken)
    {
        var (package, _) = await ReadAsync(packageRef, cancellationToken);
        var manifest = await ManifestAsync(packageRef, cancellationToken);
        var all = new Dictionary<string, string>(artifacts, StringComparer.Ordinal);
        foreach (var step in manifest.Steps.Where(step => step.Reader is not null))
            all[PlanCompiler.IntentsOf(step.Id)] = await blobs.PutAsync(Explained(step.Intents!), cancellationToken);
        return await blobs.PutAsync(PlanCompiler.Compile(manifest, package.ContentDigest, all).Bytes, cancellationToken);
    }

    static byte[] Explained(IntentSet intents) => JsonSerializer.SerializeToUtf8Bytes(
        intents.Intents.Select(intent => new ReadableIntent(intent.Name, intent.Summary, [.. intent.Examples.Take(ReadableIntent.MostExamples)])), AiOsJson.Options);

    /// <summary>Puts a plan in force, in one transaction. The same version with the same files may be deployed again (its parts may have been built anew).</summary>
    /// <param name="app">The app.</param>
    /// <param name="planDigest">Its new plan.</param>
    /// <param name="act">Who deploys, and by which run.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidPackageException">The version was deployed before with other files, or the plan is of another app.</exception>
    /// <exception cref="SupersededException">A deployment that was accepted later is in force, or any other version where this one is only built again.</exception>
    public async Task ActivateAsync(string app, string planDigest, DeploymentAct act, CancellationToken cancellationToken)
    {
        var plan = await installed.PlanAsync(planDigest, cancellationToken);
        if (plan.App != app)
            throw new InvalidPackageException($"The plan is of the app {plan.App}, not of {app}.");
        var row = new { app, plan.Version, planDigest, plan.Content, plan.Summary, plan.Owner, now = clock.GetUtcNow().ToUnixTimeMilliseconds(), act.By, deployment = act.Position, act.RunId, act.Reason };
        await database.WriteAsync(async (connection, transaction) =>
        {
            var content = await connection.ExecuteScalarAsync<string?>("SELECT content FROM app_versions WHERE app = @app AND version = @Version", row, transaction);
            if (content is not null && content != plan.Content)
                throw new InvalidPackageException(Taken(app, plan.Version));
            // What is only built again keeps the place of the deployment that put it in force, and holds its row while its plan changes.
            var switched = await connection.ExecuteAsync(act.Position is null ? "UPDATE app_current SET version = version WHERE app = @app AND version = @Version" : """
                INSERT INTO app_current (app, version, deployment) VALUES (@app, @Version, @deployment)
                ON CONFLICT (app) DO UPDATE SET version = excluded.version, deployment = excluded.deployment WHERE app_current.deployment <= excluded.deployment
                """, row, transaction);
            if (switched == 0)
                throw new SupersededException(await connection.ExecuteScalarAsync<string?>("SELECT version FROM app_current WHERE app = @app", row, transaction) ?? "unknown",
                    act.Position is null ? "which was put in force while this one was built again" : "whose deployment was accepted later");
            await connection.ExecuteAsync("""
                INSERT INTO app_activations (app, run_id, version, plan_digest, at, by_id, reason) VALUES (@app, @RunId, @Version, @planDigest, @now, @By, @Reason) ON CONFLICT (app, run_id) DO NOTHING
                """, row, transaction);
            return await connection.ExecuteAsync("""
                INSERT INTO app_versions (app, version, plan_digest, content, summary, owner, deployed_at, deployed_by)
                VALUES (@app, @Version, @planDigest, @Content, @Summary, @Owner, @now, @By)
                ON CONFLICT (app, version) DO UPDATE SET plan_digest = excluded.plan_digest, deployed_at = excluded.deployed_at, deployed_by = excluded.deployed_by
                WHERE app_versions.plan_digest <> excluded.plan_digest
                """, row, transaction);
        }, cancellationToken);
    }

    async Task<string?> ContentAsync(string app, string version, CancellationToken cancellationToken) => await database.ReadAsync(connection =>
        connection.ExecuteScalarAsync<string?>("SELECT content FROM app_versions WHERE app = @app AND version = @version", new { app, version }), cancellationToken);

    static string Taken(string app, string version) => $"Version {version} of {app} was deployed before with other files; a version never changes.";

    static string Next(string version)
    {
        var numbers = version.Split('-', '+')[0].Split('.');
        return long.TryParse(numbers[2], System.Globalization.CultureInfo.InvariantCulture, out var patch) ? $"{numbers[0]}.{numbers[1]}.{patch + 1}" : version + "-1";
    }

    async Task<ManifestStep> StepAsync(string packageRef, string stepId, CancellationToken cancellationToken) =>
        (await ManifestAsync(packageRef, cancellationToken)).Steps.FirstOrDefault(step => step.Id == stepId) ?? throw new InvalidPackageException($"The package has no step {stepId}.");

    async Task<AppManifest> ManifestAsync(string packageRef, CancellationToken cancellationToken)
    {
        var (_, app) = await ReadAsync(packageRef, cancellationToken);
        return app.Manifest ?? throw new InvalidPackageException($"The package has {app.Problems.Count} problems; the first: {app.Problems[0]}");
    }

    async Task<(AppPackage Package, ReadApp App)> ReadAsync(string packageRef, CancellationToken cancellationToken)
    {
        if (read.TryGetValue(packageRef, out var known))
            return known;
        byte[] bytes;
        try
        {
            bytes = await blobs.GetAsync(packageRef, cancellationToken) ?? throw new InvalidPackageException($"The package {packageRef} is not stored.");
        }
        catch (InvalidDataException damaged)
        {
            throw new InvalidPackageException(damaged.Message, damaged);
        }

        using var zip = new MemoryStream(bytes);
        var package = AppPackage.FromZip(zip);
        if (read.Count >= Remembered)
            read.Clear();
        return read[packageRef] = (package, AppReader.Read(package));
    }

    /// <summary>The trainer's stages as one fraction, at once and in order (<see cref="Progress{T}"/> would post them).</summary>
    sealed class Forward(IProgress<double> progress) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress.Report(value.Fraction);
    }
}
