using System.Text;
using AiOs.Agents.Intent;

namespace AiOs.Shared.Tests.Intent;

public sealed class IntentTests(IntentDesk.Trained library) : IClassFixture<IntentDesk.Trained>
{
    [Theory]
    [InlineData("May I have two additional weeks for my library book?", "renew-loan")]
    [InlineData("I'd like to keep the audio book longer", "renew-loan")]
    [InlineData("where do I find novels by Jane Austen", "find-book")]
    [InlineData("there's an overdue charge on my card I want to settle", "pay-fine")]
    [InlineData("HOW LATE ARE YOU OPEN ON MONDAY", "opening-hours")]
    public async Task New_words_for_a_known_intent_are_understood_with_confidence(string text, string intent)
    {
        var result = await library.AskAsync(text);
        Assert.Equal(intent, result.Intent);
        Assert.False(result.OutOfScope);
        Assert.InRange(result.Confidence, 0.5, 1);
        Assert.Equal(2, result.Alternatives.Count);
        Assert.True(result.Alternatives[0].Confidence >= result.Alternatives[1].Confidence);
    }

    [Theory]
    [InlineData("what's the weather like in Rome")]
    [InlineData("tell me something funny")]
    public async Task What_the_app_does_not_do_is_out_of_scope(string text)
    {
        Assert.True((await library.AskAsync(text)).OutOfScope);
    }

    [Fact]
    public async Task Text_that_says_nothing_is_out_of_scope_and_never_an_exception()
    {
        foreach (var text in new[] { "", "   \r\n\t", "?!...", "🙂🙂🎉", "\ud83d", "\u0000\u200b", "你好，世界" })
        {
            var result = await library.AskAsync(text);
            Assert.True(result.OutOfScope, text);
            Assert.InRange(result.Confidence, 0, 0.3);
        }
        var random = new Random(5);
        foreach (var length in new[] { 1, 4095, 4096, 4097, 128 * 1024 })
            Assert.InRange((await library.AskAsync(string.Create(length, random, Fill))).Confidence, 0, 1);

        static void Fill(Span<char> text, Random random)
        {
            foreach (ref var c in text)
                c = (char)random.Next(1, 0xFFFF);
        }
    }

    [Fact]
    public async Task A_masked_value_is_read_as_the_word_for_its_kind()
    {
        var masked = await library.AskAsync("pay my fine, mail me at [email:abcdefghijklmnopqrstuvwxyz]");
        var other = await library.AskAsync("pay my fine, mail me at [email:zyxwvutsrqponmlkjihgfedcba]");
        var word = await library.AskAsync("pay my fine, mail me at email");
        Assert.Equivalent(word, masked);
        Assert.Equivalent(word, other);
    }

    [Fact]
    public async Task The_same_set_is_trained_once_and_to_the_same_bytes_everywhere()
    {
        await using var desk = await IntentDesk.OpenAsync();
        await using var elsewhere = await IntentDesk.OpenAsync();
        var stages = new List<TrainingProgress>();
        var first = await desk.Trainer.TrainAsync(IntentDesk.Library, new Collect(stages), default);
        var again = await desk.Trainer.TrainAsync(IntentDesk.Library with { Intents = [.. IntentDesk.Library.Intents.Reverse()] }, null, default);
        var afar = await elsewhere.Trainer.TrainAsync(IntentDesk.Library, null, default);
        Assert.False(first.FromCache);
        Assert.True(again.FromCache);
        Assert.False(afar.FromCache);
        Assert.Equal(first.Ref, again.Ref);
        Assert.Equal(first.Ref, afar.Ref);   // content addressed: equal references are equal bytes
        Assert.Equal((4, 40), (first.Intents, first.Examples));
        Assert.InRange(first.Accuracy, 0.6, 1);
        Assert.Equal(1, stages[^1].Fraction);
        Assert.Equal(stages.OrderBy(stage => stage.Fraction), stages);
    }

    [Fact]
    public async Task Another_example_makes_another_head()
    {
        await using var desk = await IntentDesk.OpenAsync();
        var first = await desk.Trainer.TrainAsync(IntentDesk.Library, null, default);
        var second = await desk.Trainer.TrainAsync(IntentDesk.Library with { OutOfScope = [.. IntentDesk.Library.OutOfScope, "sell my house"] }, null, default);
        Assert.False(second.FromCache);
        Assert.NotEqual(first.Ref, second.Ref);
    }

    [Fact]
    public async Task A_damaged_head_is_refused_by_name()
    {
        var (desk, head) = (library.Desk, library.Head);
        var bytes = (await desk.Blobs.GetAsync(head.Ref, default))!;
        var asText = Encoding.Latin1.GetString(bytes);
        var version = Models.Encoder.Intents.Version;
        await Refused(bytes[..(bytes.Length / 2)], "");
        await Refused(Encoding.UTF8.GetBytes("no model at all"), "");
        await Refused([], "");
        await Refused(Encoding.Latin1.GetBytes(asText.Replace(version, new string('x', version.Length), StringComparison.Ordinal)), "encoder");
        await Refused(Encoding.Latin1.GetBytes(asText.Replace("aios-intent-head/1", "aios-intent-head/9", StringComparison.Ordinal)), "format");
        await Refused(Encoding.Latin1.GetBytes(asText.Replace("[\"find-book\",", "[            ", StringComparison.Ordinal)), "labels");
        var unknown = "sha256:" + new string('0', 64);
        Assert.Contains(unknown, (await Assert.ThrowsAsync<InvalidDataException>(async () => await desk.Classifier.ClassifyAsync(unknown, "hello", default))).Message, StringComparison.Ordinal);

        async Task Refused(byte[] damaged, string reason)
        {
            var reference = await desk.Blobs.PutAsync(damaged, default);
            var refusal = await Assert.ThrowsAsync<InvalidDataException>(async () => await desk.Classifier.ClassifyAsync(reference, "renew my book", default));
            Assert.Contains(reference, refusal.Message, StringComparison.Ordinal);
            Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_set_that_cannot_be_trained_says_why()
    {
        await using var desk = await IntentDesk.OpenAsync();
        var set = new IntentSet([new("lonely", "", ["one example"]), new("lonely", "", ["🙂", "🎉", "words at last"])], []);
        var refusal = await Assert.ThrowsAsync<UntrainableException>(() => desk.Trainer.TrainAsync(set, null, default));
        Assert.Contains("'lonely' needs at least two examples", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'lonely' is there 2 times", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("nothing to tell apart", string.Join(' ', new IntentSet([set.Intents[0]], []).Problems()), StringComparison.Ordinal);
    }

    [Theory, InlineData(24), InlineData(64)]
    public async Task More_examples_make_another_kind_of_head_that_understands_as_well(int each)
    {
        await using var desk = await IntentDesk.OpenAsync();
        string[] things = ["atlas", "novel", "film", "comic", "map", "record", "magazine", "dictionary"], ends = ["please", "today", "for me", "by Friday", "at once", "if you can", "this week", "again"];
        var set = new IntentSet([Intent("renew", "renew my"), Intent("return", "I bring back the")], []);
        var head = await desk.Trainer.TrainAsync(set, null, default);
        Assert.Equal(2 * each, head.Examples);
        Assert.InRange(head.Accuracy, 0.95, 1);
        Assert.Equal("renew", (await desk.Classifier.ClassifyAsync(head.Ref, "could you renew the guide", default)).Intent);
        Assert.Equal("return", (await desk.Classifier.ClassifyAsync(head.Ref, "I want to bring back a guide", default)).Intent);

        IntentDefinition Intent(string name, string start) => new(name, "", [.. Enumerable.Range(0, each).Select(i => $"{start} {things[i % 8]} {ends[i / 8]}")]);
    }

    [Theory, InlineData(40, 5), InlineData(2_000, 77)]
    public async Task The_file_says_what_the_model_in_memory_said(int examplesToChooseTheRecipeBy, int labelsToChooseItBy)
    {
        var texts = LabelledTexts.Of(IntentDesk.Library);
        var examples = await ExampleReader.ReadAsync(texts, Models.Encoder.Intents, _ => { }, default);
        using var model = HeadModel.Fit(examples, texts.Width, HeadRecipe.For(examplesToChooseTheRecipeBy, labelsToChooseItBy), default);
        var metadata = new HeadMetadata(texts.Labels, texts.HasOutOfScope, ExampleReader.HashSeed, "none", Models.Encoder.Intents.Version, new(1, 0, 2, examples.Length));
        using var head = HeadSession.Load("test", HeadExport.Encode(model, 2, metadata.Encode(model.Space.Vocabulary)).ToArray(), _ => Models.Encoder.Intents.Version);
        foreach (var (text, example) in texts.Texts.Zip(examples))
        {
            var expected = model.Logits(example).Select(logit => Math.Exp(logit / 2)).ToArray();
            foreach (var (probability, label) in head.Classify(text.Text, new(example.Embedding, []))!.Select((probability, label) => (probability, label)))
                Assert.Equal(expected[label] / expected.Sum(), probability, 0.01);
        }
    }

    [Fact]
    public async Task A_council_of_the_same_set_has_the_same_bytes_and_fits_its_limit()
    {
        var texts = LabelledTexts.Of(IntentDesk.Library);
        var examples = await ExampleReader.ReadAsync(texts, Models.Encoder.Intents, _ => { }, default);
        var (first, second) = (Council(), Council());
        Assert.Equal(first, second);
        Assert.InRange(first.Length, 1, HeadExport.MaxBytes);
        foreach (var (units, labels) in new[] { (256, 40), (256, 77), (256, 151), (256, 1_000), (0, 151) })
        {
            var (width, size) = (units + labels, Models.Encoder.Intents.Dimensions);
            var rows = HeadExport.RowLimit(units, labels, size, whitened: true);
            Assert.InRange(rows * (width * 2L + 16) + 4L * (2 * size * width + size * size + units * labels), 1, HeadExport.MaxBytes - 512 * 1024);
        }

        byte[] Council() => HeadExport.Encode(HeadModel.Fit(examples, texts.Width, HeadRecipe.For(2_000, 77), default), 1, new Dictionary<string, string>(StringComparer.Ordinal)).ToArray();
    }

    [Fact]
    public async Task Another_encoder_makes_another_head_and_neither_is_served_with_the_other()
    {
        await using var desk = await IntentDesk.OpenAsync();
        await using var other = await IntentDesk.OpenAsync(Models.Encoder.Shared);
        var (own, foreign) = (await desk.Trainer.TrainAsync(IntentDesk.Library, null, default), await other.Trainer.TrainAsync(IntentDesk.Library, null, default));
        Assert.NotEqual(own.Ref, foreign.Ref);
        Assert.Equal("find-book", (await other.Classifier.ClassifyAsync(foreign.Ref, "where do I find novels by Jane Austen", default)).Intent);
        await desk.Blobs.PutAsync((await other.Blobs.GetAsync(foreign.Ref, default))!, default);
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(async () => await desk.Classifier.ClassifyAsync(foreign.Ref, "renew my book", default));
        Assert.Contains(foreign.Ref, refusal.Message, StringComparison.Ordinal);
        Assert.Contains($"it was trained on the encoder {Models.Encoder.Shared.Version}, and this is {Models.Encoder.Intents.Version}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_intent_with_few_examples_is_not_drowned_by_one_with_many()
    {
        await using var desk = await IntentDesk.OpenAsync();
        var (renew, pay) = (IntentDesk.Library.Intents[0], IntentDesk.Library.Intents[2]);
        string[] names = ["Ann", "Ben", "Cleo", "Dan", "Eve", "Finn"];
        var head = await desk.Trainer.TrainAsync(new([renew with { Examples = [.. renew.Examples.SelectMany(example => names, (example, name) => $"{example}, says {name}")] },
            pay with { Examples = [.. pay.Examples.Take(3)] }], []), null, default);
        foreach (var text in new[] { "what do I owe you", "I would like to pay what I owe", "the fee that you charged me" })
            Assert.Equal("pay-fine", (await desk.Classifier.ClassifyAsync(head.Ref, text, default)).Intent);
    }

    [Fact]
    public async Task Many_heads_are_served_at_once_by_a_bounded_cache()
    {
        await using var desk = await IntentDesk.OpenAsync();
        var heads = new List<string>();
        for (var i = 0; i < 20; i++)
            heads.Add((await desk.Trainer.TrainAsync(new([new($"left-{i}", "", ["go left", "turn to the left"]), new("right", "", ["go right", "turn to the right"])], []), null, default)).Ref);
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), async (i, stop) =>
            Assert.Equal($"left-{i % 20}", (await desk.Classifier.ClassifyAsync(heads[i % 20], "left please", stop)).Intent));
    }

    sealed class Collect(List<TrainingProgress> into) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => into.Add(value);
    }
}
