using System.Text;
using System.Text.Json;
using AiOs.Agents.Actions;
using AiOs.Security;

namespace AiOs.Tests.Actions;

/// <summary>What the other side says back of a request is hidden before anything is stored.</summary>
public sealed class SaidBackTests
{
    static readonly CancellationToken None = CancellationToken.None;

    static Task<Workshop> WorkshopAsync(Parrot parrot) => Workshop.OpenAsync(TestDatabase.SqliteAsync, parrot.Settings);

    /// <summary>A telephone number that only the words before it give away.</summary>
    const string Phone = "4711 0815";

    static async Task<string> TokenAsync(Workshop shop)
    {
        var token = Assert.Single((await shop.Masking.MaskAsync("claims", "my phone: " + Phone, MaskKinds.All, None)).Spans).Token;
        Assert.Equal(Phone, (await shop.Masking.MaskForeignAsync("claims", Phone, MaskKinds.All, None)).Text);
        return token;
    }

    static Connector Call(Idempotency idempotency = Idempotency.Key) => Workshop.Payout(idempotency, attempts: 1) with
    {
        Request = new("POST", "${SANDBOX_URL}/calls", new Dictionary<string, string>(StringComparer.Ordinal) { ["authorization"] = "Bearer secret:payments-key" },
            JsonElement.Parse("""{"text": "reveal(arguments.text)"}""")),
        Probe = idempotency == Idempotency.Probe ? new(new("GET", "${SANDBOX_URL}/calls", new Dictionary<string, string>(StringComparer.Ordinal)), "response.body.found", null) : null,
    };

    /// <summary>Everything that is kept of an action.</summary>
    static async Task<string> KeptAsync(Workshop shop, ActionRequest request, ActionResult result) =>
        $"{result} {await shop.Ledger.GetAsync(request.Key, None)} {string.Concat((await shop.Audit.ReadAsync(0, 20, None)).Select(leaf => Encoding.UTF8.GetString(leaf.Leaf)))}";

    [Fact]
    public async Task A_secret_that_a_refusal_quotes_is_named_and_not_kept()
    {
        await using var parrot = await Parrot.StartAsync(401, """{"error": "Incorrect API key: Bearer pay-secret"}""");
        await using var shop = await WorkshopAsync(parrot);
        var request = Workshop.With(Call(), new { text = "x" });
        var result = await shop.RunAsync(request);
        Assert.Equal((ActionOutcome.Failed, "The host answered 401: Incorrect API key: Bearer [secret:payments-key]"), (result.Outcome, result.Reason));
        Assert.DoesNotContain("pay-secret", await KeptAsync(shop, request, result), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_secret_that_a_result_quotes_is_named_and_not_kept()
    {
        await using var parrot = await Parrot.StartAsync(200, """{"key": "pay-secret", "seen": [{"Bearer pay-secret": "PAY-SECRET!"}]}""");
        await using var shop = await WorkshopAsync(parrot);
        var request = Workshop.With(Call(), new { text = "x" });
        var result = await shop.RunAsync(request);
        Assert.Equal("""{"key":"[secret:payments-key]","seen":[{"Bearer [secret:payments-key]":"[secret:payments-key]!"}]}""", result.Result!.Value.GetRawText());
        Assert.DoesNotContain("pay-secret", await KeptAsync(shop, request, result), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task An_original_that_the_other_side_says_back_gets_its_token_where_no_detector_would_know_it()
    {
        await using var parrot = await Parrot.StartAsync((_, body) => (200, Encoding.UTF8.GetBytes($$"""
            {"got": {{body}}, "plain": "code 4711 0815.", "4711 0815": true, "closed": "x47110815", "number": 47110815, "url": "/a?b=4711%200815&c=4711+0815",
             "foreign": "[phone:aaaaaaaaaaaaaaaaaaaaaaaaaa]", "[phone:aaaaaaaaaaaaaaaaaaaaaaaaaa]": 1, "amount": 147110815}
            """)));
        await using var shop = await WorkshopAsync(parrot);
        var token = await TokenAsync(shop);
        var request = Workshop.With(Call(), new { text = $"ring {token} or {token}" });
        var result = await shop.RunAsync(request);
        Assert.Equal($$"""
            {"got":{"text":"ring {{token}} or {{token}}"},"plain":"code {{token}}.","{{token}}":true,"closed":"x{{token}}","number":"{{token}}","url":"/a?b={{token}}&c={{token}}","foreign":"(phone:aaaaaaaaaaaaaaaaaaaaaaaaaa)","(phone:aaaaaaaaaaaaaaaaaaaaaaaaaa)":1,"amount":147110815}
            """, result.Result!.Value.GetRawText());
        Assert.DoesNotContain(Phone, await KeptAsync(shop, request, result), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_original_that_a_refusal_quotes_gets_its_token()
    {
        await using var parrot = await Parrot.StartAsync((_, body) => (400, Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new { detail = "What is this? " + body }))));
        await using var shop = await WorkshopAsync(parrot);
        var token = await TokenAsync(shop);
        var request = Workshop.With(Call(), new { text = token });
        var result = await shop.RunAsync(request);
        Assert.Equal($$"""The host answered 400: What is this? {"text":"{{token}}"}""", result.Reason);
        Assert.DoesNotContain(Phone, await KeptAsync(shop, request, result), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"found": true, "order": {"by": "4711 0815", "auth": "Bearer pay-secret"}}""", ActionOutcome.Done)]
    [InlineData("""{"lost": "4711 0815", "pay-secret": 1}""", ActionOutcome.Unknown)]
    public async Task A_probe_that_tells_what_the_request_said_is_read_the_same_way(string probed, ActionOutcome outcome)
    {
        await using var parrot = await Parrot.StartAsync((method, _) => method == "GET" ? (200, Encoding.UTF8.GetBytes(probed)) : (500, []));
        await using var shop = await WorkshopAsync(parrot);
        var token = await TokenAsync(shop);
        var request = Workshop.With(Call(Idempotency.Probe), new { text = token });
        var result = await shop.RunAsync(request);
        Assert.Equal(outcome, result.Outcome);
        if (outcome == ActionOutcome.Done)
            Assert.Equal($$"""{"by":"{{token}}","auth":"Bearer [secret:payments-key]"}""", result.Result!.Value.GetProperty("order").GetRawText());
        var kept = await KeptAsync(shop, request, result);
        Assert.DoesNotContain(Phone, kept, StringComparison.Ordinal);
        Assert.DoesNotContain("pay-secret", kept, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_answer_to_an_undo_may_tell_what_the_action_said()
    {
        await using var parrot = await Parrot.StartAsync(200, """{"cancelled": "4711 0815"}""");
        await using var shop = await WorkshopAsync(parrot);
        var token = await TokenAsync(shop);
        var request = Workshop.With(Call(), new { text = token });
        await shop.RunAsync(request);
        var undone = await shop.Runner.UndoAsync(request, Workshop.Simple("POST", "/calls/1/cancel"), None);
        Assert.Equal((ActionOutcome.Undone, token), (undone.Outcome, undone.Result?.GetProperty("cancelled").GetString()));
    }

    [Theory]
    [InlineData(14, ActionOutcome.Done, true)]
    [InlineData(31, ActionOutcome.Done, false)]
    [InlineData(32, ActionOutcome.Failed, false)]
    public async Task An_answer_too_deep_to_be_stored_is_kept_without_its_depths(int depth, ActionOutcome outcome, bool whole)
    {
        var deep = new string('[', depth) + new string(']', depth);
        await using var parrot = await Parrot.StartAsync(200, $$"""{"id": "c-1", "deep": {{deep}}}""");
        await using var shop = await WorkshopAsync(parrot);
        var result = await shop.RunAsync(Workshop.With(Call(), new { text = "x" }));
        Assert.Equal(outcome, result.Outcome);
        if (outcome == ActionOutcome.Done)
            Assert.Equal(("c-1", whole), (result.Result!.Value.GetProperty("id").GetString(), result.Result.Value.TryGetProperty("deep", out _)));

        await using var list = await Parrot.StartAsync(200, deep);
        await using var other = await WorkshopAsync(list);
        Assert.Equal((ActionOutcome.Done, whole), (await other.RunAsync(Workshop.With(Call(), new { text = "x" }))) is var listed ? (listed.Outcome, listed.Result!.Value.TryGetProperty("value", out _)) : default);
    }

    [Theory]
    [InlineData("{\"id\": 1, \"note\": \"\\ud800\"}")]
    [InlineData("{\"\\ud800\": 1}")]
    [InlineData("{\"id\": 1, \"list\": [{\"name\": \"M\u00fcller\"}]}")]
    [InlineData("{\"M\u00fcller\": 1}")]
    public async Task An_answer_that_is_no_Unicode_text_makes_no_sense_and_does_not_stop_the_run(string latin1)
    {
        var status = 200;
        await using var parrot = await Parrot.StartAsync((_, _) => (status, Encoding.Latin1.GetBytes(latin1)));
        await using var shop = await WorkshopAsync(parrot);
        Assert.Equal((ActionOutcome.Unknown, "The answer 200 made no sense: its strings are not all Unicode text."), (await shop.RunAsync(Workshop.With(Call(Idempotency.None), new { text = "x" }))) is var broken ? (broken.Outcome, broken.Reason) : default);
        status = 400;
        Assert.Equal((ActionOutcome.Failed, "The host answered 400."), (await shop.RunAsync(Workshop.With(Call(Idempotency.None), new { text = "x" }))) is var refused ? (refused.Outcome, refused.Reason) : default);
    }

    [Fact]
    public async Task A_refusal_is_not_cut_within_a_character()
    {
        await using var parrot = await Parrot.StartAsync(400, $$"""{"error": "{{new string('x', 199)}}😀 and so on"}""");
        await using var shop = await WorkshopAsync(parrot);
        Assert.Equal("The host answered 400: " + new string('x', 199), (await shop.RunAsync(Workshop.With(Call(), new { text = "x" }))).Reason);
    }

    [Fact]
    public void The_longest_text_at_the_first_place_is_hidden_and_short_ones_are_left()
    {
        var hidden = new Hidden(new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = "secret", ["b"] = "secret-b", ["c"] = "abc", ["d"] = "p/q\"r s" }, new Dictionary<string, string>(StringComparer.Ordinal));
        Assert.Equal("[secret:b] [secret:a] [secret:a]s abc [secret:d] [secret:d] [secret:d]", hidden.CoverSecrets("secret-b secret SECRETs abc p/q\"r s p%2Fq%22r%20s p/q\\\"r s"));
    }
}
