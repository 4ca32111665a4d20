using System.Net;
using System.Text.Json;
using AiOs.Governance;
using AiOs.Security;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

public sealed class BreakGlassTests
{
    const string Root = "runtime/webhooks/durabletask";

    [Fact]
    public async Task Only_the_owner_gets_through_to_the_durable_management_api()
    {
        await using var os = await LocalOs.StartAsync();

        using var anonymous = os.Client(key: null);
        using var unknown = os.Client("aios_" + new string('a', 52));
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync($"{Root}/instances")).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await unknown.GetAsync($"{Root}/instances")).StatusCode);
        foreach (var role in new[] { Role.Operator, Role.Adjuster, Role.Client })
        {
            using var client = await os.ClientOfAsync(role);
            using var refused = await client.DeleteAsync($"{Root}/instances?createdTimeFrom=2000-01-01");
            Assert.Equal((HttpStatusCode.Forbidden, "application/problem+json"), (refused.StatusCode, refused.Content.Headers.ContentType!.MediaType));
            Assert.Contains("ManageDurable", await refused.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
        Assert.Equal(HttpStatusCode.OK, (await os.Http.GetAsync($"{Root}/instances")).StatusCode);
        Assert.Equal(["security.caller.refused", "security.caller.refused", "security.caller.refused", "security.key.unknown"], (await AuditAsync(os))
            .Where(entry => entry.Detail?.GetValueOrDefault("function") == "durable-management").Select(entry => entry.Type).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Each_change_through_the_management_api_is_on_the_record_before_it_is_made_and_reads_are_not()
    {
        await using var os = await LocalOs.StartAsync();
        var id = await os.Host.DurableClient.ScheduleNewOrchestrationInstanceAsync("nobody-registered-this");
        await os.Host.DurableClient.WaitForInstanceCompletionAsync(id).WaitAsync(TimeSpan.FromMinutes(2));

        using var status = await os.Http.GetAsync($"{Root}/instances/{id}");
        using var terminated = await os.Http.PostAsync($"{Root}/instances/{id}/terminate?reason=test", content: null);
        using var purged = await os.Http.DeleteAsync($"{Root}/instances/{id}");

        Assert.Equal("Failed", JsonDocument.Parse(await status.Content.ReadAsStringAsync()).RootElement.GetProperty("runtimeStatus").GetString());
        Assert.Equal((HttpStatusCode.Gone, HttpStatusCode.OK), (terminated.StatusCode, purged.StatusCode));
        var recorded = (await AuditAsync(os)).Where(entry => entry.Type.StartsWith("durable.", StringComparison.Ordinal)).ToList();
        Assert.Equal([("durable.terminate", "intended"), ("durable.terminate", "410"), ("durable.purge", "intended"), ("durable.purge", "200")], recorded.Select(entry => (entry.Type, entry.Outcome)));
        Assert.All(recorded, entry => Assert.Equal(id, entry.Detail!["subject"]));
        Assert.All(recorded, entry => Assert.StartsWith("key:", entry.Principal, StringComparison.Ordinal));
    }

    static async Task<List<AuditEntry>> AuditAsync(LocalOs os) =>
        [.. (await os.Services.GetRequiredService<AuditLog>().ReadAsync(0, 1000, CancellationToken.None)).Select(record => record.Entry)];
}
