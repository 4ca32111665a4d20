namespace AiOs.Local.Durable.Activities;

/// <summary>An activity to be run: whose it is, its number there, what it is and its input.</summary>
sealed record ActivityWork(long Key, string InstanceId, int TaskId, string Name, string Version, string? Input);
