namespace AiOs.DataPlane.Queues;

/// <summary>Named queues with at-least-once delivery: a received message hides for a while and comes back unless it is deleted.
/// A queue exists by being used. What to do with a message that keeps coming back (<see cref="QueueMessage.DequeueCount"/>) is its receiver's business.</summary>
public interface IQueue
{
    /// <summary>Adds a message, durable when the call returns, visible at once or after <paramref name="delay"/>; returns its id.</summary>
    /// <exception cref="ArgumentException">The body is larger than 64 KB in UTF-8, the delay is negative, or the queue has no name.</exception>
    Task<string> SendAsync(string queue, string body, TimeSpan? delay, CancellationToken cancellationToken);

    /// <summary>Takes up to <paramref name="max"/> visible messages, the longest visible first, hides them for <paramref name="visibility"/> and counts the delivery.</summary>
    Task<IReadOnlyList<QueueMessage>> ReceiveAsync(string queue, int max, TimeSpan visibility, CancellationToken cancellationToken);

    /// <summary>Hides a received message for <paramref name="visibility"/> from now (zero gives it back) and returns its new pop receipt,
    /// or null where the message is gone or was received by somebody else since.</summary>
    Task<string?> RenewAsync(QueueMessage message, TimeSpan visibility, CancellationToken cancellationToken);

    /// <summary>Removes a received message; false where its pop receipt is stale.</summary>
    Task<bool> DeleteAsync(QueueMessage message, CancellationToken cancellationToken);

    /// <summary>Up to <paramref name="max"/> visible messages as they are; nothing is hidden or counted, and their pop receipts are empty.</summary>
    Task<IReadOnlyList<QueueMessage>> PeekAsync(string queue, int max, CancellationToken cancellationToken);

    /// <summary>How many messages the queue holds, hidden ones included.</summary>
    Task<long> CountAsync(string queue, CancellationToken cancellationToken);
}

/// <summary>A message as it was received or peeked.</summary>
/// <param name="Queue">The queue's name.</param>
/// <param name="Id">Stays the same for the message's whole life.</param>
/// <param name="PopReceipt">Proof of this delivery; a later delivery or renewal makes it stale.</param>
/// <param name="Body">At most 64 KB of UTF-8.</param>
/// <param name="DequeueCount">How often it has been received, this time included.</param>
/// <param name="InsertedAt">When it was sent.</param>
/// <param name="NextVisibleAt">When it comes back unless it is deleted or renewed.</param>
public sealed record QueueMessage(
    string Queue, string Id, string PopReceipt, string Body, long DequeueCount, DateTimeOffset InsertedAt, DateTimeOffset NextVisibleAt);
