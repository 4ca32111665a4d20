using System.Numerics.Tensors;
using System.Text.Json;
using AiOs.Models.Sentences;

namespace AiOs.Shared.Tests.Models;

public sealed class SentenceEncoderTests
{
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
}
