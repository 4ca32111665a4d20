using System.Reflection;
using AiOs.Functions;
using AiOs.Functions.Http;
using AiOs.Orchestrations;
using AiOs.Security;
using Microsoft.Azure.Functions.Worker;

namespace AiOs.Tests.Architecture;

/// <summary>What every function must say about itself.</summary>
public sealed class FunctionsTests
{
    static IEnumerable<MethodInfo> All => new[] { typeof(FunctionsApp).Assembly, typeof(RunAppOrchestrator).Assembly }
        .SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => method.IsDefined(typeof(FunctionAttribute)));

    static IEnumerable<(MethodInfo Method, HttpTriggerAttribute Trigger)> Http => All
        .Select(method => (method, Trigger: method.GetParameters().Select(p => p.GetCustomAttribute<HttpTriggerAttribute>()).FirstOrDefault(t => t is not null)))
        .Where(found => found.Trigger is not null).Select(found => (found.method, found.Trigger!));

    [Fact]
    public void Every_HTTP_function_declares_one_permission_or_that_it_serves_anybody()
    {
        foreach (var (method, trigger) in Http)
        {
            Assert.True(method.IsDefined(typeof(RequiresPermissionAttribute)) ^ method.IsDefined(typeof(AllowAnonymousCallersAttribute)), method.Name);
            Assert.Equal(AuthorizationLevel.Anonymous, trigger.AuthLevel);
            Assert.NotEmpty(method.GetCustomAttribute<MethodsAttribute>()!.Allowed);
        }
    }

    [Fact]
    public void Every_route_starts_with_api_or_v1_and_answers_every_method_exactly_once()
    {
        string[] methods = ["get", "head", "post", "put", "patch", "delete", "options"];
        foreach (var route in Http.GroupBy(found => found.Trigger.Route!, StringComparer.Ordinal))
        {
            Assert.Matches("^(api|v1)/", route.Key);
            Assert.Equal(methods.Order(StringComparer.Ordinal), route.SelectMany(found => found.Trigger.Methods!).Order(StringComparer.Ordinal));
            Assert.Single(route.Select(found => string.Join(',', found.Method.GetCustomAttribute<MethodsAttribute>()!.Allowed)).Distinct(StringComparer.Ordinal));
        }
    }

    [Fact]
    public void Function_names_are_unique_and_those_of_their_methods()
    {
        Assert.All(All, method => Assert.Equal(method.Name, method.GetCustomAttribute<FunctionAttribute>()!.Name));
        Assert.Equal(All.Count(), All.Select(method => method.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count());
    }

    [Fact]
    public void Orchestrators_are_static_and_activities_belong_to_public_classes()
    {
        foreach (var method in All)
        {
            if (Has<OrchestrationTriggerAttribute>(method)) Assert.True(method.IsStatic, method.Name);
            if (Has<ActivityTriggerAttribute>(method)) Assert.True(method.DeclaringType!.IsPublic && !method.IsStatic, method.Name);
        }

        static bool Has<T>(MethodInfo method) where T : Attribute => method.GetParameters().Any(p => p.IsDefined(typeof(T)));
    }

    [Fact]
    public void A_durable_client_is_only_ever_a_parameter() => Assert.DoesNotContain(
        new[] { typeof(FunctionsApp).Assembly, typeof(RunAppOrchestrator).Assembly }.SelectMany(assembly => assembly.GetTypes()).SelectMany(type => type.GetConstructors()).SelectMany(constructor => constructor.GetParameters()),
        parameter => parameter.ParameterType == typeof(Microsoft.DurableTask.Client.DurableTaskClient));
}
