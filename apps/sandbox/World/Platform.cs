using System.Globalization;
using AiOs.Sandbox.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace AiOs.Sandbox.World;

/// <summary>A platform team's services, tickets and notifications. A service exists when it is asked for, healthy and at version 7, unless told otherwise.</summary>
sealed class Platform
{
    readonly Dictionary<string, Service> services = new(StringComparer.Ordinal);
    readonly Dictionary<string, Ticket> tickets = new(StringComparer.Ordinal);
    int notifications;

    public void Map(WebApplication app, Desk desk)
    {
        desk.Map(app, "GET", "/services/{name}/health", call => new(200, Find(call)));
        desk.Map(app, "POST", "/services/{name}/restart", call => Set(call, Heal(Find(call) with { Restarts = Find(call).Restarts + 1 })));
        desk.Map(app, "POST", "/services/{name}/rollback", call => Find(call) is { Version: > 1 } service
            ? Set(call, Heal(service with { Version = service.Version - 1 })) : Reply.Refused(409, "There is no earlier version."));
        desk.Map(app, "POST", "/services/{name}/deploy", call => call.Number("version") is > 0 and < int.MaxValue and var version
            ? Set(call, Find(call) with { Version = (int)version }) : Reply.Refused(422, "version must be a positive whole number."));
        desk.Map(app, "POST", "/tickets", call => call.Text("title") is { Length: > 0 } title ? Open(title, call.Text("severity"), call.Text("service")) : Reply.Refused(422, "title is missing."));
        desk.Map(app, "GET", "/tickets/{id}", call => tickets.TryGetValue(call["id"], out var ticket) ? new(200, ticket) : Reply.Refused(404, "There is no such ticket."));
        desk.Map(app, "POST", "/tickets/{id}/close", Close);
        desk.Map(app, "POST", "/notifications", call => call.Text("to") is { Length: > 0 } to && call.Text("text") is { Length: > 0 }
            ? new(202, new { id = Id("ntf_", ++notifications), status = "sent" }, to) : Reply.Refused(422, "to and text are needed."));
        app.MapPut("/_services/{name}", async (string name, HttpContext context) =>
        {
            var service = await context.Request.ReadFromJsonAsync<ServiceOrder>(SandboxServer.Json, context.RequestAborted);
            desk.Alone(() => services[name] = new(name, service?.Status ?? "healthy", service?.Version ?? 7, 0, service?.Sticky == true));
            return Results.NoContent();
        });
    }

    Service Find(Call call) => services.GetValueOrDefault(call["name"]) ?? new(call["name"], "healthy", 7, 0, Sticky: false);

    static Service Heal(Service service) => service.Sticky ? service : service with { Status = "healthy" };

    Reply Set(Call call, Service service)
    {
        services[service.Name] = service;
        return new(200, service, service.Name);
    }

    Reply Open(string title, string? severity, string? service)
    {
        var ticket = new Ticket(Id("INC-", 1001 + tickets.Count), title, severity ?? "low", service, "open");
        tickets.Add(ticket.Id, ticket);
        return new(201, ticket, ticket.Id);
    }

    Reply Close(Call call)
    {
        if (!tickets.TryGetValue(call["id"], out var ticket))
            return Reply.Refused(404, "There is no such ticket.");
        tickets[ticket.Id] = ticket with { Status = "closed" };
        return new(200, tickets[ticket.Id], ticket.Status == "closed" ? null : ticket.Id);
    }

    static string Id(string prefix, int number) => prefix + number.ToString(CultureInfo.InvariantCulture);

    sealed record Service(string Name, string Status, int Version, int Restarts, bool Sticky);

    sealed record ServiceOrder(string? Status, int? Version, bool? Sticky);

    sealed record Ticket(string Id, string Title, string Severity, string? Service, string Status);
}
