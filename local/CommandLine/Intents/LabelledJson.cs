using System.Text;
using System.Text.Json;

namespace AiOs.Local.CommandLine.Intents;

/// <summary>Labelled messages in the shape of CLINC150 (https://github.com/clinc/oos-eval): an object with lists of <c>[text, label]</c> named
/// train, val, test, and oos_train, oos_val, oos_test for messages that are none of the intents. One such list alone is both parts.</summary>
static class LabelledJson
{
    static readonly string[] testParts = ["test", "val", "dev", "train"];

    public static IReadOnlyList<LabelledFile.Entry> Read(string path, Part part)
    {
        var bytes = File.ReadAllBytes(path).AsSpan();
        if (bytes.StartsWith(Encoding.UTF8.Preamble)) bytes = bytes[Encoding.UTF8.Preamble.Length..];
        var reader = new Utf8JsonReader(bytes);
        try
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray) return Pairs(path, bytes, ref reader);
            var lists = Lists(path, bytes, ref reader);
            var name = part == Part.Train ? "train" : testParts.FirstOrDefault(lists.ContainsKey, "test");
            if (!lists.TryGetValue(name, out var inScope))
                throw new CommandException($"{path}: there is no list '{name}'; it has {string.Join(", ", lists.Keys)}.", ExitCode.Usage);
            return lists.TryGetValue("oos_" + name, out var outside) ? [.. inScope, .. outside] : inScope;
        }
        catch (JsonException e)
        {
            throw new CommandException($"{path}:{e.LineNumber + 1}: this is no JSON: {e.Message}", ExitCode.Usage);
        }
    }

    static Dictionary<string, List<LabelledFile.Entry>> Lists(string path, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader)
    {
        var lists = new Dictionary<string, List<LabelledFile.Entry>>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray) throw Wrong(path, bytes, reader, $"'{name}' has to be a list of [text, label]");
            lists[name] = Pairs(path, bytes, ref reader);
        }

        return lists;
    }

    /// <summary>The pairs of the list whose opening bracket was read.</summary>
    static List<LabelledFile.Entry> Pairs(string path, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader)
    {
        var (entries, line, counted) = (new List<LabelledFile.Entry>(), 1, 0);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartArray) throw Wrong(path, bytes, reader, "an entry has to be [text, label]");
            line += bytes[counted..(int)reader.TokenStartIndex].Count((byte)'\n');
            counted = (int)reader.TokenStartIndex;
            var (text, label) = (Text(path, bytes, ref reader), Text(path, bytes, ref reader));
            if (!reader.Read() || reader.TokenType != JsonTokenType.EndArray) throw Wrong(path, bytes, reader, "an entry has to be [text, label] and no more");
            entries.Add(LabelledFile.Labelled(path, line, text, label));
        }

        return entries;
    }

    static string Text(string path, ReadOnlySpan<byte> bytes, ref Utf8JsonReader reader) =>
        reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw Wrong(path, bytes, reader, "an entry has to be [text, label], both in quotes");

    static CommandException Wrong(string path, ReadOnlySpan<byte> bytes, in Utf8JsonReader reader, string what) =>
        new($"{path}:{bytes[..(int)reader.TokenStartIndex].Count((byte)'\n') + 1}: {what}.", ExitCode.Usage);
}
