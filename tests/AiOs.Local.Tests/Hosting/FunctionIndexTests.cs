using System.Reflection;
using System.Reflection.Emit;
using AiOs.Local.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;

namespace AiOs.Local.Tests.Hosting;

public sealed class FunctionIndexTests
{
    [Fact]
    public async Task Functions_that_cannot_be_hosted_are_all_named_with_the_reason()
    {
        var app = new EmittedApp()
            .Add("twin", (typeof(HttpRequest), Trigger<HttpTriggerAttribute>()))
            .Add("TWIN", (typeof(HttpRequest), Trigger<HttpTriggerAttribute>()))
            .Add("idle", (typeof(string), null))
            .Add("double", (typeof(string), Trigger<QueueTriggerAttribute>("a")), (typeof(string), Trigger<QueueTriggerAttribute>("b")))
            .Add("context", (typeof(HttpRequest), Trigger<HttpTriggerAttribute>()), (typeof(HttpContext), null))
            .Add("setting", (typeof(string), Trigger<QueueTriggerAttribute>("%MISSING%")))
            .Add("stubborn", new CustomAttributeBuilder(typeof(FixedDelayRetryAttribute).GetConstructors()[0], [3, "00:00:01"]), (typeof(string), Trigger<QueueTriggerAttribute>("a")));

        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => EmbeddedHost.StartAsync(new()
        {
            Assemblies = [app.Build()],
            Configuration = new ConfigurationBuilder().Build(),
        }));

        var problems = refused.Message.Split('\n')[1..];
        Assert.Equal(6, problems.Length);
        Assert.Contains(problems, p => p.StartsWith("twin: two functions", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(problems, p => p.StartsWith("idle", StringComparison.Ordinal) && p.Contains("has none", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("double", StringComparison.Ordinal) && p.Contains("has several", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("context", StringComparison.Ordinal) && p.Contains("take HttpRequest", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("setting", StringComparison.Ordinal) && p.Contains("'MISSING'", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("stubborn", StringComparison.Ordinal) && p.Contains("queueTrigger", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"extensions":{"queues":{"batchSize":99}}}""", "extensions: queues: batchSize must be a number from 1 to 32")]
    [InlineData("""{"functionTimeout":"soon"}""", "functionTimeout must be a time span")]
    [InlineData("""{"extensions":{"http":{"routePrefix":7}}}""", "routePrefix must be a text")]
    [InlineData("""{"extensions":""", "host.json is not JSON")]
    public async Task A_wrong_host_json_is_refused_with_the_member_that_is_wrong(string hostJson, string reason)
    {
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => TestHost.StartAsync(hostJson: hostJson));

        Assert.Contains(reason, refused.Message, StringComparison.Ordinal);
    }

    static CustomAttributeBuilder Trigger<T>(params object[] arguments) where T : Attribute =>
        new(typeof(T).GetConstructor([.. arguments.Select(a => a.GetType())])!, arguments);

    /// <summary>An assembly with static functions that do nothing.</summary>
    sealed class EmittedApp
    {
        static readonly ConstructorInfo function = typeof(FunctionAttribute).GetConstructors()[0];
        readonly TypeBuilder type = AssemblyBuilder.DefineDynamicAssembly(new("Emitted"), AssemblyBuilderAccess.Run).DefineDynamicModule("Emitted")
            .DefineType("Emitted.Functions", TypeAttributes.Public | TypeAttributes.Class);

        public EmittedApp Add(string name, params (Type Type, CustomAttributeBuilder? Attribute)[] parameters) => Add(name, also: null, parameters);

        public EmittedApp Add(string name, CustomAttributeBuilder? also, params (Type Type, CustomAttributeBuilder? Attribute)[] parameters)
        {
            var method = type.DefineMethod(name, MethodAttributes.Public | MethodAttributes.Static, typeof(void), [.. parameters.Select(p => p.Type)]);
            method.GetILGenerator().Emit(OpCodes.Ret);
            method.SetCustomAttribute(new(function, [name]));
            if (also is not null)
                method.SetCustomAttribute(also);
            for (var i = 0; i < parameters.Length; i++)
            {
                var parameter = method.DefineParameter(i + 1, ParameterAttributes.None, $"p{(char)('a' + i)}");
                if (parameters[i].Attribute is { } attribute)
                    parameter.SetCustomAttribute(attribute);
            }
            return this;
        }

        public Assembly Build() => type.CreateType().Assembly;
    }
}
