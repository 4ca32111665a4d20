using System.Collections.Frozen;
using AiOs.Serving.Backends;

namespace AiOs.Serving.Routing;

/// <summary>The models of this installation by their logical names (<c>answer</c>). They change as a whole: a call keeps the deployments that it began with.</summary>
sealed class ModelList
{
    readonly BackendFactory backends;
    readonly TimeProvider clock;
    volatile FrozenDictionary<string, ModelRoute> routes = FrozenDictionary<string, ModelRoute>.Empty;

    public ModelList(IReadOnlyList<RouteSettings> settings, BackendFactory backends, TimeProvider clock)
    {
        (this.backends, this.clock) = (backends, clock);
        Use(settings);
    }

    /// <summary>All of them, by name.</summary>
    public IEnumerable<ModelRoute> All => routes.Values.OrderBy(route => route.Name, StringComparer.Ordinal);

    /// <summary>The model, or null where the operator has configured none of that name.</summary>
    public ModelRoute? Find(string name) => routes.GetValueOrDefault(name);

    /// <summary>Takes other models from now on. A deployment whose settings are the same stays as it is: its places, its breaker.</summary>
    public void Use(IReadOnlyList<RouteSettings> settings)
    {
        var known = routes.Values.SelectMany(route => route.Deployments.Select(deployment => (route.Name, route.Settings.MaxTokens, Deployment: deployment))).ToList();
        routes = settings.ToFrozenDictionary(route => route.Name, route => new ModelRoute(route, [.. route.Deployments.Select(deployment =>
            known.Find(k => k.Name == route.Name && k.MaxTokens == route.MaxTokens && k.Deployment.Settings == deployment).Deployment
            ?? new Deployment(deployment, route.MaxTokens, backends.For(deployment), clock))]), StringComparer.Ordinal);
    }
}
