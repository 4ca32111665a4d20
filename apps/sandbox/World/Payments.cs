using System.Globalization;
using AiOs.Sandbox.Control;
using Microsoft.AspNetCore.Builder;

namespace AiOs.Sandbox.World;

/// <summary>An insurer's payments: money goes out to an account, and can be called back.</summary>
sealed class Payments
{
    readonly List<Payout> payouts = [];

    public void Map(WebApplication app, Desk desk)
    {
        desk.Map(app, "POST", "/payouts", Pay);
        desk.Map(app, "GET", "/payouts", call => new(200, new { payouts = payouts.FindAll(p => p.Claim == call.Parameters["claim"]) }));
        desk.Map(app, "GET", "/payouts/{id}", call => Find(call) is { } payout ? new(200, payout) : NotFound(call));
        desk.Map(app, "POST", "/payouts/{id}/cancel", Cancel);
    }

    Reply Pay(Call call)
    {
        if (call.Text("claim") is not { Length: > 0 } claim)
            return Reply.Refused(422, "claim is missing.");
        if (call.Number("minor") is not (> 0 and var minor))
            return Reply.Refused(422, "minor must be a positive whole number.");
        if (call.Text("currency") is not { Length: 3 } currency)
            return Reply.Refused(422, "currency must have three letters.");
        if (call.Text("iban")?.Replace(" ", "", StringComparison.Ordinal) is not { Length: >= 15 and <= 34 } iban || !iban.All(char.IsAsciiLetterOrDigit))
            return Reply.Refused(422, "iban is not an IBAN.");
        var payout = new Payout(string.Create(CultureInfo.InvariantCulture, $"po_{payouts.Count + 1}"), claim, minor, currency, iban, "paid");
        payouts.Add(payout);
        return new(201, payout, claim);
    }

    Reply Cancel(Call call)
    {
        if (Find(call) is not { } payout)
            return NotFound(call);
        if (payout.Status == "cancelled")
            return new(200, payout);
        var cancelled = payout with { Status = "cancelled" };
        payouts[payouts.IndexOf(payout)] = cancelled;
        return new(200, cancelled, payout.Claim);
    }

    Payout? Find(Call call) => payouts.Find(p => p.Id == call["id"]);

    static Reply NotFound(Call call) => Reply.Refused(404, $"There is no payout {call["id"]}.");

    sealed record Payout(string Id, string Claim, long Minor, string Currency, string Iban, string Status);
}
