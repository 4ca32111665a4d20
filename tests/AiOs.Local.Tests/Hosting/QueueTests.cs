using System.Globalization;
using AiOs.DataPlane.Queues;
using AiOs.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Local.Tests.Hosting;

public sealed class QueueTests
{
    static readonly TimeSpan step = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task A_message_is_bound_as_the_parameter_says_and_gone_when_the_function_has_ended()
    {
        await using var host = await TestHost.StartAsync();

        await host.Queue.SendAsync("work", """{"name":"a","size":3}""", null, default);
        await host.Queue.SendAsync("texts", "plain", null, default);
        await host.Queue.SendAsync("bytes", "raw", null, default);
        await host.Queue.SendAsync("binaries", "data", null, default);
        await host.Queue.SendAsync("to-send", "hi", null, default);
        await host.AdvanceUntilAsync(Task.WhenAll(
            host.Recorder.WaitAsync("end a"), host.Recorder.WaitAsync("text plain"), host.Recorder.WaitAsync("bytes raw"), host.Recorder.WaitAsync("binary data"),
            EmptyAsync(host, "work"), EmptyAsync(host, "texts"), EmptyAsync(host, "to-send")), step);

        Assert.Equal("hi!", Assert.Single(await host.Queue.PeekAsync("sent", 9, default)).Body);
    }

    [Fact]
    public async Task A_failed_message_comes_back_after_the_visibility_timeout_with_its_count()
    {
        await using var host = await TestHost.StartAsync();
        var failures = 0;
        host.Recorder.OnJob = (_, _) => failures++ == 0 ? throw new InvalidOperationException("not yet") : Task.CompletedTask;

        await host.Queue.SendAsync("work", """{"name":"a"}""", null, default);
        await host.AdvanceUntilAsync(host.Recorder.WaitAsync("end a"), step);
        await EmptyAsync(host, "work");

        var begins = host.Recorder.Notes.Where(n => n.StartsWith("begin", StringComparison.Ordinal)).Select(n => n.Split(' ')).ToList();
        Assert.Equal(["1", "2"], begins.Select(b => b[2]));
        Assert.True(TimeOnly.Parse(begins[1][3], CultureInfo.InvariantCulture) - TimeOnly.Parse(begins[0][3], CultureInfo.InvariantCulture) >= TimeSpan.FromSeconds(30));
        Assert.Equal(0, await host.Queue.CountAsync("work-poison", default));
    }

    [Fact]
    public async Task A_message_that_fails_too_often_ends_in_the_poison_queue_with_the_reason()
    {
        await using var host = await TestHost.StartAsync();
        host.Recorder.OnJob = (_, _) => throw new InvalidOperationException("never");

        await host.Queue.SendAsync("work", """{"name":"a"}""", null, default);
        await host.AdvanceUntilAsync(EmptyAsync(host, "work"), step);

        Assert.Equal(3, host.Recorder.Notes.Count(n => n.StartsWith("begin", StringComparison.Ordinal)));
        var poisoned = Assert.Single(await host.Queue.PeekAsync("work-poison", 9, default));
        Assert.Equal("""{"name":"a"}""", poisoned.Body);
        var reason = Assert.Single(await host.Host.PoisonAsync("work-poison"));
        Assert.Equal((poisoned.Id, "work", 3L, "System.InvalidOperationException: never"), (reason.MessageId, reason.Function, reason.Deliveries, reason.Reason));
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_as_the_parameter_is_poison_too()
    {
        await using var host = await TestHost.StartAsync();

        await host.Queue.SendAsync("work", "no json", null, default);
        await host.AdvanceUntilAsync(EmptyAsync(host, "work"), step);

        Assert.Equal("no json", Assert.Single(await host.Queue.PeekAsync("work-poison", 9, default)).Body);
        Assert.Contains("'job' cannot be read as Job", Assert.Single(await host.Host.PoisonAsync("work-poison")).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_stays_hidden_as_long_as_its_function_runs()
    {
        // No other timer has this period.
        var renewedEvery = TimeSpan.FromMilliseconds(9_973);
        await using var host = await TestHost.StartAsync(
            worker => worker.Services.AddSingleton<IQueue>(s => new WatchedQueue(s.GetRequiredService<DatabaseQueue>(), s.GetRequiredService<Recorder>())),
            lease: 3 * renewedEvery);
        var release = new TaskCompletionSource();
        host.Recorder.OnJob = (_, _) => release.Task;

        await host.Queue.SendAsync("work", """{"name":"a"}""", null, default);
        await host.AdvanceUntilAsync(host.Recorder.WaitAsync("begin a"), TimeSpan.FromMilliseconds(100));
        for (var i = 1; i <= 20; i++)
        {
            host.Time.Advance(renewedEvery);
            await host.Recorder.WaitAsync("renewed", i);
            await host.Time.TimerAsync(renewedEvery);
            Assert.Empty(await host.Queue.PeekAsync("work", 9, default));
        }
        release.SetResult();
        await host.AdvanceUntilAsync(EmptyAsync(host, "work"), step);

        Assert.Single(host.Recorder.Notes, n => n.StartsWith("begin", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_more_than_a_batch_and_the_threshold_are_in_work_at_once()
    {
        await using var host = await TestHost.StartAsync(
            hostJson: """{"extensions":{"queues":{"batchSize":2,"newBatchThreshold":1}}}""");
        var gate = new Lock();
        var (now, most) = (0, 0);
        var (two, release) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource());
        host.Recorder.OnJob = async (_, _) =>
        {
            lock (gate) most = Math.Max(most, ++now);
            if (most >= 2) two.TrySetResult();
            await release.Task;
            lock (gate) now--;
        };

        for (var i = 0; i < 12; i++)
            await host.Queue.SendAsync("work", $$"""{"name":"j{{i}}"}""", null, default);
        await two.Task.WaitAsync(TimeSpan.FromMinutes(2), TimeProvider.System, CancellationToken.None);
        release.SetResult();
        await host.AdvanceUntilAsync(EmptyAsync(host, "work"), step);

        Assert.Equal(12, host.Recorder.Notes.Count(n => n.StartsWith("end", StringComparison.Ordinal)));
        Assert.InRange(most, 2, 3);
    }

    [Fact]
    public async Task At_shutdown_work_in_flight_may_end()
    {
        var directory = Directory.CreateTempSubdirectory("aios-test-");
        var (time, recorder) = (new ManualTimeProvider(), new Recorder());
        await using (var host = await TestHost.StartAsync(time: time, directory: directory.FullName, recorder: recorder))
        {
            var release = new TaskCompletionSource();
            recorder.OnJob = (_, _) => release.Task;
            await host.Queue.SendAsync("work", """{"name":"a"}""", null, default);
            await recorder.WaitAsync("begin a");

            var stop = host.Host.StopAsync();
            release.SetResult();
            await stop;

            Assert.Contains("end a", recorder.Notes);
            Assert.Equal(0, await host.Queue.CountAsync("work", default));
        }
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task At_shutdown_work_that_does_not_end_is_cancelled_and_given_back()
    {
        var directory = Directory.CreateTempSubdirectory("aios-test-");
        var (time, recorder) = (new ManualTimeProvider(), new Recorder());
        var cancelled = new TaskCompletionSource();
        await using (var host = await TestHost.StartAsync(time: time, directory: directory.FullName, recorder: recorder))
        {
            recorder.OnJob = async (_, token) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token).ContinueWith(_ => { }, TaskScheduler.Default);
                cancelled.SetResult();
                token.ThrowIfCancellationRequested();
            };
            await host.Queue.SendAsync("work", """{"name":"a"}""", null, default);
            await recorder.WaitAsync("begin a");

            await host.AdvanceUntilAsync(host.Host.StopAsync(), step);
            await cancelled.Task;

            Assert.Single(await host.Queue.PeekAsync("work", 9, default));
        }
        recorder.OnJob = (_, _) => Task.CompletedTask;
        await using (var again = await TestHost.StartAsync(time: time, directory: directory.FullName, recorder: recorder))
        {
            await recorder.WaitAsync("end a");
            await again.AdvanceUntilAsync(EmptyAsync(again, "work"), step);
        }
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_host_that_is_disposed_in_the_middle_gives_its_messages_back_at_once()
    {
        var directory = Directory.CreateTempSubdirectory("aios-test-");
        var (time, recorder) = (new ManualTimeProvider(), new Recorder());
        await using (var host = await TestHost.StartAsync(time: time, directory: directory.FullName, recorder: recorder))
        {
            recorder.OnJob = (_, token) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
            await host.Queue.SendAsync("work", """{"name":"a"}""", null, default);
            await recorder.WaitAsync("begin a");
        }
        recorder.OnJob = (_, _) => Task.CompletedTask;
        await using (await TestHost.StartAsync(time: time, directory: directory.FullName, recorder: recorder))
            await recorder.WaitAsync("end a");
        directory.Delete(recursive: true);
    }

    /// <summary>A queue from elsewhere: it cannot say when it has something, so it is polled.</summary>
    sealed class WatchedQueue(IQueue inner, Recorder recorder) : IQueue
    {
        public Task<string> SendAsync(string queue, string body, TimeSpan? delay, CancellationToken cancellationToken) => inner.SendAsync(queue, body, delay, cancellationToken);

        public Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancellationToken) =>
            inner.ReceiveAsync(queue, max, visibility, cancellationToken);

        public async Task<string?> RenewAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellationToken)
        {
            var receipt = await inner.RenewAsync(message, visibility, cancellationToken);
            recorder.Note("renewed");
            return receipt;
        }

        public Task<bool> DeleteAsync(QueueMessage message, CancellationToken cancellationToken) => inner.DeleteAsync(message, cancellationToken);

        public Task<IReadOnlyList<QueueMessage>> PeekAsync(string queue, int max, CancellationToken cancellationToken) => inner.PeekAsync(queue, max, cancellationToken);

        public Task<long> CountAsync(string queue, CancellationToken cancellationToken) => inner.CountAsync(queue, cancellationToken);
    }

    static async Task EmptyAsync(TestHost host, string queue)
    {
        while (await host.Queue.CountAsync(queue, default) > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, CancellationToken.None);
    }
}
