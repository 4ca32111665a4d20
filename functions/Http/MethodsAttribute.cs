namespace AiOs.Functions.Http;

/// <summary>The HTTP methods that the resource behind a function's route has. The Functions host answers a method that no trigger lists with 404;
/// so triggers list all of them and <see cref="HttpGate"/> answers 405 with <c>Allow</c> for those not named here.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class MethodsAttribute(params string[] allowed) : Attribute
{
    /// <summary>Upper-case method names.</summary>
    public IReadOnlyList<string> Allowed { get; } = allowed;
}
