namespace AiOs.Bench.Inference;

/// <summary>Sentences of mixed length as customers write them: half short (3 to 11 words), four in ten a line or two (8 to 24), one in ten long (20 to 59). The same ones in every run.</summary>
static class Sentences
{
    static readonly string[] words = """
        the my a card was stolen please freeze it how do I get new one order number refund late delivery account password reset invoice payment customer service and with from we need
        tomorrow policy damage claim water kitchen phone because there is no answer laptop printer office server down again transfer arrived yesterday parcel broken when will money be back
        """.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);

    public static string[] Make(int count)
    {
        var random = new Random(20_261_126);
        return [.. Enumerable.Range(0, count).Select(_ => string.Join(' ', Enumerable.Range(0, Length(random)).Select(_ => words[random.Next(words.Length)])))];
    }

    static int Length(Random random) => random.Next(10) switch
    {
        < 5 => random.Next(3, 12),
        < 9 => random.Next(8, 25),
        _ => random.Next(20, 60),
    };
}
