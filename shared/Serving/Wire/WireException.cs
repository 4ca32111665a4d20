namespace AiOs.Serving.Wire;

/// <summary>A request that does not have the protocol's form.</summary>
/// <param name="param">The field, by its path.</param>
/// <param name="message">What is wrong with it and what to send instead; nothing of its value.</param>
public sealed class WireException(string param, string message) : Exception($"{param}: {message}")
{
    /// <summary>The field.</summary>
    public string Param => param;
}
