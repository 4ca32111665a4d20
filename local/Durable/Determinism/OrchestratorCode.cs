using System.Reflection;
using Microsoft.DurableTask;

namespace AiOs.Local.Durable.Determinism;

/// <summary>An orchestrator that runs a method of somebody else's.</summary>
interface IRunsMethod
{
    /// <summary>That method.</summary>
    MethodBase Method { get; }
}

/// <summary>Finds the code that somebody wrote as an orchestrator.</summary>
static class OrchestratorCode
{
    const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    static readonly Assembly api = typeof(ITaskOrchestrator).Assembly;

    /// <summary>The methods that the engine enters when it runs <paramref name="orchestrator"/>.</summary>
    public static IEnumerable<MethodBase> Of(ITaskOrchestrator orchestrator)
    {
        if (orchestrator is IRunsMethod { Method: var method })
            return [method];
        var type = orchestrator.GetType();
        return type.Assembly == api
            ? DelegatesIn(orchestrator).Select(MethodBase (code) => code.Method)
            : type.GetMethods(Declared).Where(m => m.DeclaringType?.Assembly == type.Assembly && m.GetParameters() is [{ ParameterType: var first }, ..] && first == typeof(TaskOrchestrationContext));
    }

    // A function is wrapped by the registry, once or several times: what is inside is not the registry's.
    static IEnumerable<Delegate> DelegatesIn(object wrapper) => wrapper.GetType().GetFields(Declared)
        .Select(field => field.GetValue(wrapper)).OfType<Delegate>()
        .SelectMany(code => code.Method.Module.Assembly == api && code.Target is { } inner ? DelegatesIn(inner) : [code]);
}
