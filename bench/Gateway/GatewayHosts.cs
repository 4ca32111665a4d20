using System.CommandLine;
using AiOs.Functions;
using AiOs.Local.CommandLine;
using AiOs.Local.Hosting;
using AiOs.Orchestrations;
using AiOs.Security;
using AiOs.Serving.Costs;
using AiOs.Telemetry;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Bench.Gateway;

/// <summary>The two processes that <c>bench gateway</c> measures: the instant upstream, and the whole OS in front of it.</summary>
static class GatewayHosts
{
    /// <summary><c>bench gateway-upstream</c>.</summary>
    public static Command Upstream()
    {
        var command = new Command("gateway-upstream", "The instant upstream of bench gateway.") { Hidden = true };
        command.SetAction(async (_, cancellationToken) =>
        {
            await Console.Out.WriteLineAsync(RawServer.Start(cancellationToken).ToString());
            while (await Console.In.ReadLineAsync(cancellationToken) is not null)
            {
            }
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary><c>bench gateway-host</c>: every function of the OS, with authentication, a hard budget, masking, captures, and spans that leave by OTLP for the upstream, which swallows them.</summary>
    public static Command Host()
    {
        var folder = new Option<string>("--folder") { Description = "The data directory.", Required = true };
        var upstream = new Option<string>("--upstream") { Description = "Where the upstream is.", Required = true };
        var command = new Command("gateway-host", "The gateway that bench gateway measures.") { folder, upstream };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) => ServeAsync(parsed.GetValue(folder)!, parsed.GetValue(upstream)!, cancellationToken));
        return command;
    }

    static async Task<int> ServeAsync(string folder, string upstream, CancellationToken cancellationToken)
    {
        var models = Path.Combine(Directory.CreateDirectory(folder).FullName, "models.yaml");
        await File.WriteAllTextAsync(models, $$"""
            models:
              support:
                maxTokens: 1000
                deployments:
                  - {name: first, backend: openai, url: {{upstream}}, model: instant, prices: {input: 2.5, output: 10}, concurrency: 256}
                  - {name: second, role: fallback, backend: openai, url: {{upstream}}, model: instant, prices: {input: 0.15, output: 0.6}, concurrency: 256}
            """, cancellationToken);
        var settings = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["AIOS_MODELS"] = models,
            [TelemetrySetup.EndpointKey] = new Uri(upstream).GetLeftPart(UriPartial.Authority),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        }).Build();
        await using var host = await EmbeddedHost.StartAsync(new EmbeddedHostOptions
        {
            Assemblies = [typeof(FunctionsApp).Assembly, typeof(RunAppOrchestrator).Assembly],
            Configure = (builder, given) =>
            {
                builder.UseAiOs();
                builder.Services.AddAiOs(given);
            },
            Configuration = settings,
            DataDirectory = folder,
            HostJsonPath = Path.Combine(AppContext.BaseDirectory, "host.json"),
        }, cancellationToken);
        await host.Services.GetRequiredService<ClientKeys>().EnsureOwnerAsync(cancellationToken);
        await host.Services.GetRequiredService<BudgetList>().SetAsync(new Budget("bench", BudgetWindow.Month) { Limit = 1_000_000m }, Principal.System.Id, cancellationToken);
        await Console.Out.WriteLineAsync(new Uri(host.BaseAddress, "v1").ToString());
        while (await Console.In.ReadLineAsync(cancellationToken) is not null)
        {
        }
        return ExitCode.Ok;
    }
}
