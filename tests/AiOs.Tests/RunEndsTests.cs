using System.Data;
using System.Text;
using System.Text.Json;
using AiOs.ControlPlane.Apps;
using AiOs.ControlPlane.Runs;
using AiOs.DataPlane;
using AiOs.Policies.Approvals;
using Dapper;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

/// <summary>Every run ends and lets the next one of its conversation go on, whatever becomes of its orchestration.</summary>
public sealed class RunEndsTests(DeployedApps apps)
{
    const string Pay = """
  - id: payout
    when: input.text != ""
    act: {call: payments.payout, with: {minor: '100'}, undo: payments.cancel}
""";

    /// <summary>A plan of another schema, and one whose expressions do not compile any more.</summary>
    [Theory]
    [InlineData("\"schema\":1", "\"schema\":2")]
    [InlineData("input.text", "input.gone")]
    public async Task An_orchestrator_that_cannot_read_its_plan_ends_the_run_as_failed(string readable, string unreadable)
    {
        var data = apps.Copy();
        await using (var os = await LocalOs.StartAsync(data))
        {
            await os.DeployAsync("two-steps", UndoTests.App("key", Pay));
            var blobs = os.Services.GetRequiredService<IBlobStore>();
            var installed = await os.Services.GetRequiredService<InstalledApps>().FindAsync("two-steps", CancellationToken.None);
            var plan = Encoding.UTF8.GetString((await blobs.GetAsync(installed!.PlanDigest, CancellationToken.None))!);
            Assert.Contains(readable, plan, StringComparison.Ordinal);
            var digest = await blobs.PutAsync(Encoding.UTF8.GetBytes(plan.Replace(readable, unreadable, StringComparison.Ordinal)), CancellationToken.None);
            await os.Services.GetRequiredService<Database>().WriteAsync(IsolationLevel.ReadCommitted,
                (connection, transaction) => connection.ExecuteAsync("UPDATE app_versions SET plan_digest = @digest WHERE app = 'two-steps'", new { digest }, transaction), CancellationToken.None);
        }

        await using var again = await LocalOs.StartAsync(data);
        for (var message = 0; message < 2; message++)
        {
            var outcome = await again.SendAsync("two-steps", "Please pay.", conversationId: "talk-1");
            Assert.Equal("failed", outcome.Status());
            Assert.Contains("could not begin", outcome.GetProperty("reason").GetString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_run_whose_orchestration_was_terminated_is_closed_and_its_conversation_goes_on()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var first = await os.SendAsync(Claims.App, Claims.Report(1900), conversationId: "talk-1", wait: 0);
        first = await os.RunAsync(first.RunId(), run => run.Status() == "waiting");
        var second = await os.SendAsync(Claims.App, Claims.Report(240), conversationId: "talk-1", wait: 0);
        var untouched = await os.SendAsync(Claims.App, Claims.Report(1900), conversationId: "talk-2", wait: 0);
        await os.RunAsync(untouched.RunId(), run => run.Status() == "waiting");
        await os.Host.DurableClient.TerminateInstanceAsync(first.RunId(), CancellationToken.None);
        var closed = await SweptAsync(os, clock, first.RunId());
        Assert.Equal("failed", closed.Status());
        Assert.Contains("terminated", closed.GetProperty("reason").GetString(), StringComparison.Ordinal);
        var question = await os.Services.GetRequiredService<Approvals>().GetAsync(first.Approval(), CancellationToken.None);
        Assert.Equal(ApprovalStatus.Voided, question!.Status);
        Assert.Equal("completed", (await os.RunAsync(second.RunId())).Status());
        Assert.Equal("waiting", (await os.RunAsync(untouched.RunId(), _ => true)).Status());
    }

    [Fact]
    public async Task A_deployment_that_had_begun_and_whose_orchestration_is_missing_is_closed()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        var runs = os.Services.GetRequiredService<Runs>();
        var row = await runs.OpenDeploymentAsync("claims-intake", "9.9.9", "sha256:x", "somebody", null, CancellationToken.None);
        await runs.RecordAsync(new(0, row.RunId, "validate", 1, "deploy", "started", row.CreatedAt, null, null), CancellationToken.None);
        var closed = await SweptAsync(os, clock, row.RunId);
        Assert.Equal("failed", closed.Status());
        Assert.Contains("missing", closed.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Lets virtual time go on, a sweep at a time, until the run has ended.</summary>
    static async Task<JsonElement> SweptAsync(LocalOs os, ManualTimeProvider clock, string runId)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(4));
        while (true)
        {
            clock.Advance(TimeSpan.FromSeconds(15));
            // A sweep under way gets real time.
            for (var turn = 0; turn < 20; turn++)
                if (await os.RunAsync(runId, _ => true) is var run && run.Status() is not ("running" or "waiting")) return run;
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
