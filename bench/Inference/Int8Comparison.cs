using AiOs.Local.CommandLine;
using AiOs.Models.Parity;
using AiOs.Models.Quantization;
using AiOs.Models.Sentences;

namespace AiOs.Bench.Inference;

/// <summary><c>bench inference --int8</c>: the encoder in 8 bits, made here and now and let through the parity gate, against the original; both in this process, one after the other in every round.</summary>
static class Int8Comparison
{
    const int Window = 64;
    static readonly (int Batch, int Window, string Way)[] levels = [(1, 1, "alone"), (8, Window, "sorted by length"), (64, Window, "as they come")];

    public static int Run(TimeSpan length, int rounds, string folder, Shell shell)
    {
        using var place = new Workplace(Directory.CreateDirectory(Path.Combine(Root.Path, "artifacts", "bench")).FullName);
        var machine = Machine.Describe(place.Folder);
        var (small, record, bytes, before) = Quantize(folder, place);
        var texts = Sentences.Make(2048);
        using var float32 = new InProcess(folder, texts, threads: 1);
        using var int8 = new InProcess(small, texts, threads: 1);
        var runs = levels.Select(_ => new List<(double Float32, double Int8)>()).ToArray();
        for (var round = 0; round < rounds; round++)
        {
            shell.Note($"round {round + 1} of {rounds}");
            for (var level = 0; level < levels.Length; level++)
                runs[level].Add((float32.PerSecond(1, levels[level].Batch, levels[level].Window, length), int8.PerSecond(1, levels[level].Batch, levels[level].Window, length)));
        }
        Int8Level[] found = [.. levels.Zip(runs, (level, rounds) => new Int8Level(level.Batch, level.Way, Spread.Of(rounds.Select(run => run.Float32)), Spread.Of(rounds.Select(run => run.Int8)), Spread.Of(rounds.Select(run => run.Int8 / run.Float32)).Median))];
        var report = new Int8Report(found[0].Speedup, record.Figures.MeanCosine, bytes, before, record, length.TotalSeconds, rounds, float32.MeanTokens, found, machine);
        shell.Result(report, report.Write);
        return ExitCode.Ok;
    }

    static (string Folder, GateRecord Record, long Bytes, long Before) Quantize(string folder, Workplace place)
    {
        var vocabulary = Path.Combine(folder, "vocabulary.json");
        var original = File.ReadAllBytes(Path.Combine(folder, "model.onnx"));
        var (file, record, _) = ModelDerivation.Quantize(original, SentenceSet.Own(new UnigramTokenizer(UnigramVocabulary.Read(vocabulary))), new QuantizationOptions(), new ParityThresholds());
        if (!record.Passed)
            throw new CommandException($"The 8-bit version fails its parity gate ({record.Figures}), so there is nothing to compare.", ExitCode.Failed);
        var small = Directory.CreateDirectory(place.File("int8")).FullName;
        File.WriteAllBytes(Path.Combine(small, "model.onnx"), file);
        File.Copy(vocabulary, Path.Combine(small, "vocabulary.json"));
        return (small, record, file.Length, original.Length);
    }
}
