namespace AiOs.Local.Durable;

/// <summary>An instance of that id is there and must not be replaced.</summary>
public sealed class OrchestrationAlreadyExistsException(string message) : InvalidOperationException(message);
