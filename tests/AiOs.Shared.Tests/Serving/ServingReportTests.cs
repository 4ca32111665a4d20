using System.Diagnostics.Metrics;
using AiOs.DataPlane;
using AiOs.Serving.Calls;
using AiOs.Serving.Captures;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.Reports;
using AiOs.Telemetry;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Tests.Serving;

/// <summary>What is reported and measured of calls, and what they cost.</summary>
public sealed class ServingReportTests
{
    readonly ManualTimeProvider time = new();

    [Fact]
    public void Every_quantile_of_a_sketch_is_within_its_relative_error_of_the_exact_one() => Prop.ForAll(
        Gen.Choose(1, 2_000_000_000).NonEmptyListOf().ToArbitrary(), micros =>
        {
            var sketches = new[] { new LatencySketch(), new LatencySketch() };
            for (var i = 0; i < micros.Count; i++)
                sketches[i % 2].Add(TimeSpan.FromMicroseconds(micros[i]));
            double[] quantiles = [0, 0.25, 0.5, 0.9, 0.95, 0.99, 1];
            var found = LatencySketch.Quantiles(sketches, quantiles)!;
            var sorted = micros.Order().ToList();
            return quantiles.Zip(found).All(pair =>
            {
                var exact = sorted[(int)Math.Floor(pair.First * (sorted.Count - 1))];
                return Math.Abs(pair.Second.TotalMicroseconds - exact) <= (LatencySketch.RelativeError * exact) + 0.1;   // a tick is a tenth of a microsecond
            });
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_sketch_of_nothing_has_no_quantiles_and_what_is_out_of_its_range_counts_as_its_end()
    {
        Assert.Null(LatencySketch.Quantiles([new()], [0.5]));
        var sketch = new LatencySketch();
        sketch.Add(TimeSpan.Zero);
        sketch.Add(TimeSpan.FromDays(2));
        Assert.Equal([0.001, 3_600_000], LatencySketch.Quantiles([sketch], [0, 1])!.Select(t => Math.Round(t.TotalMilliseconds, 3)), (expected, actual) => Math.Abs(expected - actual) <= 0.011 * expected);
    }

    [Fact]
    public async Task The_report_tells_models_deployments_and_shadows_apart_and_forgets_after_five_minutes()
    {
        await using var desk = await OpenAsync();
        for (var i = 0; i < 100; i++)
        {
            desk.Log.Note(Call(i, "large", TimeSpan.FromMilliseconds(10 + i)));
            time.Advance(TimeSpan.FromMilliseconds(100));
        }

        desk.Log.Note(Call(100, "small", TimeSpan.FromMilliseconds(500)) with { Fallbacks = [new("large", "CircuitOpen")], Queued = TimeSpan.FromMilliseconds(8) });
        desk.Log.Note(Call(101, "small", TimeSpan.FromSeconds(2)) with { End = CallEnd.Failed, Failure = ModelFailure.TimedOut, Fallbacks = [new("large", "Throttled")] });
        desk.Log.Note(Call(102, null, TimeSpan.FromMilliseconds(1)) with { End = CallEnd.Cached, Usage = ModelUsage.None });
        desk.Log.Note(Call(103, null, TimeSpan.FromMilliseconds(1)) with { End = CallEnd.Degraded, Failure = ModelFailure.Unavailable, Usage = ModelUsage.None });
        desk.Log.Note(Call(104, "next", TimeSpan.FromSeconds(9)) with { Shadow = true });

        var model = Assert.Single(desk.Stats.Report("answer").Models);
        Assert.Equal((104L, 1_020L, 204L, 1.02m), (model.Calls.Calls, model.Calls.InputTokens, model.Calls.OutputTokens, model.Calls.Cost));
        Assert.Equal((1 / 104.0, 1 / 104.0, 2 / 104.0, 1 / 104.0, 1 / 104.0),
            (model.Calls.ErrorRate, model.Calls.TimeoutRate, model.Calls.FallbackRate, model.Calls.DegradedRate, model.Calls.CacheHitRate), (expected, actual) => Math.Abs(expected.Item1 - actual.Item1) < 1e-6
                && Math.Abs(expected.Item2 - actual.Item2) < 1e-6 && Math.Abs(expected.Item3 - actual.Item3) < 1e-6 && Math.Abs(expected.Item4 - actual.Item4) < 1e-6 && Math.Abs(expected.Item5 - actual.Item5) < 1e-6);
        Assert.Equal([new("TimedOut", 1), new("Unavailable", 1)], model.Calls.Failures);
        Assert.Equal(["large", "next", "small"], model.Deployments.Select(d => d.Deployment));
        Assert.Equal([new("CircuitOpen", 1), new("Throttled", 1)], model.Deployments[0].PassedOver);
        Assert.InRange(model.Deployments[0].Calls.Took!.P95Ms, 104 * 0.99, 104 * 1.01);
        Assert.InRange(model.Deployments[0].Calls.PerSecond, 9.9, 10.1);
        Assert.InRange(model.Deployments[0].Calls.Concurrency, 0.59, 0.60);   // 10 a second, each for 59.5 ms
        Assert.True(model.Deployments[1].Shadow);
        Assert.InRange(model.Deployments[2].Calls.Queued!.P50Ms, 7.9, 8.1);

        time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((0L, null), (desk.Stats.Report().Models.Single().Calls.Calls, desk.Stats.Report().Models.Single().Calls.Took));
        Assert.Empty(desk.Stats.Report("no such model").Models);
    }

    [Fact]
    public async Task Calls_are_measured_by_the_names_of_the_conventions()
    {
        await using var desk = await OpenAsync();
        var seen = new List<(string Name, double Value, Dictionary<string, object?> Tags)>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => { if (instrument.Meter == AiOsTelemetry.Meter) l.EnableMeasurementEvents(instrument); } };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        listener.Start();
        desk.Log.Note(Call(1, "large", TimeSpan.FromSeconds(2), "measured") with { FirstPiece = TimeSpan.FromSeconds(1), Fallbacks = [new("small", "CircuitOpen")], End = CallEnd.Failed, Failure = ModelFailure.Broken });

        lock (seen)
        {
            var mine = seen.Where(s => "measured".Equals(s.Tags.GetValueOrDefault(GenAiNames.Model))).ToList();
            var duration = Assert.Single(mine, s => s.Name == "gen_ai.client.operation.duration");
            Assert.Equal((2.0, "chat", "large", "Broken"), (duration.Value, duration.Tags["gen_ai.operation.name"], duration.Tags["gen_ai.request.model"], duration.Tags["error.type"]));
            Assert.Equal([("input", 10.0), ("output", 2.0)], mine.Where(s => s.Name == "gen_ai.client.token.usage").Select(s => ((string)s.Tags["gen_ai.token.type"]!, s.Value)));
            Assert.Equal(1.0, Assert.Single(mine, s => s.Name == "gen_ai.client.operation.time_to_first_chunk").Value);
            Assert.Equal("CircuitOpen", Assert.Single(mine, s => s.Name == "aios.model.fallbacks").Tags["aios.model.fallback.reason"]);
            Assert.Equal(0.01, Assert.Single(mine, s => s.Name == "aios.model.cost").Value);
        }

        void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (seen)
                seen.Add((instrument.Name, value, tags.ToArray().ToDictionary(t => t.Key, t => t.Value, StringComparer.Ordinal)));
        }
    }

    [Fact]
    public async Task What_calls_cost_is_never_dropped_however_many_end_at_once()
    {
        await using var desk = await OpenAsync();
        Parallel.For(0, 20_000, i => desk.Log.Note(Call(i, "large", TimeSpan.FromMilliseconds(1))));
        var day = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        Assert.Equal(new CostSum("answer", 20_000, 200_000, 40_000, 200m), Assert.Single(await new CostReport(desk.Database, desk.Ledger).SumAsync(CostsBy.Model, day, day, CancellationToken.None)));
    }

    [Fact]
    public void Prices_are_exact_to_a_billionth_and_halves_go_up()
    {
        var prices = new ModelPrices(0.15m, 0.6m) { CachedInput = 0.075m, Call = 0.001m, Second = 0.0002m };
        Assert.Equal((900 * 0.15m / 1_000_000) + (100 * 0.075m / 1_000_000) + (50 * 0.6m / 1_000_000) + 0.001m + 0.0005m, prices.CostOf(1_000, 100, 50, TimeSpan.FromSeconds(2.5)));
        Assert.Equal(0.000_000_001m, new ModelPrices(0.0005m, 0).CostOf(1, 0));
        Assert.Equal(0m, new ModelPrices(0.0004m, 0).CostOf(1, 0));
        Assert.Equal(prices.CostOf(1_000, 0, 400, TimeSpan.FromSeconds(20)), prices.MostOf(1_000, 400, TimeSpan.FromSeconds(20)));
        Assert.Equal(0.3m, new ModelPrices(0.15m, 0).CostOf(2_000_000, 9_000_000, 0, TimeSpan.Zero, 0));
    }

    CallFacts Call(int number, string? deployment, TimeSpan took, string model = "answer") => new()
    {
        CallId = $"call-{number}", Kind = CallKind.Chat, Spender = new("-", "key:one", model), Deployment = deployment, Began = time.GetUtcNow(), Took = took, Attempts = 1,
        Usage = new(10, 2, Estimated: false, 0.01m), End = CallEnd.Answered,
    };

    async Task<Desk> OpenAsync() => new(await TestDatabase.SqliteAsync(CostTables.Migrations, CaptureTables.Migrations), time);

    sealed class Desk : IAsyncDisposable
    {
        readonly TestDatabase test;
        readonly Captures captures;

        public Desk(TestDatabase test, TimeProvider time)
        {
            this.test = test;
            Ledger = new(test.Database, time, NullLogger<Ledger>.Instance);
            captures = new(new CaptureStore(test.Database, new(), time), new(), time, NullLogger<Captures>.Instance);
            Stats = new(time, captures);
            Log = new CallLog(Ledger, captures, Stats);
        }

        public Database Database => test.Database;

        public Ledger Ledger { get; }

        public ServingStats Stats { get; }

        public ICallLog Log { get; }

        public async ValueTask DisposeAsync()
        {
            await captures.DisposeAsync();
            await Ledger.DisposeAsync();
            await test.DisposeAsync();
        }
    }
}
