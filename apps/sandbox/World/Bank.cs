using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AiOs.Sandbox.Control;
using Microsoft.AspNetCore.Builder;

namespace AiOs.Sandbox.World;

/// <summary>A bank's cards and accounts. Accounts and cards exist when they are asked for (not those that start with <c>unknown</c>); what they hold follows from their name.</summary>
sealed class Bank
{
    readonly HashSet<string> frozen = new(StringComparer.Ordinal);
    readonly Dictionary<string, Order> orders = new(StringComparer.Ordinal);

    public void Map(WebApplication app, Desk desk)
    {
        desk.Map(app, "GET", "/accounts/{account}", call => Known(call["account"], account => new(200, new
        {
            account, currency = "EUR", balanceMinor = Some(account, "balance", 900_000), availableMinor = Some(account, "balance", 900_000), status = "open", card = "card-" + account,
        })));
        desk.Map(app, "GET", "/accounts/{account}/transactions", call => Known(call["account"], account => new(200, new
        {
            account,
            transactions = Enumerable.Range(1, 3).Select(i => new { id = Name(account, i), minor = -Some(account, Name("minor", i), 20_000), currency = "EUR", status = i == 1 ? "pending" : "booked" }).ToList(),
        })));
        desk.Map(app, "GET", "/cards/{card}", call => Known(call["card"], card => new(200, new { card, status = frozen.Contains(card) ? "frozen" : "active" })));
        desk.Map(app, "GET", "/rates/{from}/{to}", call => new(200, new { from = call["from"], to = call["to"], rate = 0.5 + Some(call["from"] + call["to"], "rate", 10_000) / 10_000.0 }));
        desk.Map(app, "POST", "/cards/freeze", call => Known(call.Text("card"), card => new(200, new { card, status = "frozen" }, frozen.Add(card) ? card : null)));
        desk.Map(app, "POST", "/cards/unfreeze", call => Known(call.Text("card"), card => new(200, new { card, status = "active" }, frozen.Remove(card) ? card : null)));
        desk.Map(app, "POST", "/cards/replacements", call => Known(call.Text("card"), card => Open("rep", card)));
        desk.Map(app, "POST", "/cards/replacements/{id}/cancel", Cancel);
        desk.Map(app, "POST", "/disputes", call => Known(call.Text("transaction"), transaction => Open("dsp", transaction)));
        desk.Map(app, "POST", "/disputes/{id}/cancel", Cancel);
    }

    Reply Open(string kind, string subject)
    {
        var order = new Order(string.Create(CultureInfo.InvariantCulture, $"{kind}_{orders.Count + 1}"), subject, "open");
        orders.Add(order.Id, order);
        return new(201, order, subject);
    }

    Reply Cancel(Call call)
    {
        if (!orders.TryGetValue(call["id"], out var order))
            return Reply.Refused(404, $"There is no {call["id"]}.");
        if (order.Status == "cancelled")
            return new(200, order);
        orders[order.Id] = order with { Status = "cancelled" };
        return new(200, orders[order.Id], order.Subject);
    }

    static Reply Known(string? name, Func<string, Reply> reply) => name is not { Length: > 0 } ? Reply.Refused(422, "The name of the card, account or transaction is missing.")
        : name.StartsWith("unknown", StringComparison.Ordinal) ? Reply.Refused(404, $"There is no {name}.")
        : reply(name);

    static string Name(string prefix, int number) => string.Create(CultureInfo.InvariantCulture, $"{prefix}-{number}");

    /// <summary>A number below <paramref name="limit"/> that is always the same for the same name.</summary>
    static long Some(string name, string aspect, int limit) => BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{aspect}/{name}"))) % limit;

    sealed record Order(string Id, string Subject, string Status);
}
