using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane.Queues;
using AiOs.Governance;
using AiOs.Security;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

/// <summary>Whose a conversation, a run, a job and a key are, and what others cannot do with them.</summary>
public sealed class OwnershipTests(DeployedApps apps)
{
    const string OtherIban = "DE02120300000000202051";

    static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Another_client_cannot_go_on_with_a_conversation_and_redirect_its_payout()
    {
        await using var os = await apps.StartAsync();
        using var customer = await os.ClientOfAsync(Role.Client);
        using var thief = await os.ClientOfAsync(Role.Client);
        var asking = await SendAsync(os, customer, $"A storm on 3 March 2026 broke a window in my kitchen. The damage is 180.00 EUR, please pay to {Claims.Iban}.");
        Assert.Equal("policyNumber", asking.GetProperty("asks").GetProperty("field").GetString());
        var conversationId = asking.GetProperty("conversationId").GetString();

        using var refused = await os.PostAsync(Claims.App, new { text = $"It is PC-204518, pay to {OtherIban}.", conversationId }, client: thief);
        await MessagesTests.AssertProblemAsync(refused, HttpStatusCode.BadRequest, "conversationId");
        using var enqueued = await thief.PostAsJsonAsync("api/queues/claims", new { text = $"It is PC-204518, pay to {OtherIban}.", conversationId });
        Assert.Equal(HttpStatusCode.Accepted, enqueued.StatusCode);
        var queue = os.Services.GetRequiredService<IQueue>();
        await ArrivalsTests.UntilAsync(async () => await queue.CountAsync("aios-jobs-poison", None) == 1);
        Assert.Contains("belongs to another caller", Assert.Single(await queue.PeekAsync("aios-jobs-poison", 10, None)).Body, StringComparison.Ordinal);
        Assert.Empty(os.Sandbox.Requests("/payouts"));

        var answered = await SendAsync(os, customer, "It is PC-204518.", conversationId);
        Assert.Equal("completed", answered.Status());
        Assert.Single(os.Sandbox.Effects("/payouts"));
        var paid = Assert.Single(os.Sandbox.Requests("/payouts")).Body.ToString();
        Assert.Contains(Claims.Iban, paid, StringComparison.Ordinal);
        Assert.DoesNotContain(OtherIban, paid, StringComparison.Ordinal);
        using var operations = await os.ClientOfAsync(Role.Operator);
        Assert.Equal(conversationId, (await SendAsync(os, operations, "Where is my claim?", conversationId)).GetProperty("conversationId").GetString());
    }

    [Fact]
    public async Task A_client_sees_its_own_runs_and_no_others()
    {
        await using var os = await apps.StartAsync();
        using var one = await os.ClientOfAsync(Role.Client);
        using var other = await os.ClientOfAsync(Role.Client);
        using var adjuster = await os.ClientOfAsync(Role.Adjuster);
        var mine = (await SendAsync(os, one, Claims.Report(100))).RunId();
        var others = (await SendAsync(os, other, Claims.Report(110))).RunId();

        Assert.Equal([mine], await ListedAsync(one, "api/runs"));
        Assert.Equal([others], await ListedAsync(other, "api/runs?app=claims-intake&status=completed&top=1"));
        Assert.Equal([others, mine], await ListedAsync(adjuster, "api/runs?top=2"));
        foreach (var path in new[] { "api/runs/{0}", "api/runs/{0}/events" })
        {
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(one, path.Replace("{0}", mine, StringComparison.Ordinal)));
            Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(one, path.Replace("{0}", others, StringComparison.Ordinal)));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(adjuster, path.Replace("{0}", others, StringComparison.Ordinal)));
        }

        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(one, "api/approvals"));

        static async Task<IReadOnlyList<string>> ListedAsync(HttpClient client, string path) =>
            [.. (await client.GetFromJsonAsync<JsonElement>(path)).GetProperty("runs").EnumerateArray().Select(run => run.RunId())];

        static async Task<HttpStatusCode> StatusAsync(HttpClient client, string path)
        {
            using var response = await client.GetAsync(path);
            return response.StatusCode;
        }
    }

    [Fact]
    public async Task A_job_is_its_enqueuers_and_equal_ids_of_two_clients_are_two_runs()
    {
        await using var os = await apps.StartAsync();
        using var one = await os.ClientOfAsync(Role.Client);
        using var other = await os.ClientOfAsync(Role.Client);
        foreach (var client in new[] { one, other, one, os.Http })
        {
            using var accepted = await client.PostAsJsonAsync("api/queues/claims", new { id = "job-1", text = Claims.Report(75) });
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        }

        var queue = os.Services.GetRequiredService<IQueue>();
        await queue.SendAsync("aios-jobs", JsonSerializer.Serialize(new { id = "job-1", queue = "claims", text = Claims.Report(75) }), null, None);
        await ArrivalsTests.UntilAsync(async () => await queue.CountAsync("aios-jobs", None) == 0 && (await RunsAsync(os)).Count(run => run.Status.IsTerminal()) == 4);
        var runs = await RunsAsync(os);
        Assert.All(runs, run => Assert.Equal(RunStatus.Completed, run.Status));
        Assert.Equal(["", "client", "client", "owner"], runs.Select(run => string.Join(',', run.Roles.Select(role => role.Name()))).Order(StringComparer.Ordinal));
        Assert.Equal("queue", Assert.Single(runs, run => run.Roles.Count == 0).PrincipalId);
        Assert.Equal(4, runs.Select(run => run.PrincipalId).Distinct(StringComparer.Ordinal).Count());
        Assert.DoesNotContain(runs, run => run.PrincipalId == Principal.System.Id);
        Assert.Equal(4, os.Sandbox.Effects("/payouts").Count);
        Assert.Single((await one.GetFromJsonAsync<JsonElement>("api/runs")).GetProperty("runs").EnumerateArray());
    }

    [Fact]
    public async Task Who_enqueues_too_fast_is_told_when_to_come_back()
    {
        await using var os = await apps.StartAsync(settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["AIOS_RATE_PER_SECOND"] = "0.001", ["AIOS_RATE_BURST"] = "2" });
        using var client = await os.ClientOfAsync(Role.Client);
        for (var i = 0; i < 3; i++)
        {
            using var response = await client.PostAsJsonAsync("api/queues/claims", new { text = "Where is my claim?" });
            if (i < 2)
                Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
            else
                await MessagesTests.AssertProblemAsync(response, HttpStatusCode.TooManyRequests, null);
            Assert.Equal(i == 2, response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }
    }

    [Fact]
    public async Task The_audit_log_says_who_made_and_who_revoked_a_key_and_nothing_personal()
    {
        await using var os = await apps.StartAsync();
        var before = (await AuditAsync(os)).Count;
        using var personal = await os.Http.PostAsJsonAsync("api/keys", new { name = "maria.huber@example.org", roles = new[] { "client" } });
        await MessagesTests.AssertProblemAsync(personal, HttpStatusCode.BadRequest, "name");
        Assert.Equal(before, (await AuditAsync(os)).Count);

        using var first = await os.Http.PostAsJsonAsync("api/keys", new { name = "second owner", roles = new[] { "owner" } });
        var second = await first.Content.ReadFromJsonAsync<JsonElement>();
        using var secondOwner = os.Client(second.GetProperty("key").GetString());
        using var made = await secondOwner.PostAsJsonAsync("api/keys", new { name = "claims portal", roles = new[] { "client" } });
        var portal = (await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!;
        using var revoked = await secondOwner.DeleteAsync($"api/keys/{portal}");
        Assert.Equal(HttpStatusCode.NoContent, revoked.StatusCode);

        var by = "key:" + second.GetProperty("id").GetString();
        var of = (await AuditAsync(os)).Where(entry => entry.Detail?.GetValueOrDefault("key") == portal).ToList();
        Assert.Equal([("security.key.created", by), ("security.key.revoked", by)], of.Select(entry => (entry.Type, entry.Principal)));
        Assert.Equal("client", of[0].Detail!["roles"]);
        Assert.DoesNotContain(await AuditAsync(os), entry => entry.Detail?.Values.Contains("claims portal") == true);
    }

    [Fact]
    public async Task Callers_without_a_key_cannot_fill_the_audit_log()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var before = await UnknownAsync();
        await KnockAsync("not a key", 30);
        await KnockAsync("aios_" + new string('a', 51), 30);
        Assert.Equal(before, await UnknownAsync());
        await KnockAsync("aios_" + new string('a', 52), 60);
        Assert.Equal(before + 20, await UnknownAsync());
        clock.Advance(TimeSpan.FromSeconds(10));
        await KnockAsync("aios_" + new string('b', 52), 5);
        Assert.Equal(before + 21, await UnknownAsync());

        async Task KnockAsync(string key, int times)
        {
            using var nobody = os.Client(null);
            nobody.DefaultRequestHeaders.Add("x-functions-key", key);
            for (var i = 0; i < times; i++)
            {
                using var response = await nobody.GetAsync("api/runs");
                Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            }
        }

        async Task<int> UnknownAsync() => (await AuditAsync(os)).Count(entry => entry.Type == "security.key.unknown");
    }

    static async Task<JsonElement> SendAsync(LocalOs os, HttpClient client, string text, string? conversationId = null)
    {
        using var response = await os.PostAsync(Claims.App, new { text, conversationId }, client: client);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    static async Task<IReadOnlyList<RunRow>> RunsAsync(LocalOs os) =>
        [.. (await os.Services.GetRequiredService<Runs>().ListAsync(Claims.App, null, 100, null, None)).Rows.Where(run => run.Channel == "queue")];

    static async Task<IReadOnlyList<AuditEntry>> AuditAsync(LocalOs os) =>
        [.. (await os.Services.GetRequiredService<AuditLog>().ReadAsync(0, 10_000, None)).Select(record => record.Entry)];
}
