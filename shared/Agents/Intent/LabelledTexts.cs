using System.Security.Cryptography;
using System.Text;

namespace AiOs.Agents.Intent;

/// <summary>A training set as the trainer sees it: labels in ordinal order with out of scope last, texts read, and each text once a label.</summary>
sealed class LabelledTexts
{
    LabelledTexts(IReadOnlyList<string> labels, bool hasOutOfScope, IReadOnlyList<LabelledText> texts) =>
        (Labels, HasOutOfScope, Texts) = (labels, hasOutOfScope, texts);

    /// <summary>The names of the intents.</summary>
    public IReadOnlyList<string> Labels { get; }

    /// <summary>Behind the intents there is one more label: none of them.</summary>
    public bool HasOutOfScope { get; }

    /// <summary>Every text with the number of its label: first the examples, behind them the names of the intents.</summary>
    public IReadOnlyList<LabelledText> Texts { get; }

    /// <summary>How many labels there are, out of scope included.</summary>
    public int Width => Labels.Count + (HasOutOfScope ? 1 : 0);

    public static LabelledTexts Of(IntentSet set)
    {
        var intents = set.Intents.OrderBy(intent => intent.Name, StringComparer.Ordinal).ToArray();
        var lists = intents.Select(intent => intent.Examples).Append(set.OutOfScope).Select(Read).ToArray();
        var texts = lists.SelectMany((list, label) => list.Select(text => new LabelledText(text, label, IsName: false)));
        var names = intents.Select((intent, label) => new LabelledText(IntentText.ReadName(intent.Name), label, IsName: true)).Where(name => IntentText.IsLegible(name.Text));
        return new([.. intents.Select(intent => intent.Name)], lists[^1].Count > 0, [.. texts, .. names]);
    }

    /// <summary>SHA-256 over everything that training depends on, <paramref name="versions"/> included, as 64 hex digits.</summary>
    public string Digest(params ReadOnlySpan<string> versions)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var version in versions)
            Append(version);
        foreach (var label in Labels)
            Append(label);
        foreach (var (text, label, _) in Texts)
        {
            hash.AppendData(BitConverter.GetBytes(label));
            Append(text);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(string value)
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }
    }

    static List<string> Read(IReadOnlyList<string> examples) => [.. examples.Select(IntentText.Read).Where(IntentText.IsLegible).Distinct(StringComparer.Ordinal)];
}

/// <summary>A text as it is read, and the number of its label. A name is what its author called the intent: the shortest description there is, worth an example.</summary>
readonly record struct LabelledText(string Text, int Label, bool IsName);
