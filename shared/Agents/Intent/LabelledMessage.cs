namespace AiOs.Agents.Intent;

/// <summary>A message and the intent that people gave it; null where it is none of the intents.</summary>
public sealed record LabelledMessage(string Text, string? Intent);
