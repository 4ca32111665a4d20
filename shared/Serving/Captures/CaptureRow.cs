using System.Data.Common;
using System.Text.Json;
using AiOs.DataPlane;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Costs;

namespace AiOs.Serving.Captures;

/// <summary>A capture as it is stored.</summary>
sealed class CaptureRow
{
    /// <summary>Longer inputs and outputs, in characters, are not kept.</summary>
    public const int Longest = 128 * 1024;

    public const string Columns = """
        position, call_id, kind, began_at, app, principal, model, deployment, model_version, run_id, step, took, queued, first_piece, attempts,
        input_tokens, cached_input_tokens, output_tokens, estimated, cost, ended, fallbacks, failure, shadow, sensitive, cut
        """;

    static readonly string[] Names =
    [
        "call_id", "kind", "began_at", "app", "principal", "model", "deployment", "model_version", "run_id", "step", "took", "queued", "first_piece", "attempts",
        "input_tokens", "cached_input_tokens", "output_tokens", "estimated", "cost", "ended", "fallbacks", "failure", "shadow", "sensitive", "cut", "input", "output", "bytes",
    ];

    public long Position { get; init; }
    public string CallId { get; init; } = "";
    public string Kind { get; init; } = "";
    public long BeganAt { get; init; }
    public string App { get; init; } = "";
    public string Principal { get; init; } = "";
    public string Model { get; init; } = "";
    public string? Deployment { get; init; }
    public string? ModelVersion { get; init; }
    public string? RunId { get; init; }
    public string? Step { get; init; }
    public long Took { get; init; }
    public long? Queued { get; init; }
    public long? FirstPiece { get; init; }
    public int Attempts { get; init; }
    public long InputTokens { get; init; }
    public long CachedInputTokens { get; init; }
    public long OutputTokens { get; init; }
    public int Estimated { get; init; }
    public long? Cost { get; init; }
    public string Ended { get; init; } = "";
    public string? Fallbacks { get; init; }
    public string? Failure { get; init; }
    public int Shadow { get; init; }
    public int Sensitive { get; init; }
    public int Cut { get; init; }
    public string? Input { get; init; }
    public string? Output { get; init; }

    public Capture ToCapture() => new(Position, new CallFacts
    {
        CallId = CallId, Kind = Enum.Parse<CallKind>(Kind), Spender = new(App, Principal, Model), Deployment = Deployment, ModelVersion = ModelVersion, RunId = RunId, Step = Step,
        Began = DateTimeOffset.FromUnixTimeMilliseconds(BeganAt), Took = TimeSpan.FromMicroseconds(Took), Queued = Time(Queued), FirstPiece = Time(FirstPiece), Attempts = Attempts,
        Usage = new(InputTokens, OutputTokens, Estimated != 0, Cost is { } cost ? Nano.Amount(cost) : null) { CachedInputTokens = CachedInputTokens },
        End = Enum.Parse<CallEnd>(Ended), Fallbacks = Fallbacks is null ? [] : JsonSerializer.Deserialize<List<Fallback>>(Fallbacks, AiOsJson.Options)!,
        Failure = Failure is null ? null : Enum.Parse<ModelFailure>(Failure), Shadow = Shadow != 0, Sensitive = Sensitive != 0, Input = Input, Output = Output,
    }, Cut != 0);

    static TimeSpan? Time(long? microseconds) => microseconds is { } value ? TimeSpan.FromMicroseconds(value) : null;

    /// <summary>A command that writes one row after the other.</summary>
    public static DbCommand Insert(DbConnection connection, DbTransaction transaction)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = $"INSERT INTO captures ({string.Join(", ", Names)}) VALUES ({string.Join(", ", Names.Select(name => "@" + name))}) ON CONFLICT (call_id) DO NOTHING";
        foreach (var name in Names)
        {
            var parameter = command.CreateParameter();
            parameter.ParameterName = "@" + name;   // without it, SQLite tries every prefix for each value
            command.Parameters.Add(parameter);
        }

        return command;
    }

    /// <summary>Gives the command the values of a call. INVARIANT: a sensitive call leaves neither input nor output.</summary>
    public static void Fill(DbCommand command, CallFacts call)
    {
        var (input, output) = call.Sensitive ? (null, null) : (Kept(call.Input), Kept(call.Output));
        var cut = !call.Sensitive && ((call.Input is not null && input is null) || (call.Output is not null && output is null));
        object?[] values =
        [
            call.CallId, call.Kind.ToString(), call.Began.ToUnixTimeMilliseconds(), call.Spender.App, call.Spender.Principal, call.Spender.Model, call.Deployment, call.ModelVersion, call.RunId, call.Step,
            Micros(call.Took), Micros(call.Queued), Micros(call.FirstPiece), call.Attempts,
            call.Usage.InputTokens, call.Usage.CachedInputTokens, call.Usage.OutputTokens, call.Usage.Estimated ? 1 : 0, call.Usage.Cost is { } cost ? Nano.Of(cost) : null,
            call.End.ToString(), call.Fallbacks.Count == 0 ? null : JsonSerializer.Serialize(call.Fallbacks, AiOsJson.Options), call.Failure?.ToString(), call.Shadow ? 1 : 0, call.Sensitive ? 1 : 0, cut ? 1 : 0,
            input, output, SizeOf(input) + SizeOf(output),
        ];
        for (var i = 0; i < values.Length; i++)
            command.Parameters[i].Value = values[i] ?? DBNull.Value;
    }

    static string? Kept(string? text) => text is null || text.Length <= Longest ? text : null;

    static long SizeOf(string? text) => text is null ? 0 : System.Text.Encoding.UTF8.GetByteCount(text);

    static long? Micros(TimeSpan? time) => time is { } value ? (long)value.TotalMicroseconds : null;
}
