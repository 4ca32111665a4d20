using System.Diagnostics;
using System.Numerics.Tensors;
using AiOs.Models.Sentences;

namespace AiOs.Shared.Tests.Models;

/// <summary>The encoder of intents: what it reads and what it says.</summary>
public sealed class WordPieceTests
{
    const int Unknown = 100, First = 101, Last = 102;

    static readonly int[] sampled = [0, 100, 200, 300, 383];

    // The tokens are those of Hugging Face's tokenizer for the text in NFKC, the numbers those of a plain evaluation of the published weights in double precision.
    [Theory]
    [InlineData("Thank you very much!", new[] { 4067, 2017, 2200, 2172, 999 }, new[] { -0.0340f, -0.0041f, 0.0943f, 0.0955f, 0.0554f })]
    [InlineData("Where is my parcel?", new[] { 2073, 2003, 2026, 20463, 1029 }, new[] { 0.0339f, 0.0616f, 0.0745f, 0.0313f, -0.0199f })]
    [InlineData("\u00dcn\u00efc\u00f6d\u00e9 fa\u00e7ade, \u00c6r\u00f8sk\u00f8bing and \u0141\u00f3d\u017a", new[] { 27260, 8508, 1010, 1097, 2099, 16415, 6711, 16415, 10472, 1998, 17814 }, new[] { 0.0029f, -0.0145f, 0.1083f, 0.0214f, 0.0036f })]
    [InlineData("don't you like tokenization?", new[] { 2123, 1005, 1056, 2017, 2066, 19204, 3989, 1029 }, new[] { -0.0500f, -0.0191f, -0.1019f, 0.0850f, -0.0352f })]
    [InlineData("\ud55c\uad6d\uc5b4 \ubb38\uc7a5", new[] { 1469, 30006, 30021, 29991, 30014, 30020, 29999, 30008, 1459, 30014, 30021, 30000, 30006, 30025 }, new[] { -0.0188f, -0.0128f, -0.0213f, -0.0828f, 0.0072f })]
    public async Task Known_sentences_keep_their_tokens_and_nearly_their_numbers(string text, int[] tokens, float[] numbers)
    {
        Assert.Equal([First, .. tokens, Last], Encoder.Intents.Tokenize(text));
        var vector = (await Encoder.Intents.GenerateAsync([text]))[0].Vector.ToArray();
        Assert.Equal(1, TensorPrimitives.Norm<float>(vector), 4);
        foreach (var (at, number) in sampled.Zip(numbers))
            Assert.Equal(number, vector[at], 0.03f);   // 8 bits
    }

    [Theory]
    [InlineData("ZERO\u200bwidth,\u0007 bell\u00a0and\ttab", "zerowidth , bell and tab")]   // format and control characters are nothing, a wide space is a space
    [InlineData("CAFE\u0301 na\u00efve \u0130stanbul \u01c5", "cafe naive istanbul dz")]      // accents go, also those of letters that are composed of others
    [InlineData("\uff21\uff22\uff23 \uff11\uff12 \u2460 \ufb02ow", "abc 12 1 flow")]          // compatibility characters are what they stand for
    [InlineData("a\ud800b \ufffd", "ab")]                                                      // a lone surrogate is nothing
    [InlineData("don't\u3000stop\u2014now\u3002", "don ' t stop\u2014now\u3002")]
    public void Ways_to_write_the_same_are_read_the_same(string text, string same) => Assert.Equal(Encoder.Intents.Tokenize(same), Encoder.Intents.Tokenize(text));

    [Fact]
    public void Special_tokens_cannot_be_written()
    {
        Assert.DoesNotContain(Last, Encoder.Intents.Tokenize("[SEP] [CLS] [MASK] [PAD] ##ing").Skip(1).SkipLast(1));
        Assert.DoesNotContain(First, Encoder.Intents.Tokenize("[CLS]").Skip(1));
        Assert.DoesNotContain(0, Encoder.Intents.Tokenize("[PAD]"));
    }

    [Fact]
    public async Task Text_without_anything_to_read_is_the_zero_vector()
    {
        string[] nothings = ["", " \t\n", "\u200b\u0000\u0301", "\ufffd"];
        Assert.All(nothings, text => Assert.Empty(Encoder.Intents.Tokenize(text)));
        Assert.All(await Encoder.Intents.GenerateAsync(nothings), nothing => Assert.Equal(0, TensorPrimitives.Norm(nothing.Vector.Span)));
        Assert.Equal([First, Unknown, Last], Encoder.Intents.Tokenize("🙂"));
    }

    // 8 bits are scaled by all tokens of a run, so every sentence is a run of its own.
    [Fact]
    public async Task A_text_has_the_same_vector_alone_and_among_others_to_the_last_bit()
    {
        string[] texts = [.. Enumerable.Range(0, 40).Select(i => string.Join(' ', Enumerable.Repeat($"number {i}", 1 + i % 40)))];
        using var another = new SentenceEncoder(SentenceEncoder.IntentDirectory);
        var together = await another.GenerateAsync(texts);
        for (var i = 0; i < texts.Length; i += 7)
            Assert.Equal((await Encoder.Intents.GenerateAsync([texts[i]]))[0].Vector.ToArray(), together[i].Vector.ToArray());
        Assert.Equal(384, another.Dimensions);
    }

    [Fact]
    public async Task Whoever_writes_100_KB_waits_no_longer_than_for_a_long_message()
    {
        var watch = Stopwatch.StartNew();
        foreach (var unit in new[] { "x", "word ", "\u0301\u0316", "\ufdfa", "🙂", "\ud800", "##", "你", "한", "\u200b", "ab\u0300" })
        {
            var huge = string.Concat(Enumerable.Repeat(unit, 100_000 / unit.Length));
            Assert.InRange(Encoder.Intents.Tokenize(huge).Count, 0, WordPieceTokenizer.MaxTokens);
            await Encoder.Intents.GenerateAsync([huge]);
        }
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"{watch.Elapsed}");
    }

    [Fact]
    public void No_text_of_any_characters_is_refused_or_has_a_token_that_there_is_not()
    {
        var random = new Random(11);
        string[] units = ["a", "Z", "##", "[", "]", " ", "\t", "\u0000", "\u0301", "\u200d", "\ud83d", "\ude42", "🙂", "你", "ﷺ", "한", "İ", "ß", "1", "'", "\u2014", "\u202e", "\ufeff", "tion", "un"];
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => random.Next(4) == 0 ? ((char)random.Next(1, 0xFFFF)).ToString() : units[random.Next(units.Length)]));
            var tokens = Encoder.Intents.Tokenize(text);
            Assert.All(tokens, token => Assert.InRange(token, 1, 30_521));
            if (tokens.Count > 0)
                Assert.Equal((First, Last), (tokens[0], tokens[^1]));
        }
    }

    [Fact]
    public async Task A_vocabulary_that_is_none_is_refused_by_name()
    {
        var folder = Directory.CreateTempSubdirectory("aios-intent-encoder-").FullName;
        File.Copy(Path.Combine(SentenceEncoder.IntentDirectory, "model.onnx"), Path.Combine(folder, "model.onnx"));
        foreach (var (content, reason) in new[] { ("", "no vocabulary"), ("a\nb", "[UNK]"), ("[UNK]\n[CLS]\n[SEP]\n[UNK]", "no vocabulary") })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, SentenceTokenizer.WordPieceFile), content);
            using var encoder = new SentenceEncoder(folder);
            var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => encoder.GenerateAsync(["hi"]));
            Assert.Contains(folder, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        }
        var model = await File.ReadAllBytesAsync(Path.Combine(folder, "model.onnx"));
        model[model.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(Path.Combine(folder, "model.onnx"), model);
        File.Copy(Path.Combine(SentenceEncoder.IntentDirectory, SentenceTokenizer.WordPieceFile), Path.Combine(folder, SentenceTokenizer.WordPieceFile), overwrite: true);
        using (var damaged = new SentenceEncoder(folder))
            Assert.Contains("model.onnx is not the sentence encoder", (await Assert.ThrowsAsync<InvalidDataException>(() => damaged.GenerateAsync(["hi"]))).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }
}
