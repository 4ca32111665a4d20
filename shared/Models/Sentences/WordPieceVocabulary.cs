using System.Collections.Frozen;

namespace AiOs.Models.Sentences;

/// <summary>The pieces of a WordPiece vocabulary, one a line; what starts with ## continues a word.</summary>
public sealed class WordPieceVocabulary
{
    const string Continuation = "##";
    readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> starts, continuations;
    readonly int longest;

    WordPieceVocabulary(string[] pieces)
    {
        var numbered = pieces.Index().Where(piece => piece.Item.Length > 0).ToArray();
        starts = Table(numbered.Where(piece => !Continues(piece.Item)).Select(piece => (piece.Item, piece.Index)));
        continuations = Table(numbered.Where(piece => Continues(piece.Item)).Select(piece => (piece.Item[Continuation.Length..], piece.Index)));
        longest = pieces.Max(piece => piece.Length);
        (Unknown, First, Last) = (Special("[UNK]"), Special("[CLS]"), Special("[SEP]"));
    }

    /// <summary>Stands for a word that no pieces make up.</summary>
    public int Unknown { get; }

    /// <summary>Stands before every sentence.</summary>
    public int First { get; }

    /// <summary>Stands behind every sentence.</summary>
    public int Last { get; }

    /// <summary>Reads a file of pieces.</summary>
    /// <exception cref="InvalidDataException">The file is no vocabulary.</exception>
    public static WordPieceVocabulary Read(string path)
    {
        try
        {
            return new(File.ReadAllLines(path));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{path} is no vocabulary: {e.Message}", e);
        }
    }

    /// <summary>The longest piece that <paramref name="rest"/> begins with, and its length; -1 where there is none.</summary>
    /// <param name="rest">What is left of a word.</param>
    /// <param name="continues">Whether something of the word stands before it.</param>
    public (int Piece, int Length) Longest(ReadOnlySpan<char> rest, bool continues)
    {
        var table = continues ? continuations : starts;
        for (var length = Math.Min(rest.Length, longest); length > 0; length--)
            if (table.TryGetValue(rest[..length], out var piece))
                return (piece, length);
        return (-1, 0);
    }

    static bool Continues(string piece) => piece.StartsWith(Continuation, StringComparison.Ordinal) && piece.Length > Continuation.Length;

    static FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> Table(IEnumerable<(string Piece, int Number)> pieces) =>
        pieces.ToDictionary(piece => piece.Piece, piece => piece.Number, StringComparer.Ordinal).ToFrozenDictionary(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    int Special(string piece) => starts.TryGetValue(piece, out var number) ? number : throw new KeyNotFoundException($"the piece {piece} is missing");
}
