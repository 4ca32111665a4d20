using System.Net;
using AiOs.Testing;

namespace AiOs.Local.Tests.Hosting;

public sealed class TimerTests
{
    /// <summary>Of the function <c>tick</c>.</summary>
    static readonly TimeSpan period = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task A_timer_runs_at_every_occurrence_and_knows_the_last_and_the_next()
    {
        await using var host = await TestHost.StartAsync();

        for (var run = 1; run <= 3; run++)
        {
            await PassAsync(host, period);
            await host.Recorder.WaitAsync("tick", run);
        }

        Assert.Equal(
            ["tick 09:10:00 past=False last=00:00 next=09:20", "tick 09:20:00 past=False last=09:10 next=09:30", "tick 09:30:00 past=False last=09:20 next=09:40"],
            host.Recorder.Notes.Where(n => n.StartsWith("tick", StringComparison.Ordinal)).Take(3));
    }

    [Fact]
    public async Task A_run_that_was_missed_while_the_host_was_down_is_made_up_for_once()
    {
        var directory = Directory.CreateTempSubdirectory("aios-test-");
        var (time, recorder) = (new ManualTimeProvider(), new Recorder());
        await using (var host = await TestHost.StartAsync(time: time, directory: directory.FullName, recorder: recorder))
        {
            await PassAsync(host, period);
            await recorder.WaitAsync("tick");
            await time.TimerAsync(period);   // what ran is stored
        }
        time.Advance(TimeSpan.FromHours(5) + TimeSpan.FromMinutes(1));

        await using (var host = await TestHost.StartAsync(time: time, directory: directory.FullName, recorder: recorder))
        {
            await recorder.WaitAsync("tick", 2);
            await PassAsync(host, TimeSpan.FromMinutes(9));
            await recorder.WaitAsync("tick", 3);
        }

        var ticks = recorder.Notes.Where(n => n.StartsWith("tick", StringComparison.Ordinal)).ToList();
        Assert.Contains("past=True last=09:10", ticks[1], StringComparison.Ordinal);
        Assert.Contains("past=False", ticks[2], StringComparison.Ordinal);
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_function_that_a_setting_disables_rests_while_the_others_run()
    {
        await using var host = await TestHost.StartAsync(disabled: "tick");

        await host.AdvanceUntilAsync(host.Recorder.WaitAsync("stubborn", 4), TimeSpan.FromSeconds(10));

        Assert.DoesNotContain(host.Recorder.Notes, n => n.StartsWith("tick", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_route_of_a_disabled_function_is_not_found()
    {
        await using var host = await TestHost.StartAsync(disabled: "number");

        Assert.Equal(HttpStatusCode.NotFound, (await host.GetAsync("/api/numbers/3")).Status);
        Assert.Equal(HttpStatusCode.OK, (await host.GetAsync("/api/hello/Ada")).Status);
    }

    [Fact]
    public async Task A_timer_can_run_when_the_host_starts()
    {
        await using var host = await TestHost.StartAsync();

        await host.Recorder.WaitAsync("startup True");
    }

    [Fact]
    public async Task A_failing_timer_is_repeated_as_its_attribute_says_and_then_waits_for_its_next_time()
    {
        await using var host = await TestHost.StartAsync();

        foreach (var pause in new[] { TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds((60 * 60) - 20) })
            await PassAsync(host, pause);
        await host.Recorder.WaitAsync("stubborn", 4);

        Assert.Equal(
            ["stubborn 09:30:00 0/2", "stubborn 09:30:10 1/2", "stubborn 09:30:20 2/2", "stubborn 10:30:00 0/2"],
            host.Recorder.Notes.Where(n => n.StartsWith("stubborn", StringComparison.Ordinal)).Take(4));
    }

    /// <summary>Lets a pause pass once somebody waits for as long.</summary>
    static async Task PassAsync(TestHost host, TimeSpan pause)
    {
        await host.Time.TimerAsync(pause);
        host.Time.Advance(pause);
    }
}
