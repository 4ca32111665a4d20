using System.Text.Json;
using AiOs.Agents.Generation.Grounded;
using AiOs.DataPlane;
using AiOs.Security;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;

namespace AiOs.Agents.Scoring;

/// <summary>Has a model score a case for a step: facts go in by name, what the model says comes out by name.</summary>
public sealed class Scorer(ModelGateway models, Masking masking, TimeProvider clock)
{
    /// <summary>More of a model's outputs is not kept, in bytes of JSON: with what is around it this stays within the 8 KB that the facts of a step may take.</summary>
    const int MostBytes = 7 * 1024;

    const string NoInput = "noInput", NoModel = "noModel";

    /// <summary>Asks the model, once: its deployments and their retries are the gateway's affair.</summary>
    /// <param name="terms">Whose case it is, and in which run.</param>
    /// <param name="model">The logical name of the model.</param>
    /// <param name="inputs">Numbers, truths and texts by name, or lists of them; one row each. What is personal in them is masked before it leaves. Null where there are none.</param>
    /// <param name="journal">Where the call is written down.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns><c>scored</c> with the outputs, or <c>unavailable</c> with the reason in a word.</returns>
    public async Task<StepResult> ScoreAsync(CallTerms terms, string model, JsonElement? inputs, IAnswerJournal journal, CancellationToken cancellationToken)
    {
        if (inputs is not { } given || Request(await masking.MaskAsync(terms.App, given, MaskKinds.All, cancellationToken)) is not { } body)
            return Unavailable(NoInput);
        if (models.Find(model) is not { } route)
            return Unavailable(NoModel);
        var number = (await journal.ReadAsync(cancellationToken)).Attempts.Count + 1;
        var attempt = new ModelAttempt(number, clock.GetUtcNow(), null, "started", new(0, 0, Estimated: true, route.Deployments[0].Prices?.CostOf(0, 0, 0, TimeSpan.Zero)), 0);
        // INVARIANT: on record before it costs anything.
        await journal.RecordAsync(attempt, cancellationToken);
        var (result, usage) = await AskAsync(terms, model, body, cancellationToken);
        var outcome = result.Facts.TryGetValue("reason", out var reason) ? reason.GetString()! : result.Outcome;
        await journal.RecordAsync(attempt with { EndedAt = clock.GetUtcNow(), Outcome = outcome, Usage = usage }, cancellationToken);
        return result;
    }

    async Task<(StepResult Result, ModelUsage Usage)> AskAsync(CallTerms terms, string model, byte[] body, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await models.InferAsync(WireRequest.ParseTensors(body, model), terms, cancellationToken);
            var outputs = await masking.MaskForeignAsync(terms.App, Outputs(answer.Json), MaskKinds.All, cancellationToken);
            return (JsonSerializer.SerializeToUtf8Bytes(outputs, AiOsJson.Options).Length <= MostBytes
                ? new("scored", Facts.Of(("outputs", outputs), ("version", answer.Version)), Facts.NoRefs) : Unavailable(Word(ModelFailure.CutOff)), answer.Usage);
        }
        catch (ModelUnavailableException e)
        {
            return (Unavailable(Word(e.Failure ?? ModelFailure.Unavailable)), e.Usage);
        }
        catch (BudgetExceededException)
        {
            return (Unavailable(Word(ModelFailure.OverBudget)), ModelUsage.None);
        }
        catch (WireException)
        {
            return (Unavailable(NoInput), ModelUsage.None);
        }
    }

    /// <summary>The inputs in the form of the Open Inference Protocol: one row of each. Numbers travel as FP32, as scoring models have them; null where a value is nothing that a model takes.</summary>
    static byte[]? Request(JsonElement given)
    {
        var inputs = new List<object>();
        foreach (var input in given.EnumerateObject())
        {
            JsonElement[] data = input.Value.ValueKind == JsonValueKind.Array ? [.. input.Value.EnumerateArray()] : [input.Value];
            var type = data.Length == 0 ? null
                : Array.TrueForAll(data, item => item.ValueKind == JsonValueKind.Number) ? "FP32"
                : Array.TrueForAll(data, item => item.ValueKind == JsonValueKind.String) ? "BYTES"
                : Array.TrueForAll(data, item => item.ValueKind is JsonValueKind.True or JsonValueKind.False) ? "BOOL" : null;
            if (type is null)
                return null;
            inputs.Add(new { name = input.Name, datatype = type, shape = new[] { 1, data.Length }, data });
        }
        return JsonSerializer.SerializeToUtf8Bytes(new { inputs }, AiOsJson.Options);
    }

    /// <summary>What the model says by name: one value by itself, several as a list.</summary>
    static JsonElement Outputs(ReadOnlyMemory<byte> answer)
    {
        using var document = JsonDocument.Parse(answer);
        var said = document.RootElement.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!, output => output.GetProperty("data"), StringComparer.Ordinal);
        return JsonSerializer.SerializeToElement(said.ToDictionary(output => output.Key, output => output.Value.GetArrayLength() == 1 ? output.Value[0] : output.Value, StringComparer.Ordinal), AiOsJson.Options);
    }

    static StepResult Unavailable(string reason) => new("unavailable", Facts.Of(("reason", reason)), Facts.NoRefs);

    static string Word(ModelFailure failure) => JsonNamingPolicy.CamelCase.ConvertName(failure.ToString());
}
