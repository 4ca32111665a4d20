using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AiOs.Sandbox.Control;

/// <summary>The calls under <c>/_</c>: what tests and people use to look at the world and to make it misbehave.</summary>
static class ControlApi
{
    public static void MapControl(this WebApplication app, Desk desk)
    {
        app.MapGet("/_requests", (string? path) => Json(new { requests = desk.Recorder.Requests(path) }));
        app.MapDelete("/_requests", () =>
        {
            desk.Recorder.Clear();
            return Results.NoContent();
        });
        app.MapGet("/_effects", (string? path) =>
        {
            var effects = desk.Recorder.Effects(path);
            return Json(new { count = effects.Count, bySubject = effects.GroupBy(e => e.Subject, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal), effects });
        });
        app.MapGet("/_behaviour", () => Json(new { behaviours = desk.Behaviours.All() }));
        app.MapPost("/_behaviour", (Delegate)OrderAsync);
        app.MapDelete("/_behaviour", () =>
        {
            desk.Behaviours.Clear();
            return Results.NoContent();
        });
        app.MapGet("/_elsewhere", () => Json(new { elsewhere = true }));
        app.MapGet("/_health", () => Json(new { status = "ok" }));

        async Task<IResult> OrderAsync(HttpContext context)
        {
            try
            {
                var order = await JsonSerializer.DeserializeAsync<Behaviour>(context.Request.Body, SandboxServer.Json, context.RequestAborted);
                if (order?.Path is null || !order.Path.StartsWith('/'))
                    return Json(new { detail = "path must start with /" }, 400);
                desk.Behaviours.Add(order);
                return Results.NoContent();
            }
            catch (JsonException e)
            {
                return Json(new { detail = e.Message }, 400);
            }
        }
    }

    static IResult Json(object body, int status = 200) => Results.Json(body, SandboxServer.Json, statusCode: status);
}
