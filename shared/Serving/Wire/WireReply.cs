using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using AiOs.Serving.Chat;

namespace AiOs.Serving.Wire;

/// <summary>What a reply, or a piece of a streamed one, says.</summary>
/// <param name="ModelAt">Where it names the model.</param>
/// <param name="InputTokens">As counted by the endpoint; null where it does not say.</param>
/// <param name="CachedTokens">Of these, the tokens that the model had in its own cache.</param>
/// <param name="OutputTokens">As counted by the endpoint.</param>
/// <param name="Finish">Why the first choice ended; null while it has not.</param>
/// <param name="Characters">The length of what it says, in bytes.</param>
/// <param name="HasChoice">Whether it has a choice at all: the last piece of a stream has none.</param>
/// <param name="Declined">Whether the model declined in words of its own.</param>
/// <param name="IsTelling">Whether what it says could hold something personal.</param>
readonly record struct WireReply(Place ModelAt, long? InputTokens, long CachedTokens, long? OutputTokens, string? Finish, long Characters, bool HasChoice, bool Declined, bool IsTelling)
{
    /// <summary>Reads a whole reply, or a piece.</summary>
    /// <exception cref="ModelException">It is none.</exception>
    public static WireReply Read(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw Broken("is not valid UTF-8");
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Wire.MaxDepth });
            return Root(ref reader);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
#pragma warning disable MA0054 // Without the cause: its message quotes the endpoint.
            throw Broken("is no JSON of the protocol");
#pragma warning restore MA0054
        }
    }

    /// <summary>The reply with another name for the model.</summary>
    public ReadOnlyMemory<byte> Named(ReadOnlySpan<byte> json, ReadOnlySpan<byte> quotedModel)
    {
        if (ModelAt.Length == 0)
            return json.ToArray();
        var named = new byte[json.Length - ModelAt.Length + quotedModel.Length];
        json[..ModelAt.Start].CopyTo(named);
        quotedModel.CopyTo(named.AsSpan(ModelAt.Start));
        json[(ModelAt.Start + ModelAt.Length)..].CopyTo(named.AsSpan(ModelAt.Start + quotedModel.Length));
        return named;
    }

    static WireReply Root(ref Utf8JsonReader reader)
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Broken("is no JSON object");
        var (reply, whole) = (default(WireReply), false);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("model"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    reply = reply with { ModelAt = new((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex)) };
                else
                    reader.Skip();
            }
            else if (reader.ValueTextEquals("choices"u8))
                (reply, whole) = (Choices(ref reader, reply), true);
            else if (reader.ValueTextEquals("usage"u8))
                reply = Usage(ref reader, reply);
            else if (reader.ValueTextEquals("error"u8))
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.Null)
                    throw Broken("is an error inside a success");
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        return reader.Read() ? throw Broken("goes on after its end") : whole ? reply : throw Broken("has no choices");
    }

    static WireReply Choices(ref Utf8JsonReader reader, WireReply reply)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Broken("has no list of choices");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Broken("has a choice that is no object");
            var first = !reply.HasChoice;
            reply = Choice(ref reader, reply with { HasChoice = true }, first);
        }
        return reply;
    }

    static WireReply Choice(ref Utf8JsonReader reader, WireReply reply, bool first)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            if (reader.ValueTextEquals("finish_reason"u8))
            {
                reader.Read();
                if (first && reader.TokenType == JsonTokenType.String)
                    reply = reply with { Finish = Known(ref reader) };
            }
            else if (reader.ValueTextEquals("message"u8) || reader.ValueTextEquals("delta"u8))
            {
                reader.Read();
                reply = Said(ref reader, reply);
            }
            else
            {
                reader.Read();
                reader.Skip();
            }
        }
        return reply;
    }

    static string Known(ref Utf8JsonReader reader) =>
        reader.ValueTextEquals("stop"u8) ? "stop" : reader.ValueTextEquals("length"u8) ? "length" : reader.ValueTextEquals("tool_calls"u8) ? "tool_calls" : reader.ValueTextEquals("content_filter"u8) ? "content_filter" : "other";

    /// <summary>Everything under a message or a delta: content, refusal, arguments of tools.</summary>
    static WireReply Said(ref Utf8JsonReader reader, WireReply reply)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            return reply;
        var depth = reader.CurrentDepth;
        var (says, refuses) = (false, false);
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndObject && reader.CurrentDepth == depth))
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                refuses = reader.ValueTextEquals("refusal"u8);
                says = refuses || reader.ValueTextEquals("content"u8) || reader.ValueTextEquals("arguments"u8) || reader.ValueTextEquals("text"u8) || reader.ValueTextEquals("reasoning_content"u8);
            }
            else if (reader.TokenType == JsonTokenType.String && says)
                reply = reply with
                {
                    Characters = reply.Characters + reader.ValueSpan.Length,
                    Declined = reply.Declined || (refuses && reader.ValueSpan.Length > 0),
                    IsTelling = reply.IsTelling || Telling.Of(reader.ValueSpan),
                };
        }
        return reply;
    }

    static WireReply Usage(ref Utf8JsonReader reader, WireReply reply)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            return reply;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var (input, output, details) = (reader.ValueTextEquals("prompt_tokens"u8), reader.ValueTextEquals("completion_tokens"u8), reader.ValueTextEquals("prompt_tokens_details"u8));
            reader.Read();
            if (details && reader.TokenType == JsonTokenType.StartObject)
            {
                reply = Details(ref reader, reply);
                continue;
            }
            if ((input || output) && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count is >= 0 and <= 100_000_000)
                reply = input ? reply with { InputTokens = count } : reply with { OutputTokens = count };
            else
                reader.Skip();
        }
        return reply;
    }

    static WireReply Details(ref Utf8JsonReader reader, WireReply reply)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var cached = reader.ValueTextEquals("cached_tokens"u8);
            reader.Read();
            if (cached && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count >= 0)
                reply = reply with { CachedTokens = count };
            else
                reader.Skip();
        }
        return reply;
    }

    static ModelException Broken(string what) => new(ModelFailure.Broken, $"The answer {what}.");
}
