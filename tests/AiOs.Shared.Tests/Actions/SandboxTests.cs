using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.Sandbox;

namespace AiOs.Tests.Actions;

/// <summary>The outside world keeps the promises that the tests of everything else lean on.</summary>
public sealed class SandboxTests
{
    [Fact]
    public async Task It_honours_keys_counts_effects_per_claim_and_writes_its_journal_before_it_answers()
    {
        using var folder = new TemporaryFolder();
        await using var world = await SandboxServer.StartAsync(journal: folder.File("journal.jsonl"));
        using var http = new HttpClient { BaseAddress = new Uri(world.Url) };
        var payout = new { claim = "C-1", minor = 100, currency = "EUR", iban = "DE89370400440532013000" };

        Assert.Equal((HttpStatusCode.Created, "po_1"), await PayAsync(payout, "k1"));
        Assert.Equal((HttpStatusCode.Created, "po_1"), await PayAsync(payout, "k1"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await PayAsync(payout with { minor = 200 }, "k1")).Status);
        Assert.Equal(HttpStatusCode.NoContent, (await http.PostAsJsonAsync("/_behaviour", new { path = "/payouts", mode = "ignoreKeys", times = 1 })).StatusCode);
        Assert.Equal((HttpStatusCode.Created, "po_2"), await PayAsync(payout, "k1"));
        Assert.Equal(HttpStatusCode.BadRequest, (await http.PostAsJsonAsync("/_behaviour", new { path = "/payouts", mode = "explode" })).StatusCode);

        var effects = await http.GetFromJsonAsync<JsonElement>("/_effects?path=/payouts");
        Assert.Equal(2, effects.GetProperty("bySubject").GetProperty("C-1").GetInt32());
        Assert.Equal(2, (await http.GetFromJsonAsync<JsonElement>("/payouts?claim=C-1")).GetProperty("payouts").GetArrayLength());
        var lines = await ReadAsync(folder.File("journal.jsonl"));
        Assert.Equal([true, false, false, true, false], lines.Select(line => line.GetProperty("effect").GetBoolean()));
        Assert.Equal(5, world.Requests("/payouts").Count);

        async Task<(HttpStatusCode Status, string? Id)> PayAsync(object body, string key)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/payouts") { Content = JsonContent.Create(body), Headers = { { "Idempotency-Key", key } } };
            using var response = await http.SendAsync(request);
            return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("id", out var id) ? id.GetString() : null);
        }
    }

    static async Task<List<JsonElement>> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return [.. (await reader.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
    }

    [Fact]
    public async Task A_service_heals_unless_its_trouble_is_sticky()
    {
        await using var world = await SandboxServer.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(world.Url) };
        await http.PutAsJsonAsync("/_services/api", new { status = "degraded" });
        await http.PutAsJsonAsync("/_services/db", new { status = "degraded", sticky = true });
        Assert.Equal(("degraded", "healthy"), (await HealthAsync("api"), await AfterAsync("api", "restart")));
        Assert.Equal("degraded", await AfterAsync("db", "restart"));
        Assert.Equal("healthy", await AfterAsync("never-heard-of", "rollback"));

        async Task<string?> HealthAsync(string name) => (await http.GetFromJsonAsync<JsonElement>($"/services/{name}/health")).GetProperty("status").GetString();

        async Task<string?> AfterAsync(string name, string call)
        {
            using var response = await http.PostAsync($"/services/{name}/{call}", content: null);
            return await HealthAsync(name);
        }
    }
}
