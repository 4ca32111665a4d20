using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AiOs.Tests.Gateway;

/// <summary>What the chapter "Scores" of docs/models.md shows is what happens, with the model that is in the repository.</summary>
public sealed partial class ScoresChapterTests
{
    static string Chapter => Heading.Split(File.ReadAllText(Path.Combine(Repository.Root, "docs", "models.md"))).Single(chapter => chapter.StartsWith("Scores\n", StringComparison.Ordinal));

    [GeneratedRegex("^## ", RegexOptions.Multiline | RegexOptions.NonBacktracking)]
    private static partial Regex Heading { get; }

    [GeneratedRegex("```yaml\n(?<file>[^`]*)```", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Models { get; }

    [GeneratedRegex(@"7071/(?<path>\S+) [^`]*-d '(?<body>\{.*\})'", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Asked { get; }

    [GeneratedRegex("```json\n(?<reply>\\{[^`]*\\})\n```", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Reply { get; }

    [Fact]
    public async Task The_sample_is_served_named_asked_and_answered_as_the_chapter_shows()
    {
        Assert.Contains("--port 8001 --repository inference/samples\n", Chapter, StringComparison.Ordinal);
        await using var server = await OwnServer.OfAsync(Path.Combine(Repository.Root, "inference", "samples"));
        await using var os = await GatewayOs.StartAsync(Models.Match(Chapter).Groups["file"].Value.Replace("http://127.0.0.1:8001", server.Url, StringComparison.Ordinal));
        var asked = Asked.Match(Chapter);
        using var response = await os.Http.PostAsync(asked.Groups["path"].Value, ChatEndpointTests.Json(asked.Groups["body"].Value));
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.StatusCode == HttpStatusCode.OK, text);
        var (shown, actual) = (JsonElement.Parse(Reply.Match(Chapter).Groups["reply"].Value), JsonElement.Parse(text));
        foreach (var (one, other) in Scores(shown).Zip(Scores(actual), (one, other) => (one, other)))
            Assert.Equal(one, other, 1e-6);
        Assert.Equal(Frame(shown), Frame(actual));

        static double[] Scores(JsonElement reply) => [.. reply.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(score => score.GetDouble())];

        static string Frame(JsonElement reply) => string.Concat(reply.GetRawText().Replace(reply.GetProperty("outputs")[0].GetProperty("data").GetRawText(), Scores(reply).Length.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal).Where(c => !char.IsWhiteSpace(c)));
    }

    [Fact]
    public void The_sample_is_what_is_written_about_it() => Assert.Equal(SmallModel.Fraud(), File.ReadAllBytes(Path.Combine(Repository.Root, "inference", "samples", "fraud", "1", "model.onnx")));
}
