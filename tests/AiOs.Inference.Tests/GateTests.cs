using System.Net;
using System.Text;
using AiOs.Models.Parity;
using AiOs.Models.Quantization;
using AiOs.Models.Sentences;
using AiOs.Models.Sessions;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Inference.Tests;

/// <summary>A version that did not pass its parity gate is in no session, whichever way it comes.</summary>
public sealed class GateTests
{
    static readonly string shipped = Path.Combine(AppContext.BaseDirectory, "repository", "sentence-encoder", "1");
    static readonly Lazy<(byte[] File, GateRecord Record)> quantised = new(() =>
    {
        var (file, record, _) = ModelDerivation.Quantize(File.ReadAllBytes(Path.Combine(shipped, "model.onnx")), SentenceSet.Own(Tokenizer()), new(), new());
        return (file, record);
    });

    static UnigramTokenizer Tokenizer() => new(UnigramVocabulary.Read(Path.Combine(shipped, "vocabulary.json")));

    static void Open(byte[] file, GateRule rule = GateRule.WhereDerived)
    {
        using var options = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = ModelLoader.Open(file, options, rule);
    }

    [Fact]
    public void The_encoder_in_8_bits_passes_is_small_and_loads()
    {
        var (file, record) = quantised.Value;
        Assert.True(record.Passed, record.Figures.ToString());
        Assert.True(record.Figures.MeanCosine >= 0.99);
        Assert.True(file.Length <= 9_000_000);
        Assert.Equal(150, record.Pieces);
        Assert.Equal(record, ParityGate.RecordOf(file));
        Open(file, GateRule.Required);
    }

    [Fact]
    public async Task The_encoder_in_8_bits_is_served_and_used_in_process()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), quantised.Value.File);
        File.Copy(Path.Combine(shipped, "vocabulary.json"), folder.File("vocabulary.json"));
        using var encoder = new SentenceEncoder(folder.Path);
        Assert.Contains("-int8-", encoder.Version, StringComparison.Ordinal);
        var inProcess = (await encoder.GenerateAsync(["My card was stolen."]))[0].Vector;
        await using var server = await Server.StartAsync(s => s.PutEncoder().Put("sentence-encoder", 1, quantised.Value.File));
        var served = await ProtocolTests.Embed(server.Client, "My card was stolen.");
        Assert.True(System.Numerics.Tensors.TensorPrimitives.CosineSimilarity<float>(inProcess.Span, served) > 0.9999);
    }

    public static TheoryData<string> Attacks => ["weights", "record", "digest", "figures", "thresholds", "twice", "unmarked", "bare"];

    static byte[] Attacked(string how)
    {
        var (file, record) = quantised.Value;
        var bad = record with { Figures = record.Figures with { MeanCosine = 0.2 } };
        return how switch
        {
            "weights" => Changed(file, at: file.Length / 2),
            "record" => Replaced(file, "\"meanCosine\":0.9", "\"meanCosine\":1.0"),
            "digest" => Replaced(file, "aios.digest", "aios.digesr"),
            "figures" => ParityGate.Stamp(file, bad),
            "thresholds" => ParityGate.Stamp(file, bad with { Thresholds = new(0, 0, 0) }),
            "twice" => [.. ParityGate.Stamp(file, bad), .. Property(GateRecord.Key, record.Encode())],
            "unmarked" => Replaced(Replaced(Replaced(file, "aios.derived", "aios.derivet"), "aios.gate", "aios.gatf"), "aios.digest", "aios.digesr"),
            _ => SmallModel.Quantised(),
        };
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public void No_session_of_this_process_opens_it(string how)
    {
        var file = Attacked(how);
        Assert.Throws<InvalidDataException>(() => Open(file));
        Assert.Throws<InvalidDataException>(() => Open(file, GateRule.Required));
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), file);
        Assert.Throws<InvalidDataException>(() =>
        {
            using var options = new SessionOptions();
            ModelLoader.OpenWithDigest(folder.File("model.onnx"), options, GateRule.WhereDerived);
        });
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task The_encoder_of_this_process_does_not_use_it(string how)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder.File("model.onnx"), Attacked(how));
        File.Copy(Path.Combine(shipped, "vocabulary.json"), folder.File("vocabulary.json"));
        using var encoder = new SentenceEncoder(folder.Path);
        await Assert.ThrowsAsync<InvalidDataException>(() => encoder.GenerateAsync(["hello"]));
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task The_server_serves_it_neither_at_the_start_nor_when_asked_to_load(string how)
    {
        var file = Attacked(how);
        await using var server = await Server.StartAsync(s => s.PutEncoder().Put("fresh", 1, file));
        var fresh = await server.Client.GetAsync("v2/models/fresh/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, fresh.Status);
        server.Put("sentence-encoder", 2, file);
        var load = await server.Client.PostAsync("v2/repository/models/sentence-encoder/load");
        Assert.Equal(HttpStatusCode.BadRequest, load.Status);
        Assert.Contains("version 2", load.Error, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await server.Client.GetAsync("v2/models/sentence-encoder/versions/2/ready")).Status);
        Assert.Equal("1", (string?)(await server.Client.GetAsync("v2/models/sentence-encoder")).Json!["parameters"]!["served_version"]);
    }

    [Fact]
    public async Task Where_every_version_needs_a_record_a_plain_new_one_is_refused_too()
    {
        await using var server = await Server.StartAsync(s => s.Put("product", 1, SmallModel.Product(), """{"gate": "required"}"""));
        var answer = await server.Client.GetAsync("v2/models/product/ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains("no record of a parity gate", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_that_says_something_else_fails_its_gate()
    {
        // The encoder with the last matrix's numbers moved by one place: it loads, and its vectors are wrong.
        var original = File.ReadAllBytes(Path.Combine(shipped, "model.onnx"));
        var at = original.AsSpan().LastIndexOf("hidden_layers/tanh_layer_0/weights"u8);
        var other = (byte[])original.Clone();
        other.AsSpan(at + 64, 500_000).CopyTo(other.AsSpan(at + 68));
        var (_, record) = ModelDerivation.Gate(other, original, SentenceSet.Own(Tokenizer()), new());
        Assert.False(record.Passed);
        Assert.Throws<InvalidDataException>(() => Open(ParityGate.Stamp(other, record)));
    }

    [Fact]
    public void Sessions_are_made_in_one_place_and_where_the_build_gates_what_it_converts()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "AiOs.Serverless.sln")))
            root = Path.GetDirectoryName(root)!;
        var makers = new[] { "shared", "orchestrations", "functions", "inference", "local", "bench" }
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(root, room), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains("new InferenceSession(", StringComparison.Ordinal))
            .Select(file => Path.GetFileName(file));
        Assert.Equal(["GoldenVectors.cs", "ModelLoader.cs"], makers.Order(StringComparer.Ordinal));
    }

    static byte[] Changed(byte[] file, int at)
    {
        var changed = (byte[])file.Clone();
        changed[at] ^= 1;
        return changed;
    }

    static byte[] Replaced(byte[] file, string old, string by)
    {
        var changed = (byte[])file.Clone();
        var at = changed.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(old));
        Assert.True(at >= 0 && old.Length == by.Length, old);
        Encoding.UTF8.GetBytes(by, changed.AsSpan(at));
        return changed;
    }

    static byte[] Property(string key, string value)
    {
        var (name, text) = (Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(value));
        byte[] entry = [0x0A, (byte)name.Length, .. name, 0x12, .. Length(text.Length), .. text];
        return [0x72, .. Length(entry.Length), .. entry];
    }

    static byte[] Length(int value) => value < 128 ? [(byte)value] : [(byte)(value | 0x80), (byte)(value >> 7)];
}
