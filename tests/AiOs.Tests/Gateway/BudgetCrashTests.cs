using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace AiOs.Tests.Gateway;

/// <summary>A hard budget over two lives of an instance, of which the first ends without a word: what it had leased is never spent again.</summary>
public sealed class BudgetCrashTests
{
    const decimal Price = 0.01m, Limit = 1;
    const int Callers = 16, Affordable = 100;

    [Fact]
    public async Task What_a_killed_instance_had_leased_is_forfeited_and_the_budget_holds_over_both_lives()
    {
        var (number, dead) = (0, false);
        await using var upstream = await Upstream.StartAsync((context, asked) =>
            !Volatile.Read(ref dead) && Interlocked.Increment(ref number) % 4 == 0 ? Upstream.HangAsync(context) : Upstream.SayAsync(context, asked, "Yes."));
        using var folder = new TemporaryFolder();
        var models = folder.File("models.yaml");
        await File.WriteAllTextAsync(models, GatewayOs.Models("timeout: 10m", $"name: main, url: {upstream.Url}, timeout: 10m, retries: 0, prices: {{call: {Price}}}"));
        var data = Path.Combine(folder.Path, "data");
        var answered = await FirstLifeAsync(data, models, upstream);
        Volatile.Write(ref dead, value: true);
        var paid = Price * upstream.Asked.Count;
        Assert.True(answered >= Callers, $"Only {answered} answers before the end: the drill proved nothing.");

        (decimal Spent, decimal Forfeited, decimal Leased) found, end;
        await using (var soon = await AgainAsync(data, models, TimeSpan.Zero))
        {
            found = await BudgetAsync(soon.Http);
            Assert.Equal(0, found.Forfeited);   // nobody knows yet whether it is dead
            Assert.True(found.Spent + found.Leased >= paid, $"The endpoint may have been paid {paid}, the books say {found}.");
            Assert.InRange(found.Leased, Callers * Price, Limit / 2);
            await ExhaustAsync(soon.Http);
            Assert.True(upstream.Asked.Count <= Affordable, $"{upstream.Asked.Count} calls for the money of {Affordable}.");
        }

        await using (var late = await AgainAsync(data, models, TimeSpan.FromMinutes(2)))
        {
            await ExhaustAsync(late.Http);
            end = await BudgetAsync(late.Http);
        }
        Assert.Equal(found.Leased, end.Forfeited);
        Assert.True(upstream.Asked.Count <= Affordable && end.Spent + end.Forfeited + end.Leased <= Limit, $"{upstream.Asked.Count} calls, {end}");
        Assert.True(end.Spent + end.Forfeited + Price > Limit, $"More of it could have been used: {end}");
        TestContext.Current.TestOutputHelper?.WriteLine($"{answered} answers and {Callers} open calls in the first life; {end.Forfeited} of {Limit} forfeited, {end.Spent} spent; {upstream.Asked.Count} calls reached the endpoint in both.");
    }

    /// <summary>Every caller asks until the endpoint leaves it hanging; then the process is killed.</summary>
    static async Task<int> FirstLifeAsync(string data, string models, Upstream upstream)
    {
        using var os = await OsProcess.StartAsync(data, "http://127.0.0.1:9", ("AIOS_MODELS", models));
        using (var made = await os.Http.PutAsJsonAsync("api/budgets/all", new { window = "month", limit = Limit }))
            Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var answered = 0;
        var callers = Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            while (await AskAsync(os.Http) == HttpStatusCode.OK)
                Interlocked.Increment(ref answered);
        })).ToList();
        await ArrivalsTests.UntilAsync(() => Task.FromResult(upstream.UnderWay == Callers));
        os.Kill();
        foreach (var caller in callers)
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => caller);
        return answered;
    }

    /// <summary>The next life, on a clock that stands still, so much later.</summary>
    static Task<LocalOs> AgainAsync(string data, string models, TimeSpan later)
    {
        var now = TimeProvider.System.GetUtcNow() + later;
        return LocalOs.StartAsync(data, new ManualTimeProvider(now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond))), settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["AIOS_MODELS"] = models });
    }

    static Task ExhaustAsync(HttpClient http) => Task.WhenAll(Enumerable.Range(0, Callers).Select(async _ =>
    {
        var answered = 0;
        while (await AskAsync(http) is var status && status != HttpStatusCode.TooManyRequests)
        {
            Assert.Equal(HttpStatusCode.OK, status);
            Assert.True(++answered <= Affordable, "The budget never ends.");
        }
    }));

    static async Task<HttpStatusCode> AskAsync(HttpClient http)
    {
        using var response = await http.PostAsJsonAsync("v1/chat/completions", new { model = "support", messages = new[] { new { role = "user", content = "May I?" } } });
        return response.StatusCode;
    }

    /// <summary>As the books say, after what this instance knows is written down.</summary>
    static async Task<(decimal Spent, decimal Forfeited, decimal Leased)> BudgetAsync(HttpClient http)
    {
        using (var flushed = await http.GetAsync("api/costs"))
            Assert.Equal(HttpStatusCode.OK, flushed.StatusCode);
        var budget = (await http.GetFromJsonAsync<JsonElement>("api/budgets")).GetProperty("budgets").EnumerateArray().Single();
        return (budget.GetProperty("spent").GetDecimal(), budget.GetProperty("forfeited").GetDecimal(), budget.GetProperty("leased").GetDecimal());
    }
}
