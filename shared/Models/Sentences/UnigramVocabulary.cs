using System.Text;
using System.Text.Json;

namespace AiOs.Models.Sentences;

/// <summary>The pieces of a SentencePiece unigram model with their scores (log probabilities), as a prefix tree over code points.</summary>
public sealed class UnigramVocabulary
{
    /// <summary>The first pieces are reserved (unknown, begin, end, extras) and never match text.</summary>
    const int Reserved = 6;

    // One entry per edge: node << 21 | code point -> child. Node 0 is the root.
    readonly Dictionary<long, int> children = [];
    readonly List<int> pieceAt = [-1];
    readonly double[] scores;
    readonly int[] lengths;

    UnigramVocabulary(int pieces) => (scores, lengths) = (new double[pieces], new int[pieces]);

    /// <summary>The number of pieces, reserved ones included.</summary>
    public int Count => scores.Length;

    /// <summary>Reads a JSON array of [piece, score]. A score that is null counts as 0, as in the reference implementation.</summary>
    /// <exception cref="InvalidDataException">The file is no such array.</exception>
    public static UnigramVocabulary Read(string path)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var vocabulary = new UnigramVocabulary(document.RootElement.GetArrayLength());
            var piece = 0;
            foreach (var entry in document.RootElement.EnumerateArray())
            {
                vocabulary.Add(piece, entry[0].GetString()!, entry[1].ValueKind == JsonValueKind.Number ? entry[1].GetDouble() : 0);
                piece++;
            }
            return vocabulary;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{path} is no vocabulary: {e.Message}", e);
        }
    }

    /// <summary>The score of a piece.</summary>
    public double Score(int piece) => scores[piece];

    /// <summary>How many code points a piece covers.</summary>
    public int Length(int piece) => lengths[piece];

    /// <summary>The node behind <paramref name="node"/> by <paramref name="codePoint"/>, or -1; start at 0.</summary>
    public int Follow(int node, int codePoint) => children.TryGetValue(Edge(node, codePoint), out var child) ? child : -1;

    /// <summary>The piece that ends at <paramref name="node"/>, or -1.</summary>
    public int PieceAt(int node) => pieceAt[node];

    void Add(int piece, string text, double score)
    {
        var (node, length) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            length++;
            if (piece >= Reserved)
                node = Child(node, rune.Value);
        }
        (scores[piece], lengths[piece]) = (score, length);
        if (piece >= Reserved)
            pieceAt[node] = piece;
    }

    int Child(int node, int codePoint)
    {
        var edge = Edge(node, codePoint);
        if (!children.TryGetValue(edge, out var child))
        {
            children.Add(edge, child = pieceAt.Count);
            pieceAt.Add(-1);
        }
        return child;
    }

    static long Edge(int node, int codePoint) => (long)node << 21 | (uint)codePoint;
}
