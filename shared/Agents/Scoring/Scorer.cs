using System.Runtime.InteropServices;
using System.Text.Json;
using AiOs.Agents.Generation.Grounded;
using AiOs.DataPlane;
using AiOs.Security;
using AiOs.Security.Detectors;
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

    /// <summary>A longer answer is not looked at: names, shapes and types take room in it too, and what is masked may get shorter.</summary>
    const int MostAnswer = 64 * 1024;

    /// <summary>The last whole number up to which FP32 holds all of them: 2^24.</summary>
    const double LargestSingle = 16_777_216;

    /// <summary>A longer version of a model is none, in characters.</summary>
    const int LongestVersion = 100;

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
        if (inputs is not { } given || Request(given, await masking.MaskAsync(terms.App, given, MaskKinds.All, cancellationToken)) is not { } body)
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
            return (await ResultAsync(terms.App, answer, cancellationToken), answer.Usage);
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

    /// <summary>What becomes facts. A name of an output that is personal makes an answer broken: policies read outputs by their names, so names cannot be masked.</summary>
    async Task<StepResult> ResultAsync(string app, TensorAnswer answer, CancellationToken cancellationToken)
    {
        if (answer.Json.Length > MostAnswer)
            return Unavailable(Word(ModelFailure.CutOff));
        if (Outputs(answer.Json) is not { } said || Masking.PersonalName(said, "", MaskKinds.All) is not null || answer.Version is { Length: > LongestVersion })
            return Unavailable(Word(ModelFailure.Broken));
        var outputs = Computed(said, await masking.MaskForeignAsync(app, said, MaskKinds.All, cancellationToken));
        var version = answer.Version is { } word ? (await masking.MaskForeignAsync(app, word, MaskKinds.All, cancellationToken)).Text : null;
        return JsonSerializer.SerializeToUtf8Bytes(outputs, AiOsJson.Options).Length <= MostBytes
            ? new("scored", Facts.Of(("outputs", outputs), ("version", version)), Facts.NoRefs) : Unavailable(Word(ModelFailure.CutOff));
    }

    /// <summary>The inputs in the form of the Open Inference Protocol: one row of each; null where a value is nothing that a model takes.</summary>
    static byte[]? Request(JsonElement given, JsonElement masked)
    {
        var inputs = new List<object>();
        foreach (var input in Computed(given, masked).EnumerateObject())
        {
            JsonElement[] data = input.Value.ValueKind == JsonValueKind.Array ? [.. input.Value.EnumerateArray()] : [input.Value];
            var type = data.Length == 0 ? null
                : Array.TrueForAll(data, item => item.ValueKind == JsonValueKind.Number) ? NumberType(data)
                : Array.TrueForAll(data, item => item.ValueKind == JsonValueKind.String) ? "BYTES"
                : Array.TrueForAll(data, item => item.ValueKind is JsonValueKind.True or JsonValueKind.False) ? "BOOL" : null;
            if (type is null)
                return null;
            inputs.Add(new { name = input.Name, datatype = type, shape = new[] { 1, data.Length }, data });
        }
        return JsonSerializer.SerializeToUtf8Bytes(new { inputs }, AiOsJson.Options);
    }

    /// <summary>The masked values, but numbers that are too short for a card's as they are: a model and a policy compute with them, whatever they are called (<c>calls: 1234567</c>).</summary>
    static JsonElement Computed(JsonElement given, JsonElement masked) =>
        JsonSerializer.SerializeToElement(given.EnumerateObject().Zip(masked.EnumerateObject()).ToDictionary(pair => pair.First.Name, pair => Items(pair.First.Value, pair.Second.Value), StringComparer.Ordinal), AiOsJson.Options);

    static object Items(JsonElement given, JsonElement masked) => given.ValueKind switch
    {
        JsonValueKind.Array => given.EnumerateArray().Zip(masked.EnumerateArray(), Items).ToArray(),
        JsonValueKind.Number when WholeNumber.Digits(JsonMarshal.GetRawUtf8Value(given)) is null => given,
        _ => masked,
    };

    /// <summary>FP32, as scoring models have numbers, where it loses no more than the end of a fraction; FP64 where a number is too large for that, INT64 where it is too large for FP64 too. Null where no type holds them all.</summary>
    static string? NumberType(JsonElement[] numbers) => Array.TrueForAll(numbers, IsSingle) ? "FP32" : Array.TrueForAll(numbers, IsDouble) ? "FP64" : Array.TrueForAll(numbers, item => item.TryGetInt64(out _)) ? "INT64" : null;

    static bool IsSingle(JsonElement number) => IsDouble(number) && number.GetDouble() is var value && (Math.Abs(value) <= LargestSingle || (float)value == value);

    static bool IsDouble(JsonElement number) => !number.TryGetInt64(out var whole) || (Int128)number.GetDouble() == whole;

    /// <summary>What the model says by name: one value by itself, several as a list. Null where the answer has another form.</summary>
    static JsonElement? Outputs(ReadOnlyMemory<byte> answer)
    {
        try
        {
            using var document = JsonDocument.Parse(answer);
            var said = document.RootElement.GetProperty("outputs").EnumerateArray().ToDictionary(output => output.GetProperty("name").GetString()!, output => output.GetProperty("data"), StringComparer.Ordinal);
            return JsonSerializer.SerializeToElement(said.ToDictionary(output => output.Key, output => output.Value.GetArrayLength() == 1 ? output.Value[0] : output.Value, StringComparer.Ordinal), AiOsJson.Options);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException)
        {
            return null;
        }
    }

    static StepResult Unavailable(string reason) => new("unavailable", Facts.Of(("reason", reason)), Facts.NoRefs);

    static string Word(ModelFailure failure) => JsonNamingPolicy.CamelCase.ConvertName(failure.ToString());
}
