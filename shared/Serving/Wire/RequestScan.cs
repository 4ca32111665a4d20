using System.Text.Json;
using System.Text.Unicode;
using AiOs.DataPlane;
using AiOs.Security.Detectors;
using AiOs.Serving.Calls;

namespace AiOs.Serving.Wire;

/// <summary>Reads a request once from its first byte to its last.</summary>
ref struct RequestScan
{
    const int MostTexts = 2_048;

    readonly CallKind kind;
    readonly RequestFacts facts = new();
    readonly HashSet<string> seen = new(8, StringComparer.Ordinal);
    Utf8JsonReader reader;
    Place lastContent;
    bool isUser;

    RequestScan(ReadOnlySpan<byte> json, CallKind kind)
    {
        this.kind = kind;
        reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Wire.MaxDepth });
    }

    /// <exception cref="WireException">It does not have the form.</exception>
    public static RequestFacts Read(ReadOnlySpan<byte> json, CallKind kind)
    {
        if (!Utf8.IsValid(json))
            throw new WireException("$", "the body is not valid UTF-8.");
        try
        {
            var scan = new RequestScan(json, kind);
            scan.Root();
            return scan.facts;
        }
        catch (JsonException e)
        {
            throw new WireException("$", JsonBreak.Describe(e, Wire.MaxDepth));
        }
    }

    void Root()
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw new WireException("$", "must be a JSON object.");
        facts.Open = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Known();
            if (name is not null && !seen.Add(name))
                throw new WireException(name, "stands twice.");
            var start = (int)reader.TokenStartIndex;
            reader.Read();
            Member(name);
            if (name is not ("stream" or "stream_options" or "user" or "prompt_cache_key" or "safety_identifier"))
                facts.Members.Add(new(start, (int)reader.BytesConsumed - start));
        }
        if (reader.Read())
            throw new WireException("$", "one JSON object is one request.");
        if (facts.Model is null && kind != CallKind.Tensors)
            throw new WireException("model", "is missing; GET /v1/models lists the models.");
        var asked = kind switch { CallKind.Chat => "messages", CallKind.Embeddings => "input", _ => "inputs" };
        if (!seen.Contains(asked))
            throw new WireException(asked, "is missing.");
        if (facts.OptionsAt.Length > 0 && !facts.Stream)
            throw new WireException("stream_options", "goes with stream: true only.");
    }

    string? Known()
    {
        ReadOnlySpan<string> names = kind switch
        {
            CallKind.Chat => ["model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "n", "user", "prompt_cache_key", "safety_identifier"],
            CallKind.Embeddings => ["model", "input", "encoding_format", "dimensions", "user"],
            _ => ["id", "inputs", "outputs", "parameters"],
        };
        foreach (var name in names)
            if (reader.ValueTextEquals(name))
                return name;
        Note(PlaceKind.Name);
        return null;
    }

    void Member(string? name)
    {
        switch (name)
        {
            case "model":
                facts.ModelAt = Here();
                facts.Model = Text(name, 200);
                break;
            case "messages":
                Messages();
                break;
            case "input":
                Input();
                break;
            case "stream" when reader.TokenType != JsonTokenType.Null:
                facts.Stream = Flag(name);
                break;
            case "stream_options" when reader.TokenType != JsonTokenType.Null:
                Options();
                break;
            case "max_tokens" or "max_completion_tokens" when reader.TokenType != JsonTokenType.Null:
                facts.MaxTokens = Math.Max(Whole(name, 1, 1_000_000), facts.MaxTokens ?? 0);   // nobody knows which of the two an endpoint heeds
                break;
            case "max_completion_tokens":
                facts.NoLongestAt = Here();
                break;
            case "n" when reader.TokenType != JsonTokenType.Null:
                facts.Choices = Whole(name, 1, 16);
                break;
            case "dimensions" when reader.TokenType != JsonTokenType.Null:
                facts.Dimensions = Whole(name, 1, 100_000);
                break;
            case "encoding_format" when reader.TokenType != JsonTokenType.Null:
                facts.Base64 = Text(name, 20) switch { "float" => false, "base64" => true, _ => throw new WireException(name, "must be float or base64.") };
                break;
            case "user" or "prompt_cache_key" or "safety_identifier" when reader.TokenType == JsonTokenType.String:
                Note(PlaceKind.Value);
                facts.Sticky = Text(name, 512);
                break;
            default:
                Value(Part.Other);
                break;
        }
    }

    void Messages()
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new WireException("messages", "must be a list of messages.");
        var number = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new WireException($"messages[{number}]", "must be an object with role and content.");
            Message(number++);
        }
        if (number == 0)
            throw new WireException("messages", "must hold at least one message.");
    }

    void Message(int number)
    {
        (lastContent, isUser) = (default, false);
        var hasRole = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var (role, content) = (reader.ValueTextEquals("role"u8), reader.ValueTextEquals("content"u8));
            Note(PlaceKind.Name);
            reader.Read();
            if (role)
            {
                hasRole = reader.TokenType == JsonTokenType.String ? true : throw new WireException($"messages[{number}].role", "must be a string.");
                isUser = reader.ValueTextEquals("user"u8);
            }
            if (content && reader.TokenType == JsonTokenType.String)
                lastContent = Here();
            Value(Part.Other);
        }
        if (!hasRole)
            throw new WireException($"messages[{number}].role", "is missing.");
        facts.QuestionAt = isUser ? lastContent : default;
    }

    void Input()
    {
        if (reader.TokenType == JsonTokenType.StartArray)
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                One();
        else
            One();
        if (facts.TextsAt.Count is 0 or > MostTexts)
            throw new WireException("input", $"must hold from 1 to {MostTexts} texts.");
    }

    void One()
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new WireException("input", "must be a text or a list of texts; numbers of tokens are not taken, because nothing in them can be masked.");
        if (reader.ValueSpan.Length == 0)
            throw new WireException("input", "holds an empty text.");
        Note(PlaceKind.Value);
        facts.TextsAt.Add(Here());
    }

    void Options()
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new WireException("stream_options", "must be an object.");
        var start = (int)reader.TokenStartIndex;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var usage = reader.ValueTextEquals("include_usage"u8);
            reader.Read();
            if (usage)
                facts.IncludeUsage = Flag("stream_options.include_usage");
            else
                reader.Skip();
        }
        facts.OptionsAt = new(start, (int)reader.BytesConsumed - start);
    }

    /// <summary>A member of a chat's message that can hold a file, and the file in it.</summary>
    enum Part
    {
        Other,
        Image,
        Audio,
        Document,
        File,
    }

    /// <summary>Passes over a value and notes the strings in it, but for one that is the bytes of a file: only chats have files, and only in <c>image_url.url</c>, <c>input_audio.data</c> and <c>file.file_data</c>.</summary>
    void Value(Part part)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                if (part != Part.File || !IsFile(reader.ValueSpan))
                    Note(PlaceKind.Value);
                break;
            case JsonTokenType.Number:
                NoteNumber();
                break;
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    Value(Part.Other);
                break;
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var member = kind == CallKind.Chat ? PartOf(part) : Part.Other;
                    if (member == Part.Image)
                        facts.Images++;
                    Note(PlaceKind.Name);
                    reader.Read();
                    Value(member);
                }
                break;
        }
    }

    readonly Part PartOf(Part part) =>
        reader.ValueTextEquals("image_url"u8) ? Part.Image
        : reader.ValueTextEquals("input_audio"u8) ? Part.Audio
        : reader.ValueTextEquals("file"u8) ? Part.Document
        : part switch
        {
            Part.Image => reader.ValueTextEquals("url"u8),
            Part.Audio => reader.ValueTextEquals("data"u8),
            Part.Document => reader.ValueTextEquals("file_data"u8),
            _ => false,
        } ? Part.File : Part.Other;

    /// <summary>A data URL in base64, or base64 alone: in neither can anything be masked.</summary>
    static bool IsFile(ReadOnlySpan<byte> text)
    {
        if (!text.StartsWith("data:"u8))
            return text.Length > 256 && text.IndexOfAnyExcept(Base64Bytes) < 0;
        var comma = text.IndexOf((byte)',');   // slashes may be escaped
        return comma is > 0 and < 128 && text[..comma].EndsWith(";base64"u8) && text[..comma].IndexOfAnyExcept(HeaderBytes) < 0 && text[(comma + 1)..].IndexOfAnyExcept(EscapedBytes) < 0 && text.IndexOf("\\u"u8) < 0;
    }

    static readonly System.Buffers.SearchValues<byte> Base64Bytes = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_"u8);

    static readonly System.Buffers.SearchValues<byte> EscapedBytes = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\\"u8);

    static readonly System.Buffers.SearchValues<byte> HeaderBytes = System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_.;:\\"u8);

    readonly void Note(PlaceKind what)
    {
        if (Telling.Of(reader.ValueSpan))
            facts.Telling.Add(new((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2, what));
    }

    /// <summary>A whole number that is a card's, however it is written.</summary>
    readonly void NoteNumber()
    {
        if (WholeNumber.Digits(reader.ValueSpan) is { } digits && CardDetector.Is(digits))
            facts.Telling.Add(new((int)reader.TokenStartIndex, reader.ValueSpan.Length, PlaceKind.Number));
    }

    readonly Place Here() => new((int)reader.TokenStartIndex, (int)(reader.BytesConsumed - reader.TokenStartIndex));

    string Text(string name, int most)
    {
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.Length is 0 || reader.ValueSpan.Length > most)
            throw new WireException(name, $"must be a text of 1 to {most} bytes.");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new WireException(name, "holds half of a character (a lone surrogate).");
        }
    }

    bool Flag(string name) => reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw new WireException(name, "must be true or false.");

    int Whole(string name, int least, int most) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var number) && number >= least && number <= most ? number : throw new WireException(name, $"must be a whole number from {least} to {most}.");
}
