using System.Collections.Frozen;

namespace AiOs.Policies.Cel;

/// <summary>A function that a host adds: its argument types, its result type and a pure body.</summary>
public sealed record CelFunction(string Name, IReadOnlyList<CelType> Parameters, CelType Result, Func<IReadOnlyList<object?>, object?> Body);

/// <summary>What an expression may name: variables with their types, and functions beside the standard ones.</summary>
public sealed class CelEnvironment(IReadOnlyDictionary<string, CelType> variables, params IReadOnlyList<CelFunction> functions)
{
    /// <summary>The variables.</summary>
    public IReadOnlyDictionary<string, CelType> Variables { get; } = variables;

    /// <summary>The added functions by name.</summary>
    public IReadOnlyDictionary<string, CelFunction> Functions { get; } = functions.ToFrozenDictionary(function => function.Name, StringComparer.Ordinal);

    /// <summary>An environment without variables.</summary>
    public static CelEnvironment Empty { get; } = new(new Dictionary<string, CelType>(StringComparer.Ordinal));
}
