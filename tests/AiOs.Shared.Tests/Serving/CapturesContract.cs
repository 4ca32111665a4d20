using AiOs.DataPlane;
using AiOs.Serving.Calls;
using AiOs.Serving.Captures;
using AiOs.Serving.Chat;
using Dapper;
using Microsoft.Extensions.Logging.Abstractions;

namespace AiOs.Tests.Serving;

/// <summary>What captures promise on every database.</summary>
public abstract class CapturesContract
{
    readonly ManualTimeProvider time = new();

    protected abstract Task<TestDatabase> OpenAsync(params MigrationSet[] migrations);

    Captures Captures(TestDatabase test, CaptureOptions? options = null)
    {
        options ??= new();
        return new(new CaptureStore(test.Database, options, time), options, time, NullLogger<Captures>.Instance);
    }

    CallFacts Call(int number, string? run = null, string model = "answer") => new()
    {
        CallId = $"call-{number}", Kind = CallKind.Chat, Spender = new("claims-intake", "key:one", model), RunId = run, Step = run is null ? null : "reply", Deployment = "large", ModelVersion = "2026-01",
        Began = time.GetUtcNow(), Took = TimeSpan.FromMilliseconds(12.5), Queued = TimeSpan.FromMicroseconds(40), FirstPiece = TimeSpan.FromMilliseconds(3), Attempts = 2,
        Usage = new(100, 20, Estimated: false, 0.000_123_456m) { CachedInputTokens = 60 }, End = CallEnd.Answered, Fallbacks = [new("small", "CircuitOpen"), new("other", nameof(ModelFailure.Throttled))],
        Input = """[{"role":"user","content":"Where is [email:7f3k]?"}]""", Output = """{"text":"Thére."}""",
    };

    [Fact]
    public async Task What_is_known_of_a_call_is_read_back_as_it_was()
    {
        await using var test = await OpenAsync(CaptureTables.Migrations);
        await using var captures = Captures(test);
        var call = Call(1, "claims-intake-x");
        captures.Add(call);
        captures.Add(call);   // the same call is the same capture
        var found = (await captures.GetAsync("call-1", CancellationToken.None))!;
        Assert.Equal(call with { Fallbacks = found.Call.Fallbacks }, found.Call);
        Assert.Equal(call.Fallbacks, found.Call.Fallbacks);
        Assert.Null((await captures.ListAsync(new(), CancellationToken.None)).Captures.Single().Call.Input);
        Assert.Null(await captures.GetAsync("call-2", CancellationToken.None));
    }

    [Fact]
    public async Task What_an_earlier_version_kept_under_another_word_is_read()
    {
        await using var test = await OpenAsync(new MigrationSet("captures", CaptureTables.Migrations.Migrations[0]));
        await using (var captures = Captures(test))
        {
            captures.Add(Call(1) with { End = CallEnd.Cached });
            await captures.ListAsync(new(), CancellationToken.None);
        }
        await test.Database.WriteAsync(System.Data.IsolationLevel.ReadCommitted, (connection, transaction) => connection.ExecuteAsync("UPDATE captures SET ended = 'CachedExactly'", transaction: transaction), CancellationToken.None);
        await using var newer = new Database(test.Database.Dialect, test.ConnectionString, [CaptureTables.Migrations]);
        await newer.MigrateAsync(CancellationToken.None);
        await using var read = Captures(test);
        Assert.Equal(CallEnd.Cached, (await read.GetAsync("call-1", CancellationToken.None))!.Call.End);
    }

    [Fact]
    public async Task A_sensitive_call_leaves_neither_input_nor_output_and_what_is_too_long_is_left_out_and_says_so()
    {
        await using var test = await OpenAsync(CaptureTables.Migrations);
        await using var captures = Captures(test);
        captures.Add(Call(1) with { Sensitive = true });
        captures.Add(Call(2) with { Output = new string('x', 200_000) });
        var sensitive = (await captures.GetAsync("call-1", CancellationToken.None))!;
        Assert.Equal((null, null, false, 100L), (sensitive.Call.Input, sensitive.Call.Output, sensitive.Cut, sensitive.Call.Usage.InputTokens));
        var cut = (await captures.GetAsync("call-2", CancellationToken.None))!;
        Assert.True(cut is { Cut: true, Call: { Input: not null, Output: null } });
    }

    [Fact]
    public async Task Captures_are_found_by_run_and_model_and_page_by_page_newest_first()
    {
        await using var test = await OpenAsync(CaptureTables.Migrations);
        await using var captures = Captures(test);
        for (var i = 0; i < 10; i++)
            captures.Add(Call(i, i % 2 == 0 ? "run-a" : "run-b", i < 5 ? "answer" : "other"));
        var first = await captures.ListAsync(new(Run: "run-a", Top: 2), CancellationToken.None);
        Assert.Equal(["call-8", "call-6"], first.Captures.Select(c => c.Call.CallId));
        var second = await captures.ListAsync(new(Run: "run-a", Top: 3, After: long.Parse(first.Next!, System.Globalization.CultureInfo.InvariantCulture)), CancellationToken.None);
        Assert.Equal(["call-4", "call-2", "call-0"], second.Captures.Select(c => c.Call.CallId));
        Assert.Null(second.Next);
        Assert.Equal(["call-4", "call-2", "call-0"], (await captures.ListAsync(new(Run: "run-a", Model: "answer"), CancellationToken.None)).Captures.Select(c => c.Call.CallId));
    }

    [Fact]
    public async Task What_is_too_old_too_many_or_too_large_together_goes_the_oldest_first()
    {
        await using var test = await OpenAsync(CaptureTables.Migrations);
        await using (var captures = Captures(test, new() { Days = 7 }))
        {
            captures.Add(Call(1));
            time.Advance(TimeSpan.FromDays(6));
            for (var i = 2; i <= 1_500; i++)
                captures.Add(Call(i) with { Input = null, Output = new string('x', i > 1_490 ? 100_000 : 1) });
            Assert.Equal(50, (await captures.ListAsync(new(), CancellationToken.None)).Captures.Count);
            Assert.Equal(0, await captures.SweepAsync(CancellationToken.None));
            time.Advance(TimeSpan.FromDays(2));
            Assert.Equal(1, await captures.SweepAsync(CancellationToken.None));
        }

        Assert.Equal(199, await Captures(test, new() { Most = 1_300 }).SweepAsync(CancellationToken.None));
        Assert.Equal(1_290, await Captures(test, new() { Megabytes = 1 }).SweepAsync(CancellationToken.None));
        Assert.Equal(0, await Captures(test, new()).SweepAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Under_pressure_captures_are_dropped_and_counted_and_nobody_waits()
    {
        await using var test = await OpenAsync(CaptureTables.Migrations);
        await using var captures = Captures(test);
        var large = new string('x', 100_000);
        for (var i = 0; i < 1_000; i++)
            captures.Add(Call(i) with { Input = large });
        await captures.ListAsync(new(), CancellationToken.None);
        Assert.InRange(captures.Dropped, 1, 999);
        Assert.Equal(1_000, captures.Dropped + captures.Written);
    }

    [Fact]
    public async Task A_stop_writes_what_waits()
    {
        await using var test = await OpenAsync(CaptureTables.Migrations);
        await using (var captures = Captures(test))
            for (var i = 0; i < 100; i++)
                captures.Add(Call(i));
        Assert.Equal(100, (await Captures(test).ListAsync(new(Top: 200), CancellationToken.None)).Captures.Count);
    }
}

public sealed class SqliteCapturesTests : CapturesContract
{
    protected override Task<TestDatabase> OpenAsync(params MigrationSet[] migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresCapturesTests(PostgresServer server) : CapturesContract
{
    protected override Task<TestDatabase> OpenAsync(params MigrationSet[] migrations) => TestDatabase.PostgresAsync(server, migrations);
}
