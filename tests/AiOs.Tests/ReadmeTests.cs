using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AiOs.Tests;

/// <summary>What the README shows is what happens.</summary>
public sealed partial class ReadmeTests(DeployedApps apps)
{
    static string Text => File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [GeneratedRegex(@"-d '(?<body>\{.*\})'", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex CurlBody { get; }

    [GeneratedRegex("```json\n(?<reply>\\{[^`]*\\})\n```", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Reply { get; }

    [Fact]
    public async Task The_exchange_of_the_README_is_answered_as_it_shows()
    {
        await using var os = await apps.StartAsync();
        using var body = new StringContent(CurlBody.Match(Text).Groups["body"].Value, Encoding.UTF8, "application/json");
        using var response = await os.Http.PostAsync("api/apps/customer-support/messages", body);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var actual = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        var shown = JsonSerializer.Deserialize<JsonElement>(Reply.Match(Text).Groups["reply"].Value);
        Assert.Equal(shown.EnumerateObject().Select(member => member.Name), actual.EnumerateObject().Select(member => member.Name));
        foreach (var same in new[] { "app", "version", "status", "decision" }) Assert.Equal(shown.GetProperty(same).GetRawText().Where(c => !char.IsWhiteSpace(c)), actual.GetProperty(same).GetRawText().Where(c => !char.IsWhiteSpace(c)));
        Assert.Equal(shown.GetProperty("answer").GetProperty("text").GetString(), actual.GetProperty("answer").GetProperty("text").GetString());
        Assert.Equal(shown.GetProperty("intent").GetProperty("name").GetString(), actual.GetProperty("intent").GetProperty("name").GetString());
        Assert.Equal(Calls(shown), Calls(actual));
        foreach (var citation in actual.GetProperty("answer").GetProperty("citations").EnumerateArray())
        {
            var document = File.ReadAllText(Path.Combine(Repository.Root, "apps", "customer-support", citation.GetProperty("document").GetString()!));
            Assert.Equal(citation.GetProperty("quote").GetString(), document[citation.GetProperty("start").GetInt32()..citation.GetProperty("end").GetInt32()]);
        }

        static IEnumerable<string> Calls(JsonElement outcome) => outcome.GetProperty("actions").EnumerateArray().Select(action => $"{action.GetProperty("step")} {action.GetProperty("call")} {action.GetProperty("status")}");
    }

    [Fact]
    public void Every_file_and_heading_that_the_README_links_to_is_there() => Assert.All(Link.Matches(Text), match =>
    {
        var file = Path.Combine(Repository.Root, match.Groups["file"].Value);
        Assert.True(Path.Exists(file), file);
        if (match.Groups["heading"] is { Success: true, Value: var heading })
            Assert.Contains(File.ReadLines(file), line => line.StartsWith('#') && Anchor(line.TrimStart('#', ' ')) == heading);
    });

    /// <summary>The anchor that GitHub gives a heading of plain words.</summary>
    static string Anchor(string heading) => heading.ToLowerInvariant().Replace(' ', '-');

    [GeneratedRegex(@"\]\((?<file>[A-Za-z][^):#]*)(#(?<heading>[^)]*))?\)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Link { get; }
}
