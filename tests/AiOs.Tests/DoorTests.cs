using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace AiOs.Tests;

/// <summary>The edges of the doors: JSON that nobody can handle, requests repeated across a deployment, events that one app refuses, switches of nothing, messages at the limits.</summary>
public sealed class DoorTests(DeployedApps apps)
{
    [Fact]
    public async Task Json_that_cannot_be_handled_is_refused_with_its_field_at_every_depth()
    {
        await using var os = await apps.StartAsync();
        (string Attributes, string Field)[] cases =
        [
            ("{\"a\": \"\\ud800\"}", "attributes.a"),
            ("{\"a\": [0, {\"b\": \"\\udc00x\"}]}", "attributes.a[1].b"),
            ("{\"\\ud800\": 1}", "attributes"),
            ("{\"a\": 1e999}", "attributes.a"),
            ("{\"a\": [-1e400]}", "attributes.a[0]"),
            ($"{{\"a\": {new string('9', 400)}}}", "attributes.a"),
            ("{\"a\": 1, \"a\": 2}", "attributes.a"),
            ("{\"a\": {\"b\": 1, \"\\u0062\": 2}}", "attributes.a.b"),
            ($"{{\"a\": {new string('[', 31)}{new string(']', 31)}}}", "$"),
        ];
        foreach (var (attributes, field) in cases)
        {
            using var refused = await PostAsync("api/apps/claims-intake/messages", "application/json", $"{{\"text\": \"hello\", \"attributes\": {attributes}}}");
            await MessagesTests.AssertProblemAsync(refused, HttpStatusCode.BadRequest, field);
            var cloudEvent = $"{{\"specversion\": \"1.0\", \"id\": \"1\", \"source\": \"/s\", \"type\": \"com.contoso.claim.filed\", \"subject\": \"hello\", \"data\": {attributes}}}";
            using var refusedEvent = await PostAsync("api/events", "application/cloudevents+json", cloudEvent);
            await MessagesTests.AssertProblemAsync(refusedEvent, HttpStatusCode.BadRequest, field.Replace("attributes", "data", StringComparison.Ordinal));
        }

        foreach (var attributes in new[] { "{\"a\": \"\\ud83d\\ude00\"}", "{\"a\": \"\\u0000\"}", $"{{\"a\": {new string('[', 22)}1{new string(']', 22)}}}" })
        {
            using var taken = await PostAsync("api/apps/claims-intake/messages", "application/json", $"{{\"text\": \"hello\", \"attributes\": {attributes}}}");
            Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync());
            Assert.NotEqual("failed", (await os.RunAsync((await taken.Content.ReadFromJsonAsync<JsonElement>()).RunId())).Status());
        }

        async Task<HttpResponseMessage> PostAsync(string path, string mediaType, string body)
        {
            using var content = new StringContent(body, Encoding.UTF8, mediaType);
            return await os.Http.PostAsync(path, content);
        }
    }

    [Fact]
    public async Task The_root_leads_to_an_entry_whose_links_all_lead_somewhere()
    {
        await using var os = await LocalOs.StartAsync();
        using var direct = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = os.Http.BaseAddress };
        using var root = await direct.GetAsync("/");
        Assert.Equal((HttpStatusCode.Found, "/api"), (root.StatusCode, root.Headers.Location?.ToString()));
        var entry = await direct.GetFromJsonAsync<JsonElement>("/api");
        Assert.Equal("AiOs.Serverless", entry.GetProperty("name").GetString());
        foreach (var link in entry.GetProperty("links").EnumerateObject())
        {
            using var answer = await os.Http.GetAsync(link.Value.GetString());
            Assert.True(answer.IsSuccessStatusCode, link.Name);
        }

        using var posted = await os.Http.PostAsync("/api", null);
        await MessagesTests.AssertProblemAsync(posted, HttpStatusCode.NotFound, null);
    }

    [Fact]
    public async Task The_same_request_is_the_same_run_after_a_deployment_that_masks_more()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var body = new { text = "Please pay and write to anna@example.org", attributes = new { telephone = "+49 171 2345678" } };
        Assert.Equal("completed", (await os.DeployAsync("pay", Pay("1.0.0", "iban"))).Status());
        var first = await ReadAsync();
        await os.RunAsync(first);
        clock.Advance(TimeSpan.FromMinutes(31));
        Assert.Equal("completed", (await os.DeployAsync("pay", Pay("1.0.1", "iban, email, phone"))).Status());
        Assert.Equal(first, await ReadAsync());
        using var other = await os.PostAsync("pay", new { text = "Please pay and write to bert@example.org", body.attributes }, "K-1", wait: 0);
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);

        async Task<string> ReadAsync()
        {
            using var response = await os.PostAsync("pay", body, "K-1", wait: 0);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            return (await response.Content.ReadFromJsonAsync<JsonElement>()).RunId();
        }
    }

    [Fact]
    public async Task An_app_that_refuses_an_event_keeps_it_from_no_other()
    {
        await using var os = await apps.StartAsync();
        Assert.Equal("completed", (await os.DeployAsync("pay", Pay("1.0.0", "iban"))).Status());
        using var stopped = await os.Http.PutAsJsonAsync("api/switches/claims-intake", new { stopped = true });
        using var partly = await SendAsync();
        Assert.Equal(HttpStatusCode.Accepted, partly.StatusCode);
        var reply = await partly.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("pay", Assert.Single(reply.GetProperty("runs").EnumerateArray()).GetProperty("app").GetString());
        var refused = Assert.Single(reply.GetProperty("refused").EnumerateArray());
        Assert.Equal(("claims-intake", 503), (refused.GetProperty("app").GetString(), refused.GetProperty("status").GetInt32()));

        using var all = await os.Http.PutAsJsonAsync("api/switches/all", new { stopped = true });
        Assert.Equal(HttpStatusCode.OK, all.StatusCode);
        using var nobody = await SendAsync();
        await MessagesTests.AssertProblemAsync(nobody, HttpStatusCode.ServiceUnavailable, null);

        async Task<HttpResponseMessage> SendAsync()
        {
            var cloudEvent = JsonSerializer.Serialize(new { specversion = "1.0", id = "1", source = "/s", type = "com.contoso.claim.filed", data = new { text = "Please pay." } });
            using var content = new StringContent(cloudEvent, Encoding.UTF8, "application/cloudevents+json");
            return await os.Http.PostAsync("api/events", content);
        }
    }

    [Fact]
    public async Task The_switch_of_an_app_that_is_not_there_is_not_found()
    {
        await using var os = await apps.StartAsync();
        using var unknown = await os.Http.PutAsJsonAsync("api/switches/claims-intakes", new { stopped = true });
        await MessagesTests.AssertProblemAsync(unknown, HttpStatusCode.NotFound, null);
        Assert.Empty((await os.Http.GetFromJsonAsync<JsonElement>("api/switches")).GetProperty("stopped").EnumerateArray());
    }

    [Fact]
    public async Task What_a_message_puts_into_the_history_of_its_run_is_bounded()
    {
        var data = apps.Copy();
        await using var os = await LocalOs.StartAsync(data);
        var text = new string('字', 8_000);
        using var taken = await os.PostAsync(Claims.App, new { text, attributes = new { copies = Addresses(900) } });
        Assert.True(taken.IsSuccessStatusCode, await taken.Content.ReadAsStringAsync());
        await os.RunAsync((await taken.Content.ReadFromJsonAsync<JsonElement>()).RunId());
        using var wide = await os.PostAsync(Claims.App, new { text, attributes = new { copies = Addresses(1_250) } });
        await MessagesTests.AssertProblemAsync(wide, HttpStatusCode.RequestEntityTooLarge, "attributes");

        using var upToDate = AiOs.Local.Durable.Histories.HistoryFile.Open(Path.Combine(data, "durable.db"));
        using var store = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(data, "durable.db")};Mode=ReadOnly");
        store.Open();
        Assert.InRange(Largest(), 40 * 1024, 56 * 1024); // 48 KiB of input, and what the event says besides.

        static string[] Addresses(int count) => [.. Enumerable.Range(0, count).Select(i => FormattableString.Invariant($"a{i}@b.co"))];

        long Largest() => Values("SELECT name FROM sqlite_master WHERE type = 'table'").SelectMany(table => Values($"SELECT name FROM pragma_table_info('{table}')")
            .Select(column => long.Parse(Values($"SELECT COALESCE(MAX(length(CAST(\"{column}\" AS BLOB))), 0) FROM \"{table}\"").Single(), System.Globalization.CultureInfo.InvariantCulture))).Max();

        List<string> Values(string sql)
        {
            using var command = store.CreateCommand();
            command.CommandText = sql;
            using var reader = command.ExecuteReader();
            var values = new List<string>();
            while (reader.Read()) values.Add(reader.GetValue(0).ToString()!);
            return values;
        }
    }

    /// <summary>An app that listens to the claims' event and pays nothing: it only decides.</summary>
    static byte[] Pay(string version, string mask) => UndoTests.Zip(new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["app.yaml"] = $$"""
            name: pay
            version: {{version}}
            summary: Decides.
            owner: tests
            mask: [{{mask}}]
            triggers:
              events: [com.contoso.claim.filed]
            steps:
              - id: decision
                decide:
                  policy: policy.yaml
                  with:
                    amount: '100'
            """,
        ["policy.yaml"] = "policy: pay\ninput: {amount: int}\nrules:\n  - {id: all, when: amount > 0, then: allow, reason: Tests pay.}\n",
    });
}
