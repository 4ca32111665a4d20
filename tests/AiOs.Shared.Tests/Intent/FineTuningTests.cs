using System.Numerics.Tensors;
using AiOs.Agents.Intent;
using AiOs.Agents.Intent.Tuning;
using AiOs.Models.FineTuning;
using AiOs.Models.Sentences;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Shared.Tests.Intent;

/// <summary>The encoder's upper layers learn an app's intents. What is learnt by is checked against differences of the loss itself.</summary>
public sealed class FineTuningTests
{
    const int Labels = 3;

    static readonly UpperLayers upper = Models.Encoder.Intents.UpperLayers();

    [Fact]
    public async Task Layers_read_back_from_eight_bits_say_what_the_encoder_says()
    {
        var reading = (await Models.Encoder.Intents.Lower!.ReadAsync(["where is my parcel, it should have been here on Monday"], CancellationToken.None))[0];
        using var bare = TunedEncoder.Bare(upper);
        var whole = (await Models.Encoder.Intents.GenerateAsync(["where is my parcel, it should have been here on Monday"]))[0].Vector.ToArray();
        Assert.InRange(TensorPrimitives.CosineSimilarity<float>(whole, bare.Ask(Halved(reading.States))), 0.99f, 1.0001f);
        Assert.Equal(1, TensorPrimitives.Norm<float>(reading.Vector), 1e-4);
    }

    [Fact]
    public async Task Derivatives_are_what_differences_of_the_loss_say_for_every_kind_of_parameter()
    {
        var examples = await ExamplesAsync();
        var tuned = New(upper.Copy(), new Random(4));
        var gradients = Differentiate(tuned, examples, new DropoutPool(0, new(1)), agreement: 2);
        foreach (var (parameter, gradient) in gradients)
        {
            var at = TensorPrimitives.IndexOfMaxMagnitude<float>(gradient);
            var step = Math.Max(Math.Abs(parameter.Values[at]) * 0.02f, 0.002f);
            var (before, after) = (Loss(tuned, parameter, at, -step, examples), Loss(tuned, parameter, at, step, examples));
            Assert.True(Math.Abs((after - before) / (2 * step) - gradient[at]) < 0.05 * Math.Abs(gradient[at]) + 1e-4, $"{parameter.Name}: {(after - before) / (2 * step)} by differences, {gradient[at]} by the graph");
        }
    }

    [Fact]
    public async Task Two_readings_that_disagree_are_drawn_together()
    {
        var examples = await ExamplesAsync();
        var tuned = New(upper, new Random(4));
        var pool = new DropoutPool(0.5f, new(9));
        var bias = Differentiate(tuned, examples, pool, agreement: 2, only: new DropoutPool(0, new(1))).Single(one => one.Parameter == tuned.Output.Bias).Gradient;

        // The same masks again: the pool of the same seed gives the same stretch.
        var mask = new DropoutPool(0.5f, new(9)).Next(2 * examples.Length * UpperLayers.Size).ToArray();
        float[][] vectors = [.. examples.Select(example => Vector(tuned, example))];
        for (var label = 0; label < Labels; label++)
        {
            const float Step = 0.01f;
            var byDifferences = (Both(label, Step) - Both(label, -Step)) / (2 * Step);
            Assert.Equal(byDifferences, bias[label], 0.003);
        }

        double Both(int label, float step)
        {
            var total = 0.0;
            for (var i = 0; i < examples.Length; i++)
            {
                var (one, other) = (Probabilities(vectors[i], mask.AsSpan(i * UpperLayers.Size, UpperLayers.Size)), Probabilities(vectors[i], mask.AsSpan((examples.Length + i) * UpperLayers.Size, UpperLayers.Size)));
                total += (CrossEntropy(one, examples[i].Label) + CrossEntropy(other, examples[i].Label)) / 2
                    + 2 * Enumerable.Range(0, Labels).Sum(c => (one[c] - other[c]) * (Math.Log(one[c]) - Math.Log(other[c]))) / 2;
            }
            return total / examples.Length;

            double[] Probabilities(float[] vector, ReadOnlySpan<float> own)
            {
                var logits = (float[])tuned.Output.Bias.Values.Clone();
                logits[label] += step;
                for (var i = 0; i < vector.Length; i++)
                    for (var c = 0; c < Labels; c++)
                        logits[c] += vector[i] * own[i] * tuned.Output.Weight.Values[i * Labels + c];
                return SoftMax(logits);
            }
        }
    }

    [Fact]
    public async Task A_tuned_head_is_the_same_each_time_and_says_in_eight_bits_what_it_says_in_memory()
    {
        var texts = LabelledTexts.Of(IntentDesk.Library);
        var examples = await ExampleReader.ReadWithStatesAsync(texts, Models.Encoder.Intents.Lower!, _ => { }, CancellationToken.None);
        var recipe = HeadRecipe.For(examples.Length, texts.Width) with { Tuning = new FineTuning(upper, Vote: 6, Epochs: 3) };
        List<double> heard = [];
        using var model = HeadModel.Fit(examples, texts.Width, recipe, CancellationToken.None, heard.Add);
        using var again = HeadModel.Fit(examples, texts.Width, recipe, CancellationToken.None);
        Assert.Equal(heard.Order(), heard);
        Assert.Equal(1, heard[^1]);
        Assert.Equal(model.Tuned!.Output.Weight.Values, again.Tuned!.Output.Weight.Values);
        Assert.NotEqual(upper.Layers[0].Up.Weight.Values, model.Tuned.Upper.Layers[0].Up.Weight.Values);

        var metadata = new HeadMetadata(texts.Labels, texts.HasOutOfScope, ExampleReader.HashSeed, "none", "none", new(1, 0, 2, examples.Length));
        var file = TunedHead.InEightBits(HeadExport.Encode(model, 2, metadata.Encode(model.Space.Vocabulary)), model.Space, examples, "none");
        Assert.InRange(file.Length, 5_000_000, HeadExport.MaxBytes);
        using var head = HeadSession.Load("test", file, isTuned => isTuned ? "none" : null);
        Assert.True(head.IsTuned);
        var readings = await Models.Encoder.Intents.Lower!.ReadAsync([.. texts.Texts.Select(text => text.Text)], CancellationToken.None);
        foreach (var (text, example, reading) in texts.Texts.Zip(examples, readings))
        {
            var expected = SoftMax([.. model.Logits(example).Select(logit => logit / 2)]);
            foreach (var (label, probability) in head.Classify(text.Text, reading)!.Index())
                Assert.Equal(expected[label], probability, 0.1);
        }
    }

    [Fact]
    public async Task An_app_that_asks_for_it_gets_a_tuned_head_once_and_is_served_by_it()
    {
        await using var desk = await IntentDesk.OpenAsync();
        string[] rooms = ["kitchen", "cellar", "attic", "garage", "porch", "office", "nursery", "pantry", "study", "lounge"], ends = ["", "now", "please", "again", "soon", "today", "later", "first", "quickly", "at six"];
        var set = new IntentSet([Intent("light-on", "light the"), Intent("light-off", "darken the"), Intent("heat", "warm the"), Intent("air", "cool the")], []) { FineTune = true };
        List<TrainingProgress> heard = [];
        var head = await desk.Trainer.TrainAsync(set, new Heard(heard), CancellationToken.None);
        Assert.InRange(head.Accuracy, 0.95, 1);
        Assert.Equal(heard.Select(progress => progress.Fraction).Order(), heard.Select(progress => progress.Fraction));
        foreach (var (text, intent) in new[] { ("could you light the bathroom", "light-on"), ("darken the bedroom", "light-off"), ("please warm the cabin", "heat"), ("it is hot, cool the cabin", "air") })
            Assert.Equal(intent, (await desk.Classifier.ClassifyAsync(head.Ref, text, CancellationToken.None)).Intent);
        Assert.True((await desk.Trainer.TrainAsync(set, null, CancellationToken.None)).FromCache);
        Assert.NotEqual(head.Ref, (await desk.Trainer.TrainAsync(set with { FineTune = false }, null, CancellationToken.None)).Ref);

        var file = (await desk.Blobs.GetAsync(head.Ref, CancellationToken.None))!;
        Assert.Contains("which is not there: use the encoder that comes with the OS", await RefusalAsync(file, File.Delete), StringComparison.Ordinal);
        Assert.Contains("lower.onnx is not the sentence encoder", await RefusalAsync(file, Damage), StringComparison.Ordinal);

        IntentDefinition Intent(string name, string start) => new(name, "", [.. rooms.SelectMany(room => ends, (room, end) => $"{start} {room} {end}")]);
    }

    [Fact]
    public async Task What_cannot_be_tuned_is_refused_before_anything_is_trained()
    {
        await using var desk = await IntentDesk.OpenAsync();
        var few = await Assert.ThrowsAsync<UntrainableException>(() => desk.Trainer.TrainAsync(IntentDesk.Library with { FineTune = true }, null, CancellationToken.None));
        Assert.Contains("fine-tuning needs 400", few.Message, StringComparison.Ordinal);

        await using var other = await IntentDesk.OpenAsync(Models.Encoder.Shared);
        var many = new IntentSet([.. IntentDesk.Library.Intents.Select(intent => intent with { Examples = [.. Enumerable.Range(0, 150).Select(i => $"{intent.Examples[0]} {i}")] })], []) { FineTune = true };
        var closed = await Assert.ThrowsAsync<UntrainableException>(() => other.Trainer.TrainAsync(many, null, CancellationToken.None));
        Assert.Contains($"The encoder {Models.Encoder.Shared.Version} cannot be tuned", closed.Message, StringComparison.Ordinal);

        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => desk.Trainer.TrainAsync(many, new Cancels(cancelled), cancelled.Token));
    }

    /// <summary>Why a head is refused beside an encoder whose lower half was harmed.</summary>
    static async Task<string> RefusalAsync(byte[] head, Action<string> harm)
    {
        var folder = Directory.CreateTempSubdirectory("aios-intent-encoder-").FullName;
        foreach (var file in Directory.GetFiles(SentenceEncoder.IntentDirectory))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        harm(Path.Combine(folder, "lower.onnx"));
        using var encoder = new SentenceEncoder(folder);
        await using var desk = await IntentDesk.OpenAsync(encoder);
        var reference = await desk.Blobs.PutAsync(head, CancellationToken.None);
        var refusal = await Assert.ThrowsAsync<InvalidDataException>(() => desk.Classifier.CheckAsync(reference, CancellationToken.None));
        Directory.Delete(folder, recursive: true);
        return refusal.Message;
    }

    static void Damage(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    sealed class Heard(List<TrainingProgress> into) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => into.Add(value);
    }

    /// <summary>Cancels in the middle of the first tuning.</summary>
    sealed class Cancels(CancellationTokenSource source) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value is { Stage: "validate", Fraction: > 0.05 })
                source.Cancel();
        }
    }

    static async Task<Example[]> ExamplesAsync()
    {
        // Of one length each, as batches are.
        var readings = await Models.Encoder.Intents.Lower!.ReadAsync(["pay my fine", "open on monday", "find a book", "renew my loan"], CancellationToken.None);
        return [.. readings.Select((reading, i) => new Example(GramCounts.Of("", ExampleReader.HashSeed), reading.Vector, i % Labels) { States = Halved(reading.States) })];
    }

    static TunedEncoder New(UpperLayers layers, Random random)
    {
        float[] weights = [.. Enumerable.Range(0, UpperLayers.Size * Labels).Select(_ => (random.NextSingle() - 0.5f) * 0.2f)];
        return new(layers, [.. Enumerable.Repeat(0.01f, UpperLayers.Size)], new(new("output.weight", weights, UpperLayers.Size, Labels), new("output.bias", [0.1f, -0.2f, 0.3f], Labels)));
    }

    static (Parameter Parameter, float[] Gradient)[] Differentiate(TunedEncoder tuned, Example[] examples, DropoutPool vectors, float agreement, DropoutPool? only = null)
    {
        var adam = new AdamW(tuned.Upper.Layers.SelectMany(layer => layer.Parameters).Append(tuned.Output.Weight).Append(tuned.Output.Bias).Select(parameter => (parameter, 1f)));
        using var session = new InferenceSession(TuningGraph.Encode(tuned, agreement).ToArray());
        using var batches = new TuningBatches(session, tuned, adam, only ?? vectors, vectors, [1, 1, 1], smoothing: 0);
        batches.Differentiate(examples);
        return [.. adam.Gradients];
    }

    static double Loss(TunedEncoder tuned, Parameter parameter, int at, float step, Example[] examples)
    {
        parameter.Values[at] += step;
        try
        {
            using var moved = new TunedEncoder(tuned.Upper, tuned.Mean, tuned.Output);
            return examples.Average(example => CrossEntropy(SoftMax(moved.Ask(example.States)), example.Label));
        }
        finally
        {
            parameter.Values[at] -= step;
        }
    }

    /// <summary>The centred and scaled vector that the output layer sees.</summary>
    static float[] Vector(TunedEncoder tuned, Example example)
    {
        using var bare = TunedEncoder.Bare(tuned.Upper);
        return [.. bare.Ask(example.States).Zip(tuned.Mean, (number, mean) => (number - mean) * TunedEncoder.Scale)];
    }

    static double CrossEntropy(double[] probabilities, int label) => -Math.Log(probabilities[label]);

    static double[] SoftMax(float[] logits)
    {
        double[] exponentials = [.. logits.Select(logit => Math.Exp(logit - logits.Max()))];
        return [.. exponentials.Select(one => one / exponentials.Sum())];
    }

    static Half[] Halved(float[] states) => [.. states.Select(state => (Half)state)];
}
