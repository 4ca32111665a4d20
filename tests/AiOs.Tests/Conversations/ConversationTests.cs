using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.ControlPlane.Conversations;
using AiOs.Sandbox;
using AiOs.Security;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Conversations;

/// <summary>Conversations through the front door.</summary>
public sealed class ConversationTests(DeployedApps apps)
{
    public static TheoryData<string> Apps => [.. Script.Apps];

    [Theory, MemberData(nameof(Apps))]
    public async Task Scripted_conversations_go_as_written(string app)
    {
        await using var os = await apps.StartAsync();
        foreach (var script in Script.Of(app))
        {
            string? conversation = null, before = null;
            foreach (var turn in script.Turns)
            {
                var outcome = await os.SendAsync(app, turn.Say, turn.Attributes, conversation);
                turn.Check(outcome);
                if (turn.Before is not null) Assert.Equal(turn.Before, (await os.RunAsync(before!, run => run.Status() == turn.Before)).Status());
                (conversation, before) = (outcome.GetProperty("conversationId").GetString(), outcome.RunId());
            }
        }
    }

    [Theory, MemberData(nameof(Apps))]
    public async Task A_conversation_survives_a_kill_between_any_two_turns(string app)
    {
        await using var sandbox = await SandboxServer.StartAsync();
        var (data, script) = (apps.Copy(), Script.Of(app)[0]);
        string? conversation = null;
        foreach (var turn in script.Turns)
        {
            using var os = await OsProcess.StartAsync(data, sandbox.Url);
            using var request = new HttpRequestMessage(HttpMethod.Post, $"api/apps/{app}/messages") { Content = JsonContent.Create(new { text = turn.Say, attributes = turn.Attributes, conversationId = conversation }) };
            request.Headers.Add("Prefer", "wait=60");
            using var response = await os.Http.SendAsync(request);
            var outcome = await response.Content.ReadFromJsonAsync<JsonElement>();
            turn.Check(outcome);
            conversation = outcome.GetProperty("conversationId").GetString();
            os.Kill();
        }

        Assert.True(script.Turns.Count > 1 && script.Turns[^1].Done is { Count: > 0 });   // something was left to be done after the last kill
        if (app == Claims.App) Assert.Equal(24000, Assert.Single(sandbox.Requests("/payouts")).Body!.Value.GetProperty("minor").GetInt64());
    }

    [Fact]
    public async Task Messages_of_one_conversation_sent_at_once_are_taken_in_the_order_of_their_admission()
    {
        await using var os = await apps.StartAsync();
        var first = await os.SendAsync(Claims.App, "A storm on 3 March 2026 broke a window in my kitchen, 100 EUR.");
        var conversation = first.GetProperty("conversationId").GetString()!;
        var amounts = Enumerable.Range(1, 6).ToDictionary(number => number, number => 100 + (number * 10));
        var runs = await Task.WhenAll(amounts.Select(async amount => (Amount: amount.Value, (await os.SendAsync(Claims.App, $"no, it was {amount.Value} EUR", conversationId: conversation)).RunId())));
        var page = (await os.Http.GetFromJsonAsync<JsonElement>("api/runs?app=claims-intake&top=50")).GetProperty("runs").EnumerateArray().ToList();
        var inOrder = page.Where(run => runs.Any(sent => sent.Item2 == run.RunId())).Reverse().ToList();
        Assert.Equal(runs.Length, inOrder.Count);
        DateTimeOffset freeFrom = default;
        foreach (var run in inOrder)
        {
            var whole = await os.Http.GetFromJsonAsync<JsonElement>($"api/runs/{run.RunId()}");
            Assert.True(whole.GetProperty("startedAt").GetDateTimeOffset() >= freeFrom, "A message was taken up before the one before it was done with.");
            freeFrom = whole.GetProperty("finishedAt").GetDateTimeOffset();
        }

        var thread = await os.Services.GetRequiredService<AiOs.ControlPlane.Conversations.Conversations>().GetAsync(Claims.App, conversation, CancellationToken.None);
        Assert.Equal(1 + runs.Length, thread.Turn);
        Assert.Equal(100L * runs.Single(sent => sent.Item2 == inOrder[^1].RunId()).Amount, thread.Fields["amount"].GetProperty("minor").GetInt64());
    }

    [Fact]
    public async Task A_hand_off_is_listed_and_taken_once_by_whoever_has_its_role()
    {
        await using var os = await apps.StartAsync();
        var asked = await os.SendAsync(Claims.App, "I want to speak to someone.");
        var again = await os.SendAsync(Claims.App, "Talk to a person", conversationId: asked.GetProperty("conversationId").GetString());
        var id = asked.GetProperty("handOff").GetProperty("id").GetString();
        Assert.Equal(id, again.GetProperty("handOff").GetProperty("id").GetString());
        using var adjuster = await os.ClientOfAsync(Role.Adjuster);
        using var operators = await os.ClientOfAsync(Role.Operator);
        var listed = Assert.Single((await adjuster.GetFromJsonAsync<JsonElement>("api/handoffs?app=claims-intake")).GetProperty("handOffs").EnumerateArray());
        Assert.Equal((id, "adjuster", "asked", "open"), (listed.GetProperty("id").GetString(), listed.GetProperty("role").GetString(), listed.GetProperty("reason").GetString(), listed.Status()));

        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(operators, id, "take"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(adjuster, id, "take"));
        Assert.Equal(HttpStatusCode.OK, await PostAsync(adjuster, id, "take"));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync(os.Http, id, "take"));
        Assert.Equal("taken", (await os.SendAsync(Claims.App, "agent", conversationId: asked.GetProperty("conversationId").GetString())).GetProperty("handOff").Status());
        Assert.Equal(HttpStatusCode.OK, await PostAsync(adjuster, id, "close"));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync(adjuster, id, "close"));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(adjuster, "hof-none", "take"));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(adjuster, id, "keep"));
        var next = await os.SendAsync(Claims.App, "agent", conversationId: asked.GetProperty("conversationId").GetString());
        Assert.NotEqual(id, next.GetProperty("handOff").GetProperty("id").GetString());
    }

    static async Task<HttpStatusCode> PostAsync(HttpClient client, string? id, string action)
    {
        using var response = await client.PostAsJsonAsync($"api/handoffs/{id}", new { action });
        return response.StatusCode;
    }

    [Fact]
    public async Task Days_count_where_the_writer_lives_and_the_conversation_remembers_it()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 17, 22, 30, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var first = await os.SendAsync(Claims.App, "A storm broke a window in my kitchen yesterday.", new { timeZone = "Asia/Tokyo" });
        Assert.Equal("2026-03-17T00:00:00+09:00", await DateAsync(os, first));
        var second = await os.SendAsync(Claims.App, "no, 3 February", conversationId: first.GetProperty("conversationId").GetString());
        Assert.Equal("2026-02-03T00:00:00+09:00", await DateAsync(os, second));
        var third = await os.SendAsync(Claims.App, "no, the 14th", conversationId: first.GetProperty("conversationId").GetString());
        Assert.Equal("2026-02-14T00:00:00+09:00", await DateAsync(os, third));
    }

    static async Task<string?> DateAsync(LocalOs os, JsonElement outcome) =>
        (await os.Services.GetRequiredService<AiOs.ControlPlane.Conversations.Conversations>().GetAsync(Claims.App, outcome.GetProperty("conversationId").GetString()!, CancellationToken.None)).Fields["date"].GetString();
}
