using System.Reflection;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Azure.Functions.Worker.Http;

namespace AiOs.Local.Hosting.Discovery;

/// <summary>Finds the functions of assemblies by their attributes.</summary>
static class FunctionIndex
{
    /// <summary>Every method with <see cref="FunctionAttribute"/>, by name.</summary>
    /// <exception cref="InvalidOperationException">Some cannot be hosted; the message lists all of them with the reason.</exception>
    public static IReadOnlyList<HostedFunction> Read(IEnumerable<Assembly> assemblies, Settings settings)
    {
        var functions = new Dictionary<string, HostedFunction>(StringComparer.OrdinalIgnoreCase);
        var problems = new List<string>();
        foreach (var method in assemblies.Distinct().SelectMany(a => a.GetTypes()).SelectMany(Methods).OrderBy(m => $"{m.DeclaringType}.{m.Name}", StringComparer.Ordinal))
        {
            var name = method.GetCustomAttribute<FunctionAttribute>()!.Name;
            try
            {
                if (!functions.TryAdd(name, Read(name, method, settings)))
                    problems.Add($"{name}: two functions have this name.");
            }
            catch (Exception refused) when (refused is InvalidOperationException or ArgumentException)
            {
                problems.Add($"{name} ({method.DeclaringType}.{method.Name}): {refused.Message}");
            }
        }
        return problems.Count == 0
            ? [.. functions.Values.OrderBy(f => f.Name, StringComparer.Ordinal)]
            : throw new InvalidOperationException("Functions that cannot be hosted:\n" + string.Join('\n', problems));
    }

    static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
            .Where(m => m.IsDefined(typeof(FunctionAttribute)));

    static HostedFunction Read(string name, MethodInfo method, Settings settings)
    {
        Require(method is { IsPublic: true, IsGenericMethodDefinition: false } && method.DeclaringType!.IsVisible, "the method and its class must be public and not generic.");
        Require(method.IsStatic || !method.DeclaringType!.IsAbstract, "its class is abstract.");
        var triggers = method.GetParameters().Where(p => p.GetCustomAttributes().OfType<TriggerBindingAttribute>().Any()).ToList();
        Require(triggers.Count == 1, $"a function has one trigger, this one has {(triggers.Count == 0 ? "none" : "several")}.");
        var attribute = triggers[0].GetCustomAttributes().OfType<TriggerBindingAttribute>().First();
        var trigger = TriggerOf(attribute, name, settings);
        var retry = method.GetCustomAttributes().OfType<RetryAttribute>().FirstOrDefault();
        Require(retry is null || Repeats(attribute), $"retries by attribute are not supported for {trigger.Type}; the Functions host refuses them too.");
        Require(method.GetParameters().All(p => p.ParameterType != typeof(HttpContext)), "HttpContext is not bound by Functions; take HttpRequest and its HttpContext.");
        Require(trigger is not OrchestrationTrigger || Outputs(method, trigger, settings).All(o => o.Type == "http"), "an orchestrator has no output bindings.");
        return new(name, method, trigger, triggers[0].Name!, retry,
            [new(triggers[0].Name!, trigger.Type, BindingDirection.In), .. Inputs(method), .. Outputs(method, trigger, settings)]);
    }

    static Trigger TriggerOf(TriggerBindingAttribute attribute, string function, Settings settings) => attribute switch
    {
        HttpTriggerAttribute http => new HttpTrigger((http.Route ?? function).TrimStart('/'), [.. (http.Methods ?? []).Select(m => m.ToUpperInvariant())]),
        QueueTriggerAttribute queue => new QueueTrigger(settings.Resolve(queue.QueueName).ToLowerInvariant()),
        TimerTriggerAttribute timer => new TimerTrigger(settings.Resolve(timer.Schedule), timer.UseMonitor, timer.RunOnStartup),
        OrchestrationTriggerAttribute orchestration => new OrchestrationTrigger(orchestration.Orchestration ?? function),
        ActivityTriggerAttribute activity => new ActivityTrigger(activity.Activity ?? function),
        EntityTriggerAttribute entity => new EntityTrigger(entity.EntityName ?? function),
        _ => throw new InvalidOperationException($"the embedded host does not know the trigger {attribute.GetType().Name}."),
    };

    static IEnumerable<Binding> Inputs(MethodInfo method) =>
        from parameter in method.GetParameters()
        from attribute in parameter.GetCustomAttributes().OfType<InputBindingAttribute>()
        select attribute is DurableClientAttribute
            ? new Binding(parameter.Name!, "durableClient", BindingDirection.In)
            : throw new InvalidOperationException($"the embedded host does not know the input {attribute.GetType().Name}.");

    static IEnumerable<Binding> Outputs(MethodInfo method, Trigger trigger, Settings settings)
    {
        var own = method.GetCustomAttributes().OfType<OutputBindingAttribute>().Select(a => Output(Binding.Return, a, settings)).ToList();
        var result = method.ReturnType.IsGenericType ? method.ReturnType.GetGenericArguments()[0] : method.ReturnType;
        var inside = result.GetProperties().Select(p => (Property: p, Attribute: p.GetCustomAttributes().OfType<OutputBindingAttribute>().FirstOrDefault()))
            .Where(p => p.Attribute is not null || p.Property.PropertyType == typeof(HttpResponseData))
            .Select(p => p.Attribute is null ? new Binding(p.Property.Name, "http", BindingDirection.Out) : Output(p.Property.Name, p.Attribute, settings)).ToList();
        Require(own.Count == 0 || inside.Count == 0, "an output on the method excludes outputs on the properties of what it returns.");
        Require(own.Count < 2, "a method has one output; put several on the properties of what it returns.");
        var returns = trigger is HttpTrigger && own.Count + inside.Count == 0 && result != typeof(void) && result != typeof(Task) && result != typeof(ValueTask);
        return returns ? [new(Binding.Return, "http", BindingDirection.Out)] : [.. own, .. inside];
    }

    static Binding Output(string name, OutputBindingAttribute attribute, Settings settings) => attribute switch
    {
        QueueOutputAttribute queue => new(name, "queue", BindingDirection.Out, settings.Resolve(queue.QueueName).ToLowerInvariant()),
        HttpResultAttribute => new(name, "http", BindingDirection.Out),
        _ => throw new InvalidOperationException($"the embedded host does not know the output {attribute.GetType().Name}."),
    };

    static bool Repeats(TriggerBindingAttribute trigger) =>
        trigger.GetType().GetCustomAttribute<BindingCapabilitiesAttribute>()?.Capabilities.Contains(KnownBindingCapabilities.FunctionLevelRetry, StringComparer.Ordinal) == true;

    static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }
}
