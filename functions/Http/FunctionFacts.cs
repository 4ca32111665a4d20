using System.Collections.Concurrent;
using System.Reflection;
using AiOs.Security;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Functions.Http;

/// <summary>What a function declares about itself: its permission and its methods, read once from its attributes.</summary>
sealed record FunctionFacts(Permission? Permission, IReadOnlyList<string> Methods, bool Anonymous)
{
    static readonly ConcurrentDictionary<string, FunctionFacts> Known = new(StringComparer.Ordinal);

    /// <summary>The facts of the function that <paramref name="definition"/> names; a function that declares nothing is reachable by nobody.</summary>
    public static FunctionFacts Of(FunctionDefinition definition) => Known.GetOrAdd(definition.EntryPoint, Read);

    static FunctionFacts Read(string entryPoint)
    {
        var dot = entryPoint.LastIndexOf('.');
        var method = typeof(FunctionFacts).Assembly.GetType(entryPoint[..dot])?.GetMethod(entryPoint[(dot + 1)..]);
        return method is null
            ? new(null, [], Anonymous: false)
            : new(method.GetCustomAttribute<RequiresPermissionAttribute>()?.Permission,
                method.GetCustomAttribute<MethodsAttribute>()?.Allowed ?? [],
                method.IsDefined(typeof(AllowAnonymousCallersAttribute)));
    }
}
