using System.Text;
using AiOs.Agents.Actions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Actions;

/// <summary>A host that answers whatever the test tells it to.</summary>
public sealed class Parrot : IAsyncDisposable
{
    readonly WebApplication app;

    Parrot(WebApplication app) => this.app = app;

    public string Url => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    /// <summary>What makes a workshop take it for the outside world.</summary>
    public (string, string)[] Settings => [("SANDBOX_URL", Url), (AllowedHosts.Key, new Uri(Url).Authority)];

    /// <param name="answer">Status and body (sent as it is) for a method and the body that came.</param>
    public static async Task<Parrot> StartAsync(Func<string, string, (int Status, byte[] Body)> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var (status, body) = answer(context.Request.Method, await reader.ReadToEndAsync(context.RequestAborted));
            context.Response.StatusCode = status;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
        });
        await app.StartAsync();
        return new(app);
    }

    public static Task<Parrot> StartAsync(int status, string body) => StartAsync((_, _) => (status, Encoding.UTF8.GetBytes(body)));

    public ValueTask DisposeAsync() => app.DisposeAsync();
}
