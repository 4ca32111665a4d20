using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.Governance;
using AiOs.Security;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Tests.Models;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Serving;

/// <summary>Budgets, costs, captures and reports, through the front door.</summary>
public sealed class CostsTests(DeployedApps apps)
{
    [Fact]
    public async Task A_budget_is_set_changed_listed_and_removed_and_every_change_is_on_record()
    {
        await using var os = await LocalOs.StartAsync();
        var made = await os.Http.PutAsJsonAsync("api/budgets/claims", new { app = "claims-intake", window = "month", limit = 25.5, softLimit = 20 });
        Assert.Equal(HttpStatusCode.Created, made.StatusCode);
        var budget = await made.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal(("claims", "app claims-intake", "month", 25.5m, 20m, 0m),
            (Text(budget, "id"), Text(budget, "scope"), Text(budget, "window"), Number(budget, "limit"), Number(budget, "softLimit"), Number(budget, "spent")));
        Assert.Equal(HttpStatusCode.OK, (await os.Http.PutAsJsonAsync("api/budgets/claims", new { app = "claims-intake", window = "month", limit = 30 })).StatusCode);
        Assert.Equal(30m, Number((await os.Http.GetFromJsonAsync<JsonElement>("api/budgets")).GetProperty("budgets").EnumerateArray().Single(), "limit"));
        Assert.Equal(HttpStatusCode.NoContent, (await os.Http.DeleteAsync("api/budgets/claims")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await os.Http.DeleteAsync("api/budgets/claims")).StatusCode);
        var entries = (await os.Services.GetRequiredService<AuditLog>().ReadAsync(0, 100, CancellationToken.None)).Where(r => r.Entry.Type.StartsWith("budget.", StringComparison.Ordinal)).Select(r => r.Entry).ToList();
        Assert.Equal(["budget.set", "budget.set", "budget.removed"], entries.Select(e => e.Type));
        Assert.All(entries, e => Assert.StartsWith("key:", e.Principal, StringComparison.Ordinal));

        using var client = await os.ClientOfAsync(Role.Client);
        Assert.Equal(HttpStatusCode.Forbidden, (await client.PutAsJsonAsync("api/budgets/claims", new { window = "day", limit = 1 })).StatusCode);
        foreach (var path in new[] { "api/budgets", "api/costs", "api/captures", "api/captures/x", "api/serving" })
            Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync(path)).StatusCode);
    }

    [Theory]
    [InlineData("Claims", """{"window": "day", "limit": 1}""", "id")]
    [InlineData("claims", """{"limit": 1}""", "window")]
    [InlineData("claims", """{"window": "week", "limit": 1}""", "window")]
    [InlineData("claims", """{"window": "day"}""", "limit")]
    [InlineData("claims", """{"window": "day", "limit": -1}""", "limit")]
    [InlineData("claims", """{"window": "day", "limit": "5"}""", "limit")]
    [InlineData("claims", """{"window": "day", "limit": 1e30}""", "limit")]
    [InlineData("claims", """{"window": "day", "limit": 1, "softLimit": 2}""", "softLimit")]
    [InlineData("claims", """{"window": "day", "limit": 1, "app": ""}""", "app")]
    [InlineData("claims", """{"window": "day", "limit": 1, "scope": "all"}""", "scope")]
    public async Task A_budget_that_makes_no_sense_is_refused_by_field(string id, string body, string field)
    {
        await using var os = await LocalOs.StartAsync();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var refused = await os.Http.PutAsync($"api/budgets/{id}", content);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        Assert.Equal(field, Text((await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0], "field"));
    }

    [Fact]
    public async Task What_calls_cost_and_how_they_went_is_read_by_operators_and_by_the_command_line()
    {
        await using var os = await LocalOs.StartAsync();
        var log = os.Services.GetRequiredService<ICallLog>();
        for (var i = 0; i < 3; i++)
            log.Note(new()
            {
                CallId = $"call-{i}", Kind = CallKind.Chat, Spender = new("claims-intake", "key:one", "answer"), RunId = "claims-intake-x", Step = "reply", Deployment = "large", ModelVersion = "2026-01",
                Began = TimeProvider.System.GetUtcNow(), Took = TimeSpan.FromMilliseconds(20), Attempts = 1, Usage = new(100, 10, Estimated: false, 0.25m), End = CallEnd.Answered,
                Input = """[{"role":"user","content":"My IBAN is [iban:3f2a]"}]""", Output = "Thanks.", Sensitive = i == 2,
            });

        var costs = await os.Http.GetFromJsonAsync<JsonElement>("api/costs?by=app");
        Assert.Equal(("claims-intake", 3m, 0.75m, 0.75m), (Text(costs.GetProperty("costs")[0], "name"), Number(costs.GetProperty("costs")[0], "calls"), Number(costs.GetProperty("costs")[0], "cost"), Number(costs.GetProperty("total"), "cost")));
        var page = await os.Http.GetFromJsonAsync<JsonElement>("api/captures?run=claims-intake-x&model=answer&top=2");
        Assert.Equal(["call-2", "call-1"], page.GetProperty("captures").EnumerateArray().Select(c => Text(c, "id")));
        var rest = await os.Http.GetFromJsonAsync<JsonElement>($"api/captures?run=claims-intake-x&after={Text(page, "next")}");
        Assert.Equal("call-0", Text(Assert.Single(rest.GetProperty("captures").EnumerateArray()), "id"));
        var capture = await os.Http.GetFromJsonAsync<JsonElement>("api/captures/call-0");
        Assert.Equal(("My IBAN is [iban:3f2a]", "Thanks.", "answered", 0.25m), (Text(capture.GetProperty("input")[0], "content"), Text(capture, "output"), Text(capture, "end"), Number(capture.GetProperty("usage"), "cost")));
        Assert.False((await os.Http.GetFromJsonAsync<JsonElement>("api/captures/call-2")).TryGetProperty("input", out _));
        Assert.Equal(HttpStatusCode.NotFound, (await os.Http.GetAsync("api/captures/none")).StatusCode);
        var serving = await os.Http.GetFromJsonAsync<JsonElement>("api/serving?model=answer");
        var deployment = Assert.Single(serving.GetProperty("models")[0].GetProperty("deployments").EnumerateArray());
        Assert.Equal(("large", 3m), (Text(deployment, "deployment"), Number(deployment.GetProperty("calls"), "calls")));
        Assert.InRange(Number(deployment.GetProperty("calls").GetProperty("took"), "p99Ms"), 19.8m, 20.2m);
        foreach (var (path, field) in new[] { ("api/costs?by=colour", "by"), ("api/costs?from=yesterday", "from"), ("api/costs?from=2026-02-01&to=2026-01-01", "from"), ("api/captures?top=0", "top"), ("api/captures?after=x", "after") })
        {
            var refused = await os.Http.GetAsync(path);
            Assert.Equal((HttpStatusCode.BadRequest, field), (refused.StatusCode, Text((await refused.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("errors")[0], "field")));
        }

        var environment = new[] { ("AIOS_URL", os.Host.BaseAddress.ToString()), ("AIOS_KEY", os.Http.DefaultRequestHeaders.Authorization!.Parameter!) };
        foreach (var (arguments, says) in new (string[], string)[]
        {
            (["budgets", "set", "daily", "--limit", "2.5", "--soft", "2"], "daily counts all: 0.75 of 2.5 this day."), (["budgets", "list"], "00:00:00Z"),
            (["budgets", "set", "daily", "--limit", "0.5"], "0.75 of 0.5 are used: calls are refused until"), (["budgets", "list"], "daily: 0.75 of 0.5 are used"), (["budgets", "set", "daily", "--limit", "2.5", "--soft", "0.5"], "the soft limit is 0.5: calls go on and are marked"), (["costs", "--by", "principal"], "key:one"),
            (["captures", "--run", "claims-intake-x"], "call-1"), (["captures", "show", "call-1"], "Thanks."), (["models"], "large"), (["budgets", "remove", "daily"], "Removed."),
        })
        {
            var ran = await CommandLineTests.RunAsync(arguments, environment);
            Assert.True(ran.Code == 0 && ran.Output.Contains(says, StringComparison.Ordinal), $"{string.Join(' ', arguments)}: {ran.Output}{ran.Error}");
        }
    }

    [Fact]
    public async Task The_cost_of_a_run_is_in_its_outcome_every_attempt_counted()
    {
        await using var model = await ModelServer.StartAsync(exchange => exchange.Number == 1 ? exchange.FailAsync(500) : exchange.AnswerAsync(LostCard.PriceSentence));
        await using var os = await apps.StartAsync(settings: model.Settings);
        var outcome = await os.SendAsync(LostCard.App, LostCard.Question);
        foreach (var cost in new[] { outcome.GetProperty("cost"), (await os.RunAsync(outcome.RunId())).GetProperty("cost") })
            Assert.Equal((0.00171m, 2m, 900m, 60m), (Number(cost, "amount"), Number(cost, "calls"), Number(cost, "inputTokens"), Number(cost, "outputTokens")));

        var extractive = await os.SendAsync(LostCard.App, "asdf qwer");   // nothing is found, no model is asked
        Assert.False(extractive.TryGetProperty("cost", out _));
    }

    [Fact]
    public async Task Budgets_hold_from_the_settings_to_the_call()
    {
        await using var os = await LocalOs.StartAsync();
        await os.Http.PutAsJsonAsync("api/budgets/tiny", new { window = "day", limit = 0.001 });
        var budgets = os.Services.GetRequiredService<Budgets>();
        var price = new ModelPrices(1, 2).MostOf(100, 100, TimeSpan.Zero);
        var answered = 0;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Task.Run(async () =>
        {
            try
            {
                using var reservation = await budgets.ReserveAsync(new("-", "key:one", "answer"), price, CancellationToken.None);
                reservation.Settle(price);
                Interlocked.Increment(ref answered);
            }
            catch (BudgetExceededException e)
            {
                Assert.Equal((0.001m, "all"), (e.Limit, e.Scope));
            }
        })));
        Assert.Equal(3, answered);   // 3 x 0.0003
    }

    static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    static decimal Number(JsonElement element, string name) => element.GetProperty(name).GetDecimal();
}
