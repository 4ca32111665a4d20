using System.Net.Http.Json;
using System.Text.Json;

namespace AiOs.Tests;

/// <summary>An answer holds for exactly what the question showed: not for more, not for something else, and a no is a no.</summary>
public sealed class ApprovalBindingTests(DeployedApps apps)
{
    const string AskA = """
  - id: a
    approve: {role: adjuster, within: 4h, onTimeout: reject}

""";

    const string AskB = """
  - id: b
    approve: {role: owner, within: 4h, onTimeout: reject}

""";

    const string Pay = """
  - id: payout
    act: {call: payments.payout, with: {minor: '100'}, undo: payments.cancel}

""";

    [Theory]
    [InlineData("")]
    [InlineData("    when: steps.a.outcome != \"skipped\"\n")]
    public async Task What_a_person_refused_is_not_done_whatever_its_when(string when)
    {
        await using var os = await apps.StartAsync();
        await DeployAsync(os, AskA + Pay.Replace("    act:", when + "    act:", StringComparison.Ordinal));
        var waiting = await os.SendAsync("two-steps", "Please pay.");
        var outcome = await AnswerAsync(os, waiting, "reject");
        Assert.Equal("rejected", outcome.Status());
        Assert.Empty(os.Sandbox.Requests("/payouts"));
    }

    [Fact]
    public async Task What_nobody_answered_is_not_done_whatever_its_when()
    {
        var clock = new ManualTimeProvider(new DateTimeOffset(2026, 3, 9, 8, 0, 0, TimeSpan.Zero));
        await using var os = await apps.StartAsync(clock);
        await DeployAsync(os, AskA + Pay);
        var waiting = await os.SendAsync("two-steps", "Please pay.", wait: 0);
        await os.AsleepAsync(waiting.RunId());
        clock.Advance(TimeSpan.FromHours(4));
        Assert.Equal("rejected", (await os.RunAsync(waiting.RunId())).Status());
        Assert.Empty(os.Sandbox.Requests("/payouts"));
    }

    [Fact]
    public async Task What_one_person_refused_another_may_allow_who_is_asked_again()
    {
        await using var os = await apps.StartAsync();
        await DeployAsync(os, AskA + AskB.Replace("    approve:", "    when: steps.a.outcome == \"rejected\"\n    approve:", StringComparison.Ordinal) + Pay);
        var first = await os.SendAsync("two-steps", "Please pay.");
        var second = await AnswerAsync(os, first, "reject");
        Assert.Equal("waiting", second.Status());
        await AnswerAsync(os, second, "approve");
        Assert.Single(os.Sandbox.Effects("/payouts"));
    }

    [Fact]
    public async Task A_second_pair_of_eyes_that_is_not_needed_leaves_the_answer_of_the_first_in_force()
    {
        await using var os = await apps.StartAsync();
        await DeployAsync(os, AskA
            + AskB.Replace("    approve:", "    when: steps.a.outcome == \"approved\" && input.attributes.amount > 1000\n    approve:", StringComparison.Ordinal)
            + Pay.Replace("    act:", "    when: steps.a.outcome == \"approved\" && (steps.b.outcome == \"approved\" || steps.b.outcome == \"skipped\")\n    act:", StringComparison.Ordinal));
        var waiting = await os.SendAsync("two-steps", "Please pay.", new { amount = 10 });
        var questions = await os.Http.GetFromJsonAsync<JsonElement>("api/approvals");
        Assert.Equal("payout", Assert.Single(questions.GetProperty("approvals")[0].GetProperty("proposal").EnumerateArray()).GetProperty("step").GetString());
        Assert.Equal("completed", (await AnswerAsync(os, waiting, "approve")).Status());
        Assert.Single(os.Sandbox.Effects("/payouts"));
    }

    [Fact]
    public async Task Two_approvals_of_which_either_suffices_do_not_let_through_what_neither_showed()
    {
        await using var os = await apps.StartAsync();
        await DeployAsync(os, AskA + Pay + AskB + """
  - id: third
    act: {call: payments.payout, with: {minor: '1'}}
  - id: second
    when: steps.a.outcome == "approved" || steps.b.outcome == "approved"
    act: {call: desk.notify, with: {to: string(steps.third.result.id)}}

""");
        var first = await os.SendAsync("two-steps", "Please pay.");
        var second = await AnswerAsync(os, first, "approve");
        Assert.Equal("waiting", second.Status());
        var outcome = await AnswerAsync(os, second, "approve");
        Assert.Equal("failed", outcome.Status());
        Assert.Contains("could not show", outcome.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(os.Sandbox.Requests("/notifications"));
    }

    [Fact]
    public async Task An_action_without_when_behind_an_approval_is_bound_to_what_was_shown()
    {
        await using var os = await apps.StartAsync();
        await DeployAsync(os, AskA + """
  - id: notify
    act: {call: desk.notify, with: {to: steps.a.by}}

""");
        var waiting = await os.SendAsync("two-steps", "Please pay.");
        var outcome = await AnswerAsync(os, waiting, "approve");
        Assert.Equal("failed", outcome.Status());
        Assert.Contains("approval", outcome.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Empty(os.Sandbox.Requests("/notifications"));
    }

    static async Task DeployAsync(LocalOs os, string steps)
    {
        var deployed = await os.DeployAsync("two-steps", UndoTests.App("key", steps));
        Assert.True(deployed.Status() == "completed", deployed.GetRawText());
    }

    /// <summary>Answers what the run waits for, and returns it when it has ended or waits for somebody else.</summary>
    static async Task<JsonElement> AnswerAsync(LocalOs os, JsonElement waiting, string decision)
    {
        var asked = waiting.Approval();
        using var answered = await os.Http.PostAsJsonAsync($"api/approvals/{asked}", new { decision });
        Assert.True(answered.IsSuccessStatusCode, await answered.Content.ReadAsStringAsync());
        return await os.RunAsync(waiting.RunId(), run => run.Status() is not ("running" or "waiting") || (run.Status() == "waiting" && run.Approval() != asked));
    }
}
