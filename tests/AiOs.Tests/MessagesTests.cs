using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace AiOs.Tests;

/// <summary>What the front door takes, and what it says to what it does not take.</summary>
public sealed class MessagesTests(DeployedApps apps)
{
    [Fact]
    public async Task The_same_post_with_the_same_key_is_one_run_and_with_another_body_a_conflict()
    {
        await using var os = await apps.StartAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ReadAsync("one window")));
        Assert.Single(outcomes.Select(outcome => outcome.RunId()).Distinct(StringComparer.Ordinal));
        using var other = await os.PostAsync(Claims.App, new { text = "Another text altogether." }, "one window");
        Assert.Equal(HttpStatusCode.Conflict, other.StatusCode);
        Assert.Single(os.Sandbox.Effects("/payouts"));

        async Task<JsonElement> ReadAsync(string key)
        {
            using var response = await os.PostAsync(Claims.App, new { text = Claims.Report(120) }, key);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }
    }

    [Fact]
    public async Task Bad_requests_are_told_what_is_wrong_with_which_field()
    {
        await using var os = await apps.StartAsync();
        (string Body, HttpStatusCode Status, string Field)[] cases =
        [
            ("{\"text\": \"broken", HttpStatusCode.BadRequest, "$"),
            ("[1, 2]", HttpStatusCode.BadRequest, "$"),
            ("{}", HttpStatusCode.BadRequest, "text"),
            ("{\"text\": \"   \"}", HttpStatusCode.BadRequest, "text"),
            ("{\"text\": 7}", HttpStatusCode.BadRequest, "text"),
            ("{\"text\": \"hello\", \"colour\": \"red\"}", HttpStatusCode.BadRequest, "colour"),
            ("{\"text\": \"hello\", \"attributes\": []}", HttpStatusCode.BadRequest, "attributes"),
            ("{\"text\": \"hello\", \"conversationId\": \"a b\"}", HttpStatusCode.BadRequest, "conversationId"),
            ("{\"text\": \"hello\", \"text\": \"twice\"}", HttpStatusCode.BadRequest, "text"),
            ($"{{\"text\": \"hello\", \"attributes\": {new string('[', 60)}{new string(']', 60)}}}", HttpStatusCode.BadRequest, "$"),
            ($"{{\"text\": \"{new string('x', 140_000)}\"}}", HttpStatusCode.RequestEntityTooLarge, "text"),
            ($"{{\"text\": \"{new string('x', 300_000)}\"}}", HttpStatusCode.RequestEntityTooLarge, "$"),
        ];
        foreach (var (body, status, field) in cases)
        {
            using var response = await os.Http.PostAsync("api/apps/claims-intake/messages", Json(Encoding.UTF8.GetBytes(body)));
            await AssertProblemAsync(response, status, field);
        }

        foreach (var (body, says) in new[] { ("{\"text\": ", "not valid JSON at line 1"), ("{\"text\": [1", "not valid JSON at line 1"), ($"{{\"text\": {new string('[', 60)}", "nested deeper than") })
        {
            using var cut = await os.Http.PostAsync("api/apps/claims-intake/messages", Json(Encoding.UTF8.GetBytes(body)));
            Assert.Contains(says, (await cut.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString(), StringComparison.Ordinal);
        }

        using var invalid = await os.Http.PostAsync("api/apps/claims-intake/messages", Json([.. "{\"text\": \""u8, 0xC3, 0x28, .. "\"}"u8]));
        await AssertProblemAsync(invalid, HttpStatusCode.BadRequest, "$");
        using var form = await os.Http.PostAsync("api/apps/claims-intake/messages", new StringContent("text=hello", Encoding.UTF8, "application/x-www-form-urlencoded"));
        await AssertProblemAsync(form, HttpStatusCode.UnsupportedMediaType, "content-type");
    }

    [Fact]
    public async Task Attributes_as_deep_as_a_body_may_be_go_all_the_way_through_a_run()
    {
        await using var os = await apps.StartAsync();
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", 30)) + "1" + new string('}', 30);
        using var response = await os.Http.PostAsync("api/apps/claims-intake/messages", Json(Encoding.UTF8.GetBytes($"{{\"text\": \"{Claims.Report(60)}\", \"attributes\": {deep}}}")));
        Assert.True(response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        Assert.Equal("completed", (await response.Content.ReadFromJsonAsync<JsonElement>()).Status());
    }

    [Fact]
    public async Task Unknown_apps_wrong_methods_and_missing_keys_are_refused()
    {
        await using var os = await apps.StartAsync();
        using var unknown = await os.PostAsync("no-such-app", new { text = "hello" });
        await AssertProblemAsync(unknown, HttpStatusCode.NotFound, null);
        using var method = await os.Http.DeleteAsync("api/apps/claims-intake/messages");
        await AssertProblemAsync(method, HttpStatusCode.MethodNotAllowed, null);
        Assert.Equal(["POST"], method.Content.Headers.Allow);
        using var nobody = os.Client(null);
        using var unauthorized = await os.PostAsync(Claims.App, new { text = "hello" }, client: nobody);
        await AssertProblemAsync(unauthorized, HttpStatusCode.Unauthorized, null);
        using var wrong = os.Client("aios_" + new string('a', 52));
        using var refused = await os.PostAsync(Claims.App, new { text = "hello" }, client: wrong);
        await AssertProblemAsync(refused, HttpStatusCode.Unauthorized, null);
        using var customer = await os.ClientOfAsync(AiOs.Security.Role.Client);
        using var forbidden = await customer.PostAsJsonAsync("api/keys", new { name = "mine", roles = new[] { "owner" } });
        await AssertProblemAsync(forbidden, HttpStatusCode.Forbidden, null);
    }

    [Fact]
    public async Task A_thrown_kill_switch_lets_nothing_in_until_it_is_released()
    {
        await using var os = await apps.StartAsync();
        using var thrown = await os.Http.PutAsJsonAsync("api/switches/claims-intake", new { stopped = true, reason = "Drill." });
        Assert.Equal(HttpStatusCode.OK, thrown.StatusCode);
        using var stopped = await os.PostAsync(Claims.App, new { text = Claims.Report(100) });
        await AssertProblemAsync(stopped, HttpStatusCode.ServiceUnavailable, null);
        using var released = await os.Http.PutAsJsonAsync("api/switches/claims-intake", new { stopped = false });
        Assert.Equal("completed", (await os.SendAsync(Claims.App, Claims.Report(100))).Status());
    }

    [Fact]
    public async Task A_caller_that_is_too_fast_is_told_when_to_come_back()
    {
        await using var os = await apps.StartAsync(settings: new Dictionary<string, string?>(StringComparer.Ordinal) { ["AIOS_RATE_PER_SECOND"] = "0.001", ["AIOS_RATE_BURST"] = "2" });
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 3; i++)
        {
            using var response = await os.PostAsync(Claims.App, new { text = "Where is my claim?" });
            statuses.Add(response.StatusCode);
            if (i == 2) Assert.True(response.Headers.RetryAfter?.Delta > TimeSpan.Zero);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[2]);
    }

    static ByteArrayContent Json(byte[] body) => new(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    internal static async Task AssertProblemAsync(HttpResponseMessage response, HttpStatusCode status, string? field)
    {
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(status == response.StatusCode, $"{(int)response.StatusCode} {text}");
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        var problem = JsonSerializer.Deserialize<JsonElement>(text);
        Assert.NotEmpty(problem.GetProperty("detail").GetString()!);
        if (field is not null) Assert.Contains(problem.GetProperty("errors").EnumerateArray(), error => error.GetProperty("field").GetString() == field);
    }
}
