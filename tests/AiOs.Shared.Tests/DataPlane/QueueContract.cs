using AiOs.DataPlane;
using AiOs.DataPlane.Queues;

namespace AiOs.Tests.DataPlane;

/// <summary>What every queue promises.</summary>
public abstract class QueueContract
{
    static readonly TimeSpan HalfAMinute = TimeSpan.FromSeconds(30);
    readonly ManualTimeProvider time = new();

    protected abstract Task<TestDatabase> OpenAsync(MigrationSet migrations);

    async Task<(TestDatabase Test, DatabaseQueue Queue)> OpenAsync()
    {
        var test = await OpenAsync(QueueTables.Migrations);
        return (test, new DatabaseQueue(test.Database, time));
    }

    [Fact]
    public async Task A_received_message_hides_and_comes_back_until_it_is_deleted()
    {
        var (test, queue) = await OpenAsync();
        await using var _ = test;
        var id = await queue.SendAsync("jobs", "päyload", delay: null, CancellationToken.None);
        await queue.SendAsync("others", "elsewhere", delay: null, CancellationToken.None);

        var first = Assert.Single(await queue.ReceiveAsync("jobs", 10, HalfAMinute, CancellationToken.None));
        Assert.Equal((id, "päyload", 1L, time.GetUtcNow() + HalfAMinute), (first.Id, first.Body, first.DequeueCount, first.NextVisibleAt));
        Assert.Empty(await queue.ReceiveAsync("jobs", 10, HalfAMinute, CancellationToken.None));
        Assert.Equal(1, await queue.CountAsync("jobs", CancellationToken.None));

        time.Advance(HalfAMinute);
        var second = Assert.Single(await queue.ReceiveAsync("jobs", 10, HalfAMinute, CancellationToken.None));
        Assert.Equal((id, 2L), (second.Id, second.DequeueCount));
        Assert.False(await queue.DeleteAsync(first, CancellationToken.None));
        Assert.True(await queue.DeleteAsync(second, CancellationToken.None));
        Assert.False(await queue.DeleteAsync(second, CancellationToken.None));
        Assert.Equal(0, await queue.CountAsync("jobs", CancellationToken.None));
    }

    [Fact]
    public async Task Messages_come_in_the_order_in_which_they_became_visible()
    {
        var (test, queue) = await OpenAsync();
        await using var _ = test;
        await queue.SendAsync("jobs", "late", TimeSpan.FromSeconds(60), CancellationToken.None);
        await queue.SendAsync("jobs", "soon", TimeSpan.FromSeconds(5), CancellationToken.None);
        await queue.SendAsync("jobs", "one", delay: null, CancellationToken.None);
        await queue.SendAsync("jobs", "two", delay: null, CancellationToken.None);

        Assert.Equal(["one"], (await queue.ReceiveAsync("jobs", 1, HalfAMinute, CancellationToken.None)).Select(m => m.Body));
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["two", "soon"], (await queue.PeekAsync("jobs", 10, CancellationToken.None)).Select(m => m.Body));
        time.Advance(TimeSpan.FromSeconds(100));
        var all = await queue.ReceiveAsync("jobs", 10, HalfAMinute, CancellationToken.None);
        Assert.Equal([("two", 1L), ("soon", 1L), ("one", 2L), ("late", 1L)], all.Select(m => (m.Body, m.DequeueCount)));
    }

    [Fact]
    public async Task A_renewed_message_stays_hidden_and_only_the_newest_receipt_counts()
    {
        var (test, queue) = await OpenAsync();
        await using var _ = test;
        await queue.SendAsync("jobs", "long work", delay: null, CancellationToken.None);
        var message = Assert.Single(await queue.ReceiveAsync("jobs", 1, HalfAMinute, CancellationToken.None));
        time.Advance(TimeSpan.FromSeconds(20));
        var receipt = await queue.RenewAsync(message, HalfAMinute, CancellationToken.None);
        Assert.NotNull(receipt);
        time.Advance(TimeSpan.FromSeconds(20));
        Assert.Empty(await queue.ReceiveAsync("jobs", 1, HalfAMinute, CancellationToken.None));
        Assert.Null(await queue.RenewAsync(message, HalfAMinute, CancellationToken.None));
        Assert.False(await queue.DeleteAsync(message, CancellationToken.None));

        Assert.NotNull(await queue.RenewAsync(message with { PopReceipt = receipt }, TimeSpan.Zero, CancellationToken.None));
        Assert.Equal(2, Assert.Single(await queue.ReceiveAsync("jobs", 1, HalfAMinute, CancellationToken.None)).DequeueCount);
    }

    [Fact]
    public async Task A_peeked_message_is_neither_hidden_nor_counted_nor_can_it_be_deleted()
    {
        var (test, queue) = await OpenAsync();
        await using var _ = test;
        await queue.SendAsync("jobs", "look", delay: null, CancellationToken.None);
        var peeked = Assert.Single(await queue.PeekAsync("jobs", 5, CancellationToken.None));
        Assert.Equal((0L, ""), (peeked.DequeueCount, peeked.PopReceipt));
        Assert.False(await queue.DeleteAsync(peeked, CancellationToken.None));
        Assert.Single(await queue.ReceiveAsync("jobs", 5, HalfAMinute, CancellationToken.None));
    }

    [Fact]
    public async Task A_body_may_have_64_KB_of_UTF_8_and_not_a_byte_more()
    {
        var (test, queue) = await OpenAsync();
        await using var _ = test;
        var largest = new string('ä', 32 * 1024);
        await queue.SendAsync("jobs", largest, delay: null, CancellationToken.None);
        Assert.Equal(largest, Assert.Single(await queue.ReceiveAsync("jobs", 1, HalfAMinute, CancellationToken.None)).Body);
        await Assert.ThrowsAsync<ArgumentException>(() => queue.SendAsync("jobs", largest + "x", delay: null, CancellationToken.None));
    }

    [Fact]
    public async Task Many_receivers_never_hold_the_same_message()
    {
        var (test, queue) = await OpenAsync();
        await using var _ = test;
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => queue.SendAsync("jobs", $"job {i}", delay: null, CancellationToken.None)));
        var received = await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            var mine = new List<string>();
            while (await queue.ReceiveAsync("jobs", 4, HalfAMinute, CancellationToken.None) is { Count: > 0 } batch) mine.AddRange(batch.Select(m => m.Body));
            return mine;
        }));
        var left = await queue.ReceiveAsync("jobs", 100, HalfAMinute, CancellationToken.None);   // skipped while another transaction held them
        Assert.Equal(60, received.SelectMany(r => r).Concat(left.Select(m => m.Body)).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(60, received.Sum(r => r.Count) + left.Count);
    }

    [Fact]
    public async Task A_waiting_receiver_wakes_for_a_message_and_for_one_that_comes_back_and_at_the_latest_at_its_time()
    {
        var (test, queue) = await OpenAsync();
        await using var _ = test;
        var waiting = await StartWaitingAsync(queue, TimeSpan.FromMinutes(5));
        await queue.SendAsync("jobs", "hello", delay: null, CancellationToken.None);
        await waiting;
        await queue.WaitAsync("jobs", TimeSpan.FromMinutes(5), CancellationToken.None);   // there is one: at once

        await queue.ReceiveAsync("jobs", 1, HalfAMinute, CancellationToken.None);
        waiting = await StartWaitingAsync(queue, HalfAMinute);
        Assert.False(waiting.IsCompleted);
        time.Advance(HalfAMinute);
        await waiting;

        await queue.ReceiveAsync("jobs", 1, TimeSpan.FromHours(1), CancellationToken.None);
        waiting = await StartWaitingAsync(queue, TimeSpan.FromMinutes(5));
        time.Advance(TimeSpan.FromMinutes(5));
        await waiting;
        Assert.Equal(0, time.Waiting);
    }

    /// <summary>Begins to wait, and returns when it waits for as long.</summary>
    async Task<Task> StartWaitingAsync(DatabaseQueue queue, TimeSpan most)
    {
        var waiting = queue.WaitAsync("jobs", TimeSpan.FromMinutes(5), CancellationToken.None);
        await time.TimerAsync(most);
        return waiting;
    }
}

public sealed class SqliteQueueTests : QueueContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet migrations) => TestDatabase.SqliteAsync(migrations);
}

public sealed class PostgresQueueTests(PostgresServer server) : QueueContract
{
    protected override Task<TestDatabase> OpenAsync(MigrationSet migrations) => TestDatabase.PostgresAsync(server, migrations);
}
