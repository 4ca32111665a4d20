using AiOs.Models.Sentences;

namespace AiOs.Shared.Tests.Models;

/// <summary>The encoders as the build made them, loaded once for all tests.</summary>
static class Encoder
{
    public static SentenceEncoder Shared { get; } = new(SentenceEncoder.DefaultDirectory);

    public static SentenceEncoder Intents { get; } = new(SentenceEncoder.IntentDirectory);

    public static async Task<float[]> EmbedAsync(string text) => (await Shared.GenerateAsync([text]))[0].Vector.ToArray();
}
