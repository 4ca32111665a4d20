using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.DurableTask;

namespace AiOs.Local.Durable.Determinism;

/// <summary>A call that no replay would repeat.</summary>
/// <param name="Where">The method whose code has the call.</param>
/// <param name="Call">What it calls.</param>
/// <param name="Instead">What to use instead.</param>
sealed record Offence(string Where, string Call, string Instead);

/// <summary>
/// Reads orchestrators' code before it runs. Code is followed through calls, lambdas, constructors and async methods of the orchestrator's own assembly;
/// not through other assemblies, calls by interface and static initialisers. Each method is read once.
/// </summary>
sealed class DeterminismGuard
{
    readonly ConcurrentDictionary<MethodBase, Offence?> read = [];

    /// <summary>The first call that would not replay; null when there is none.</summary>
    public Offence? Check(ITaskOrchestrator orchestrator)
    {
        foreach (var entry in OrchestratorCode.Of(orchestrator))
            if (read.GetOrAdd(entry, Read) is { } offence)
                return offence;
        return null;
    }

    static Offence? Read(MethodBase entry)
    {
        HashSet<MethodBase> seen = [entry];
        var waiting = new Queue<(MethodBase Method, MethodBase Written)>([(entry, entry)]);
        while (waiting.TryDequeue(out var next))
        {
            if (StateMachine(next.Method) is { } body && seen.Add(body))
                waiting.Enqueue((body, next.Written));
            foreach (var called in CodeReader.MethodsIn(next.Method))
                if (ForbiddenMembers.Instead(called) is { } instead)
                    return new(Name(next.Written), Name(called), instead);
                else if (called.Module.Assembly == entry.Module.Assembly && seen.Add(called))
                    waiting.Enqueue((called, called));
        }
        return null;
    }

    // An async method or iterator only starts its state machine; what was written is in MoveNext.
    static MethodInfo? StateMachine(MethodBase method) => method.GetCustomAttribute<StateMachineAttribute>()?.StateMachineType
        .GetMethod("MoveNext", BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);

    static string Name(MethodBase method)
    {
        var type = method.DeclaringType?.ToString().Replace('+', '.') ?? "";
        return method.IsConstructor ? $"new {type}"
            : method.IsSpecialName && method.Name.StartsWith("get_", StringComparison.Ordinal) ? $"{type}.{method.Name[4..]}"
            : $"{type}.{method.Name}";
    }
}
