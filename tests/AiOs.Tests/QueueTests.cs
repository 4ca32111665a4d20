using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.DataPlane.Queues;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

/// <summary>What lies on the queue, and how long an accepted job lasts.</summary>
public sealed class QueueTests(DeployedApps apps)
{
    [Fact]
    public async Task An_accepted_job_outlasts_a_stop_of_its_app_and_runs_once_when_it_is_released()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var queue = os.Services.GetRequiredService<IQueue>();
        await SwitchAsync(stopped: true);
        using var accepted = await os.Http.PostAsJsonAsync("api/queues/claims", new { id = "J-1", text = Claims.Report(240), attributes = new { claimNumber = "J-1" } });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);

        // Twice as often as a message may fail before the host gives it up.
        for (var attempt = 0; attempt < 10; attempt++)
        {
            await ArrivalsTests.UntilAsync(PutBackAsync);
            clock.Advance(TimeSpan.FromSeconds(61));
        }

        await SwitchAsync(stopped: false);
        await ArrivalsTests.UntilAsync(async () =>
        {
            clock.Advance(TimeSpan.FromSeconds(20));
            return await queue.CountAsync("aios-jobs", CancellationToken.None) == 0 && os.Sandbox.Effects("/payouts").Count > 0;
        });
        Assert.Equal("J-1", Assert.Single(os.Sandbox.Effects("/payouts")).Subject);
        Assert.Equal(0, await queue.CountAsync("aios-jobs-poison", CancellationToken.None));

        // One message, hidden, and never taken: the one that was taken is gone, this one was put back for later.
        Task<bool> PutBackAsync() => os.Services.GetRequiredService<Database>().ReadAsync(async connection => await connection.ExecuteScalarAsync<long>(
            "SELECT SUM(CASE WHEN dequeue_count = 0 AND visible_at > @now THEN 1 ELSE 100 END) FROM queue_messages WHERE queue = 'aios-jobs'",
            new { now = clock.GetUtcNow().ToUnixTimeMilliseconds() }) == 1, CancellationToken.None);

        async Task SwitchAsync(bool stopped)
        {
            using var set = await os.Http.PutAsJsonAsync("api/switches/claims-intake", new { stopped });
            Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        }
    }

    [Fact]
    public async Task Nothing_personal_lies_on_the_queue_not_even_as_an_id()
    {
        var data = apps.Copy();
        await using var os = await LocalOs.StartAsync(data);
        using var accepted = await os.Http.PostAsJsonAsync("api/queues/claims", new { id = "anna.raw@example.org", text = "hello", conversationId = "0171-2345678" });
        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        using var conversation = await os.Http.PostAsJsonAsync("api/queues/claims", new { id = "J-2", text = "hello", conversationId = "bert.raw@example.org" });
        await MessagesTests.AssertProblemAsync(conversation, HttpStatusCode.BadRequest, "conversationId");
        var named = new { text = "hello", attributes = new { people = new Dictionary<string, object>(StringComparer.Ordinal) { ["carl.raw@example.org"] = 1 } } };
        using var queued = await os.Http.PostAsJsonAsync("api/queues/claims", named);
        await MessagesTests.AssertProblemAsync(queued, HttpStatusCode.BadRequest, "attributes.people");
        using var message = await os.PostAsync(Claims.App, named);
        await MessagesTests.AssertProblemAsync(message, HttpStatusCode.BadRequest, "attributes.people");

        await ArrivalsTests.UntilAsync(async () => await os.Services.GetRequiredService<IQueue>().CountAsync("aios-jobs", CancellationToken.None) == 0);
        foreach (var original in new[] { "anna.raw@example.org", "0171-2345678", "bert.raw@example.org", "carl.raw@example.org" })
            foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is not (".lock" or ".tmp")))
                Assert.False(Holds(file, original), $"{original} is in {Path.GetFileName(file)}");
    }

    [Fact]
    public async Task A_job_that_no_parser_agrees_on_is_poisoned_at_once_with_its_reason()
    {
        await using var os = await apps.StartAsync();
        var queue = os.Services.GetRequiredService<IQueue>();
        foreach (var attributes in new[] { "{\"a\": \"\\ud800\"}", "{\"\\ud800\": 1}", "{\"a\": 1e999}", "{\"a\": {\"b\": 1, \"b\": 2}}" })
            await queue.SendAsync("aios-jobs", $"{{\"id\": \"x\", \"app\": \"claims-intake\", \"text\": \"hello\", \"attributes\": {attributes}}}", null, CancellationToken.None);
        await ArrivalsTests.UntilAsync(async () => await queue.CountAsync("aios-jobs-poison", CancellationToken.None) == 4);
        var reasons = (await queue.PeekAsync("aios-jobs-poison", 10, CancellationToken.None)).Select(message => JsonSerializer.Deserialize<JsonElement>(message.Body).GetProperty("reason").GetString()!).ToList();
        foreach (var expected in new[] { "attributes.a: holds an unpaired surrogate", "attributes: has a member whose name", "attributes.a: is a number", "attributes.a.b: appears twice" })
            Assert.Contains(reasons, reason => reason.Contains(expected, StringComparison.Ordinal));
    }

    static bool Holds(string file, string original)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.GetBuffer().AsSpan(0, (int)copy.Length).IndexOf(System.Text.Encoding.UTF8.GetBytes(original)) >= 0;
    }
}
