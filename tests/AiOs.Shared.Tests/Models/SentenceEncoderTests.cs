using System.Diagnostics;
using System.Numerics.Tensors;
using System.Text.Json;
using AiOs.Models.Sentences;

namespace AiOs.Shared.Tests.Models;

public sealed class SentenceEncoderTests
{
    static readonly int[] sampled = [0, 100, 255, 400, 511];

    sealed record Golden(string Text, int[] TokenIds, float[] Embedding);

    [Fact]
    public async Task Tokens_and_vectors_equal_those_of_the_published_model()
    {
        var folder = Environment.GetEnvironmentVariable("AIOS_DATA");
        var path = Path.Combine(folder ?? "", "use-lite", "golden.json");
        Assert.SkipUnless(folder is not null && File.Exists(path), "AIOS_DATA does not name a folder with use-lite/golden.json.");
        foreach (var golden in JsonSerializer.Deserialize<Golden[]>(await File.ReadAllBytesAsync(path), JsonSerializerOptions.Web)!)
        {
            Assert.Equal(golden.TokenIds.Take(UnigramTokenizer.MaxTokens), Encoder.Shared.Tokenize(golden.Text));
            var vector = await Encoder.EmbedAsync(golden.Text);
            Assert.True(TensorPrimitives.Distance(vector, golden.Embedding) < 2e-5, golden.Text);
        }
    }

    // A plain question; composed and full-width letters; pieces without a score; unknowns; double spaces; compatibility characters.
    [Theory]
    [InlineData("Where is my parcel?", new[] { 3009, 18, 69, 2348, 5488, 54 }, new[] { -0.05256f, 0.01901f, 0.05449f, 0.02364f, 0.03283f })]
    [InlineData("cafe\u0301 ＡＢＣ １２", new[] { 976, 209, 1133, 74, 2512, 575 }, new[] { 0.00079f, -0.05830f, 0.02709f, -0.05780f, 0.00150f })]
    [InlineData("ratio 3:4 :) http://a.b", new[] { 4472, 216, 57, 477, 658, 290, 255, 86, 6, 151 }, new[] { -0.02516f, -0.07395f, 0.04780f, -0.00709f, 0.06261f })]
    [InlineData("🙂🙂 ok 🙂🙂", new[] { 30, 0, 2303, 30, 0 }, new[] { 0.03198f, -0.05900f, 0.05799f, -0.01678f, 0.03855f })]
    [InlineData("naïve  façade", new[] { 1216, 0, 105, 30, 1138, 6801, 2398 }, new[] { 0.03820f, -0.05676f, 0.05514f, -0.04571f, 0.05378f })]
    [InlineData("\u212bngström ﬂow ½", new[] { 30, 0, 1143, 2194, 6781, 47, 1807, 207, 7935, 288 }, new[] { -0.04126f, -0.00118f, 0.05830f, -0.05642f, -0.05885f })]
    public async Task Known_sentences_keep_their_tokens_and_numbers(string text, int[] tokens, float[] numbers)
    {
        Assert.Equal(tokens, Encoder.Shared.Tokenize(text));
        var vector = await Encoder.EmbedAsync(text);
        Assert.Equal(1, TensorPrimitives.Norm<float>(vector), 4);
        foreach (var (at, number) in sampled.Zip(numbers))
            Assert.Equal(number, vector[at], 1e-4f);
    }

    [Fact]
    public async Task A_batch_gives_each_text_what_it_gets_alone_in_the_order_of_the_texts()
    {
        string[] texts = [.. Enumerable.Range(0, 150).Select(i => string.Join(' ', Enumerable.Repeat($"number {i}", 1 + i % 40))), "", " \t\n", "the last one"];
        var together = await Encoder.Shared.GenerateAsync(texts);
        await Parallel.ForEachAsync(Enumerable.Range(0, texts.Length).Where(i => i % 7 == 0 || i >= 150), async (i, _) =>
        {
            var alone = await Encoder.EmbedAsync(texts[i]);
            Assert.True(TensorPrimitives.Distance(together[i].Vector.Span, alone) < 1e-5, texts[i]);
        });
        Assert.All(together.Skip(150).Take(2), nothing => Assert.Equal(0, TensorPrimitives.Norm(nothing.Vector.Span)));
    }

    [Fact]
    public async Task Meaning_is_nearer_than_wording()
    {
        var vectors = await Encoder.Shared.GenerateAsync(["How old are you?", "What is your age?", "How tall are the trees?"]);
        float Similarity(int a, int b) => TensorPrimitives.Dot(vectors[a].Vector.Span, vectors[b].Vector.Span);
        Assert.True(Similarity(0, 1) > Similarity(0, 2) + 0.2f);
    }

    [Fact]
    public async Task A_huge_text_costs_no_more_than_a_long_one()
    {
        var watch = Stopwatch.StartNew();
        foreach (var unit in new[] { "x", "word ", "\u0301\u0316", "\ufdfa", "🙂", "\ud800" })
        {
            var huge = string.Concat(Enumerable.Repeat(unit, 1_000_000 / unit.Length));
            Assert.InRange(Encoder.Shared.Tokenize(huge).Count, 1, UnigramTokenizer.MaxTokens);
            Assert.Equal(1, TensorPrimitives.Norm<float>(await Encoder.EmbedAsync(huge)), 4);
        }
        Assert.True(watch.Elapsed < TimeSpan.FromMinutes(1), $"{watch.Elapsed}");
    }

    [Fact]
    public async Task Missing_or_foreign_files_are_refused_by_name()
    {
        var folder = Directory.CreateTempSubdirectory("aios-encoder-").FullName;
        using (var missing = new SentenceEncoder(folder))
            Assert.Contains(folder, (await Assert.ThrowsAsync<InvalidDataException>(() => missing.GenerateAsync(["hi"]))).Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(folder, "model.onnx"), "not a model");
        await File.WriteAllTextAsync(Path.Combine(folder, "vocabulary.json"), "[[\"a\", -1]]");
        using (var foreign = new SentenceEncoder(folder))
            Assert.Contains("model.onnx is not the sentence encoder", (await Assert.ThrowsAsync<InvalidDataException>(() => foreign.GenerateAsync(["hi"]))).Message, StringComparison.Ordinal);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Disposed_while_busy_it_finishes_or_refuses_but_never_crashes()
    {
        var encoder = new SentenceEncoder(SentenceEncoder.DefaultDirectory);
        await encoder.GenerateAsync(["warm"]);
        using var together = new Barrier(17);
        var busy = Enumerable.Range(0, 16).Select(i => Task.Factory.StartNew(
            () =>
            {
                together.SignalAndWait();
                return encoder.GenerateAsync([.. Enumerable.Range(0, 32).Select(n => $"caller {i} says sentence {n}")]);
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap()).ToArray();
        together.SignalAndWait();
        encoder.Dispose();
        encoder.Dispose();
        foreach (var call in busy)
            if (await Record.ExceptionAsync(() => call.WaitAsync(TimeSpan.FromMinutes(2))) is { } refusal)
                Assert.IsType<ObjectDisposedException>(refusal);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => encoder.GenerateAsync(["late"]));
    }
}
