using AiOs.Local.Hosting.Discovery;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Primitives;

namespace AiOs.Local.Hosting.Http;

/// <summary>The routes of the HTTP functions, for ASP.NET Core's matcher.</summary>
sealed class FunctionEndpoints(IEnumerable<HostedFunction> functions, string prefix, HttpExecution execution) : EndpointDataSource
{
    static readonly string[] reserved = ["admin", "runtime"];

    public override IReadOnlyList<Endpoint> Endpoints { get; } = [.. functions.Where(f => f.Trigger is HttpTrigger).Select(f => Map(f, (HttpTrigger)f.Trigger, prefix, execution))];

    public override IChangeToken GetChangeToken() => NullChangeToken.Singleton;

    static Endpoint Map(HostedFunction function, HttpTrigger trigger, string prefix, HttpExecution execution)
    {
        var route = prefix.Length == 0 ? trigger.Route : $"{prefix}/{trigger.Route}";
        if (reserved.Contains(route.Split('/')[0], StringComparer.OrdinalIgnoreCase))
            throw new InvalidOperationException($"The route '{route}' of {function.Name} begins with a word that the Functions host keeps for itself.");
        try
        {
            var endpoint = new RouteEndpointBuilder(context => execution.RunAsync(context, function), RoutePatternFactory.Parse(route), order: 0) { DisplayName = function.Name };
            endpoint.Metadata.Add(new FunctionMethods(trigger.Methods));
            return endpoint.Build();
        }
        catch (RoutePatternException malformed)
        {
            throw new InvalidOperationException($"The route '{route}' of {function.Name} is malformed: {malformed.Message}", malformed);
        }
    }
}

/// <summary>The methods that a function takes; empty for all.</summary>
sealed record FunctionMethods(IReadOnlyList<string> Methods)
{
    public bool Take(string method) => Methods.Count == 0 || Methods.Contains(method, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A function that does not take the method does not match, so that a wrong method is 404: what the Functions host answers, where ASP.NET Core would say 405.</summary>
sealed class FunctionMethodPolicy : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => -1000;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => endpoints.Any(e => e.Metadata.GetMetadata<FunctionMethods>() is not null);

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
            if (candidates.IsValidCandidate(i) && candidates[i].Endpoint.Metadata.GetMetadata<FunctionMethods>()?.Take(httpContext.Request.Method) == false)
                candidates.SetValidity(i, value: false);
        return Task.CompletedTask;
    }
}
