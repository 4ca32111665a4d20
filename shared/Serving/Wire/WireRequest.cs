using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AiOs.Models.Protocol;
using AiOs.Security;
using AiOs.Security.Detectors;
using AiOs.Serving.Calls;

namespace AiOs.Serving.Wire;

/// <summary>A request in OpenAI's form: its bytes as they came, where what matters stands in them, and what is written in their place before it leaves. Nothing else is touched,
/// so parameters that this version does not know reach the model too.</summary>
public sealed class WireRequest
{
    readonly byte[] json;
    readonly RequestFacts facts;
    readonly List<Edit> edits = [];
    byte[]? masked;
    InferRequest? tensors;

    WireRequest(byte[] json, CallKind kind, RequestFacts facts) => (this.json, Kind, this.facts) = (json, kind, facts);

    /// <summary>What is asked.</summary>
    public CallKind Kind { get; }

    /// <summary>The logical name of the model.</summary>
    public string Model => facts.Model!;

    /// <summary>Whether the answer is to come in pieces.</summary>
    public bool Stream => facts.Stream;

    /// <summary>Whether the last piece is to tell the usage.</summary>
    public bool IncludeUsage => facts.IncludeUsage;

    /// <summary>The longest answer in tokens; null where the caller does not say.</summary>
    public int? MaxTokens => facts.MaxTokens;

    /// <summary>How many answers are wanted.</summary>
    public int Choices => facts.Choices;

    /// <summary>How many images are shown, by their addresses or as they are.</summary>
    public int Images => facts.Images;

    /// <summary>What names the conversation or the person, where the caller says it (<c>prompt_cache_key</c>, <c>safety_identifier</c>, <c>user</c>).</summary>
    public string? Sticky => facts.Sticky;

    /// <summary>The texts to embed, masked.</summary>
    public IReadOnlyList<string> Texts => facts.Texts;

    /// <summary>Whether vectors are wanted as base64 of little-endian floats.</summary>
    public bool Base64 => facts.Base64;

    /// <summary>The length of vectors that is wanted.</summary>
    public int? Dimensions => facts.Dimensions;

    /// <summary>How long it is in bytes, masked: tokens are longer than what they stand for.</summary>
    public long Length => Masked.Length;

    /// <summary>What the user said last, masked; null where that is no plain text.</summary>
    public string? Question { get; private set; }

    /// <summary>Reads a request; every string in it must be valid Unicode.</summary>
    /// <exception cref="WireException">It does not have the form.</exception>
    public static WireRequest Parse(byte[] json, CallKind kind)
    {
        var request = new WireRequest(json, kind, RequestScan.Read(json, kind));
        request.ReadTexts();
        return request;
    }

    /// <summary>Reads an inference in the form of the Open Inference Protocol.</summary>
    /// <param name="json">The body; tensors as JSON.</param>
    /// <param name="model">The logical name, which the protocol has in the address.</param>
    /// <exception cref="WireException">It does not have the form.</exception>
    public static WireRequest ParseTensors(byte[] json, string model)
    {
        var request = new WireRequest(json, CallKind.Tensors, RequestScan.Read(json, CallKind.Tensors));
        request.facts.Model = model;
        request.tensors = TensorWire.Request(json);
        return request;
    }

    /// <summary>Replaces what is personal by tokens of the app's vault; tokens from outside become plain text. What a number hides leaves as a token in a text;
    /// where a model computes with numbers they leave as they are, and are masked where they are kept.</summary>
    /// <returns>What the tokens stand for, to be put back into the answer.</returns>
    /// <exception cref="WireException">The name of a member is personal, a text is no valid Unicode, or there are too many personal values.</exception>
    public async ValueTask<Restoration> MaskAsync(Masking masking, string app, CancellationToken cancellationToken)
    {
        if (facts.Telling.Count == 0)
            return Restoration.None;
        var texts = facts.Telling.ConvertAll(range => range.Is == PlaceKind.Number ? WholeNumber.Digits(json.AsSpan(range.Start, range.Length))! : Text(range.Start, range.Length));
        var (safe, originals) = await TokensAsync(masking, app, texts, cancellationToken);
        for (var i = 0; i < texts.Count; i++)
            if (!ReferenceEquals(safe[i], texts[i]) && safe[i] != texts[i])
            {
                if (facts.Telling[i].Is == PlaceKind.Name)
                    throw new WireException("$", "a member has a personal name; put such values into strings.");
                edits.Add(new(facts.Telling[i].Start, facts.Telling[i].Length, Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(safe[i], Wire.Encoder)}\""), Kind == CallKind.Tensors && facts.Telling[i].Is == PlaceKind.Number));
            }
        if (edits.Count > 0)
        {
            (masked, tensors) = (null, null);
            ReadTexts();
        }
        return originals.Count == 0 ? Restoration.None : new Restoration(originals);
    }

    static async ValueTask<(IReadOnlyList<string> Texts, IReadOnlyDictionary<string, string> Originals)> TokensAsync(Masking masking, string app, List<string> texts, CancellationToken cancellationToken)
    {
        try
        {
            return await masking.MaskReversiblyAsync(app, texts, MaskKinds.All, cancellationToken);
        }
        catch (TooManyValuesException)
        {
            throw new WireException("$", $"holds more than {Masking.MostValues} addresses, telephone numbers, cards and IBANs; send it in parts.");
        }
    }

    /// <summary>The request as a deployment gets it.</summary>
    /// <param name="model">What the deployment calls the model.</param>
    /// <param name="longest">The longest answer where the caller says none, so that its cost has a bound.</param>
    public byte[] For(string model, int longest)
    {
        var writer = new ArrayBufferWriter<byte>(json.Length + 160 + edits.Sum(edit => edit.With.Length));
        var all = new List<Edit>(edits.Count + 2) { new(facts.ModelAt.Start, facts.ModelAt.Length, Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(model, Wire.Encoder)}\"")) };
        if (facts.OptionsAt.Length > 0)
            all.Add(new(facts.OptionsAt.Start, facts.OptionsAt.Length, Wire.IncludeUsage));
        if (facts.NoLongestAt.Length > 0 && facts.MaxTokens is null)
            all.Add(new(facts.NoLongestAt.Start, facts.NoLongestAt.Length, Encoding.UTF8.GetBytes(longest.ToString(CultureInfo.InvariantCulture))));
        all.AddRange(edits);
        all.Sort(static (a, b) => a.Start.CompareTo(b.Start));
        var from = facts.Open + 1;
        writer.Write("{"u8);
        if (Kind == CallKind.Chat && facts.MaxTokens is null && facts.NoLongestAt.Length == 0)
        {
            writer.Write("\"max_completion_tokens\":"u8);
            Utf8Formatter.TryFormat(longest, writer.GetSpan(16), out var written);
            writer.Advance(written);
            writer.Write(","u8);
        }
        if (Stream && facts.OptionsAt.Length == 0)
        {
            writer.Write("\"stream_options\":"u8);
            writer.Write(Wire.IncludeUsage);
            writer.Write(","u8);
        }
        foreach (var edit in all)
        {
            writer.Write(json.AsSpan(from, edit.Start - from));
            writer.Write(edit.With);
            from = edit.Start + edit.Length;
        }
        writer.Write(json.AsSpan(from));
        return writer.WrittenSpan.ToArray();
    }

    /// <summary>The request as it came, masked: for captures and caches.</summary>
    public ReadOnlySpan<byte> Masked => masked ??= edits.Count == 0 ? json : Apply();

    /// <summary>The request as it leaves where a deployment gets it under its own name: tensors.</summary>
    public ReadOnlyMemory<byte> Leaving => edits.Exists(edit => edit.IsKept) ? Apply(leaving: true) : masked ?? (edits.Count == 0 ? json : masked = Apply());

    /// <summary>The tensors as they leave.</summary>
    internal InferRequest Tensors => tensors ??= TensorWire.Request(Leaving);

    /// <summary>Names the same request: SHA-256 of all of it but how the answer is delivered and to whom.</summary>
    public string Digest() => Hash(default);

    /// <summary>Names requests that differ in what the user said last and in nothing else; null where that is no plain text, or holds something personal: questions about two people are alike.</summary>
    public string? Frame() => facts.QuestionAt.Length == 0 || edits.Exists(edit => edit.Start == facts.QuestionAt.Start) ? null : Hash(facts.QuestionAt);

    string Hash(Place without)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var member in facts.Members)
        {
            var from = member.Start;
            foreach (var edit in without.Length == 0 ? edits : [.. edits.Where(edit => edit.Start != without.Start).Append(new(without.Start, without.Length, [])).OrderBy(edit => edit.Start)])
                if (edit.Start >= from && edit.Start < member.Start + member.Length)
                {
                    hash.AppendData(json, from, edit.Start - from);
                    hash.AppendData(edit.With);
                    from = edit.Start + edit.Length;
                }
            hash.AppendData(json, from, member.Start + member.Length - from);
            hash.AppendData("\0"u8);
        }
        return Convert.ToBase64String(hash.GetHashAndReset());
    }

    byte[] Apply(bool leaving = false)
    {
        var buffer = new ArrayBufferWriter<byte>(json.Length + 64);
        var from = 0;
        foreach (var edit in edits)
        {
            if (leaving && edit.IsKept)
                continue;
            buffer.Write(json.AsSpan(from, edit.Start - from));
            buffer.Write(edit.With);
            from = edit.Start + edit.Length;
        }
        buffer.Write(json.AsSpan(from));
        return buffer.WrittenSpan.ToArray();
    }

    void ReadTexts()
    {
        if (Kind == CallKind.Embeddings)
            facts.Texts = [.. facts.TextsAt.Select(TextAt)];
        Question = facts.QuestionAt.Length == 0 ? null : TextAt(facts.QuestionAt);
    }

    string TextAt(Place place) => edits.Find(edit => edit.Start == place.Start) is { With: { } with } ? Decode(with) : Text(place.Start, place.Length);

    string Text(int start, int length) => Decode(json.AsSpan(start, length));

    static string Decode(ReadOnlySpan<byte> quoted)
    {
        try
        {
            var reader = new Utf8JsonReader(quoted);
            reader.Read();
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw new WireException("$", "a text holds half of a character (a lone surrogate).");
        }
    }

    /// <param name="IsKept">Whether it is for what is kept alone.</param>
    readonly record struct Edit(int Start, int Length, byte[] With, bool IsKept = false);
}
