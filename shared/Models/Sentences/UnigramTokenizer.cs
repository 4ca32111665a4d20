using AiOs.Models.Unicode;

namespace AiOs.Models.Sentences;

/// <summary>Splits text into the most probable pieces of a unigram vocabulary (Kudo 2018, https://arxiv.org/abs/1804.10959), with exactly the
/// ties and quirks of the TensorFlow.js tokenizer that the encoder was published with. The time is linear in the text: no piece is longer than 16 code points.</summary>
public sealed class UnigramTokenizer(UnigramVocabulary vocabulary) : ISentenceTokenizer
{
    /// <summary>The encoder reads no more tokens than this.</summary>
    public const int MaxTokens = 128;

    /// <summary>Text behind this many UTF-16 units is not looked at: four times what 128 of the longest pieces cover.</summary>
    public const int MaxText = 8192;

    const int Unknown = 0, Separator = '\u2581';

    /// <summary>At most <see cref="MaxTokens"/> piece numbers; none for empty text. Neighbouring unknowns are one.</summary>
    public int[] Encode(string text)
    {
        var symbols = Symbols(text);
        if (symbols.Count == 0)
            return [];
        var pieces = BestPieces(symbols);
        var tokens = new List<int>(symbols.Count);
        for (var end = symbols.Count; end > 0; end -= vocabulary.Length(pieces[end]))
            if (pieces[end] != Unknown || tokens is not [.., Unknown])
                tokens.Add(pieces[end]);
        tokens.Reverse();
        return [.. tokens.Take(MaxTokens)];
    }

    static List<int> Symbols(string text)
    {
        if (text.Length > MaxText)
            text = text[..(char.IsHighSurrogate(text[MaxText - 1]) ? MaxText - 1 : MaxText)];
        var normal = Nfkc.Normalize(text);
        var symbols = new List<int>(normal.Length + 1);
        if (normal.Length > 0)
            symbols.Add(Separator);
        foreach (var rune in normal.EnumerateRunes())
            symbols.Add(rune.Value == ' ' ? Separator : rune.Value);
        return symbols;
    }

    /// <summary>For every position, the last piece of the best way to get there (Viterbi).</summary>
    int[] BestPieces(List<int> symbols)
    {
        var best = new double[symbols.Count + 1];
        var pieces = new int[symbols.Count + 1];
        for (var start = 0; start < symbols.Count; start++)
        {
            var (node, matched) = (0, false);
            for (var end = start; end < symbols.Count && (node = vocabulary.Follow(node, symbols[end])) >= 0; end++)
                if (vocabulary.PieceAt(node) is >= 0 and var piece)
                {
                    Offer(end + 1, best[start] + vocabulary.Score(piece), piece);
                    matched = true;
                }
            if (!matched)
                Offer(start + 1, best[start], Unknown);
        }
        return pieces;

        // The reference takes a best score of exactly 0 for "not set yet"; pieces without a score and unknowns can make it so.
        void Offer(int end, double score, int piece)
        {
            if (best[end] == 0 || score >= best[end])
                (best[end], pieces[end]) = (score, piece);
        }
    }
}
