using AiOs.Serving.Gateway;
using AiOs.Serving.Routing;
using AiOs.Serving.Wire;
using Polly;

namespace AiOs.Serving.Pipelines;

/// <summary>One call at one deployment: all its attempts.</summary>
/// <param name="Call">The call that they belong to.</param>
/// <param name="Deployment">Who is asked.</param>
/// <param name="Request">What is asked.</param>
/// <param name="Stream">Whether the answer comes in pieces.</param>
/// <param name="IsLast">Whether nobody is left to be asked instead.</param>
sealed record Attempts(Call Call, Deployment Deployment, WireRequest Request, bool Stream, bool IsLast)
{
    /// <summary>Under which steps of a pipeline find it.</summary>
    public static ResiliencePropertyKey<Attempts> Key { get; } = new("aios.attempts");
}
