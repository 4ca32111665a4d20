using System.Text;

namespace AiOs.Bench.Retrieval;

/// <summary>Text of made-up words whose frequencies fall as those of a language do (Zipf), the same for the same seed.</summary>
sealed class SyntheticText
{
    const int Vocabulary = 50_000;
    const string Letters = "abcdfghijklmnopqrtuvwz";

    readonly double[] cumulative = new double[Vocabulary];
    readonly Random random;

    public SyntheticText(int seed)
    {
        random = new Random(seed);
        double sum = 0;
        for (var rank = 0; rank < Vocabulary; rank++)
            cumulative[rank] = sum += 1.0 / (rank + 10);
    }

    /// <summary>So many words.</summary>
    public string Words(int count)
    {
        var text = new StringBuilder();
        for (var i = 0; i < count; i++)
            text.Append(i == 0 ? "" : " ").Append(Word());
        return text.ToString();
    }

    string Word()
    {
        var place = Array.BinarySearch(cumulative, random.NextDouble() * cumulative[^1]);
        var rank = place < 0 ? ~place : place;
        var word = new StringBuilder("x");
        for (var left = rank + Letters.Length; left > 0; left /= Letters.Length)
            word.Append(Letters[left % Letters.Length]);
        return word.ToString();
    }
}
