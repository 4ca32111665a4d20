using System.Text.Json.Serialization;

namespace AiOs.Local.Durable.Histories;

/// <summary>What reaches an entity, in the order of arrival.</summary>
[JsonDerivedType(typeof(OperationRequested), "operationRequested")]
[JsonDerivedType(typeof(LockRequested), "lockRequested")]
[JsonDerivedType(typeof(LockReleased), "lockReleased")]
abstract record EntityMessage;

/// <summary>The task of an orchestration that waits for an answer.</summary>
/// <param name="Key">The orchestration's key.</param>
/// <param name="InstanceId">Its instance id.</param>
/// <param name="Generation">Its execution.</param>
/// <param name="TaskId">The waiting task.</param>
sealed record Caller(long Key, string InstanceId, int Generation, int TaskId);

/// <summary>An operation; without a caller a signal.</summary>
sealed record OperationRequested(string Operation, string? Input, Caller? Caller) : EntityMessage;

/// <summary>A request for the locks of <paramref name="EntityIds"/>, now at the one of number <paramref name="Position"/>.</summary>
sealed record LockRequested(IReadOnlyList<string> EntityIds, int Position, Caller Caller) : EntityMessage;

/// <summary>The owner gives its lock back.</summary>
sealed record LockReleased(string Owner) : EntityMessage;
