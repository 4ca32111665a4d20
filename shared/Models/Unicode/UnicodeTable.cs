using System.Collections.Frozen;
using System.Globalization;

namespace AiOs.Models.Unicode;

/// <summary>The three tables behind <see cref="Nfkc"/>, read once from the embedded nfkc.txt (whose first lines say its format).</summary>
sealed class UnicodeTable
{
    /// <summary>Full compatibility decompositions, Hangul syllables excepted.</summary>
    public required FrozenDictionary<int, int[]> Decompositions { get; init; }

    /// <summary>Canonical combining classes other than 0.</summary>
    public required FrozenDictionary<int, int> CombiningClasses { get; init; }

    /// <summary>Primary composites by <see cref="Pair"/>.</summary>
    public required FrozenDictionary<long, int> Composites { get; init; }

    public static UnicodeTable Load()
    {
        var (decompositions, classes, composites) = (new Dictionary<int, int[]>(), new Dictionary<int, int>(), new Dictionary<long, int>());
        using var reader = new StreamReader(typeof(UnicodeTable).Assembly.GetManifestResourceStream("AiOs.Models.Unicode.nfkc.txt")!);
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            switch (fields[0])
            {
                case "d":
                    var targets = fields.Skip(2).Select(Hex).ToArray();
                    foreach (var (codePoint, offset) in Run(fields[1]))
                        decompositions.Add(codePoint, offset == 0 ? targets : [targets[0] + offset]);
                    break;
                case "c":
                    foreach (var (codePoint, _) in Run(fields[1]))
                        classes.Add(codePoint, int.Parse(fields[2], CultureInfo.InvariantCulture));
                    break;
                case "p":
                    composites.Add(Pair(Hex(fields[1]), Hex(fields[2])), Hex(fields[3]));
                    break;
            }
        }
        return new() { Decompositions = decompositions.ToFrozenDictionary(), CombiningClasses = classes.ToFrozenDictionary(), Composites = composites.ToFrozenDictionary() };
    }

    public static long Pair(int first, int second) => (long)first << 32 | (uint)second;

    static IEnumerable<(int CodePoint, int Offset)> Run(string field)
    {
        var parts = field.Split('+');
        var count = parts.Length == 1 ? 1 : Hex(parts[1]);
        return Enumerable.Range(0, count).Select(offset => (Hex(parts[0]) + offset, offset));
    }

    static int Hex(string digits) => int.Parse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
