namespace AiOs.Agents.Intent;

/// <summary>A set of intents cannot be trained, whoever tries and how often; the message says why, in words for its author.</summary>
public sealed class UntrainableException(string message) : Exception(message);
