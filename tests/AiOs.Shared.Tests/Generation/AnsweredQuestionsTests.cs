using AiOs.Agents.Generation;
using AiOs.Agents.Retrieval;
using AiOs.Shared.Tests.Models;
using AiOs.Shared.Tests.Retrieval;

namespace AiOs.Shared.Tests.Generation;

/// <summary>Questions to the sample apps, half of which their knowledge answers: <c>Questions/APP.tsv</c> with half (tuned or held), the right documents (or -), question.
/// Nothing was fitted on the held half; how it fares has been seen.</summary>
public sealed class AnsweredQuestionsTests
{
    public static TheoryData<string> Apps => [.. Library.SampleApps().Select(a => a.App)];

    [Theory]
    [MemberData(nameof(Apps))]
    public async Task What_can_be_answered_is_answered_from_the_right_document_and_the_rest_is_not(string app)
    {
        await using var library = await Library.OpenAsync();
        var answerer = new ExtractiveAnswerer(Encoder.Shared, new GenerationOptions());
        var files = Library.SampleApps().Single(a => a.App == app).Files;
        var texts = files.ToDictionary(f => f.Path, f => f.Text, StringComparer.Ordinal);
        var index = await library.Indexer.BuildAsync(files, null, null, CancellationToken.None);
        List<(string Half, bool Answerable, bool Right, string Question)> done = [];
        foreach (var row in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Questions", app + ".tsv")).Select(l => l.Split('\t')))
        {
            var answer = await answerer.AnswerAsync(row[2], await library.Search.SearchAsync(index.Ref, row[2], 4, [], CancellationToken.None), CancellationToken.None);
            Assert.All(answer.Citations, c => Assert.Equal(c.Quote, texts[c.Document].Substring(c.Start, c.End - c.Start)));
            var right = row[1] == "-" ? answer.Abstained : !answer.Abstained && row[1].Split('|').Contains(answer.Citations[0].Document, StringComparer.Ordinal);
            done.Add((row[0], row[1] != "-", right, row[2]));
        }

        foreach (var group in done.GroupBy(d => (d.Half, d.Answerable)))
            TestContext.Current.TestOutputHelper?.WriteLine($"{app} {group.Key.Half} {(group.Key.Answerable ? "answered" : "abstained")}: {group.Count(d => d.Right)} of {group.Count()}; wrong: {string.Join(" / ", group.Where(d => !d.Right).Select(d => d.Question))}");
        var (held, tuned) = (done.Where(d => d.Half == "held").ToList(), done.Where(d => d.Half == "tuned").ToList());
        Assert.All(held.GroupBy(d => d.Answerable), both => Assert.True(both.Count() >= 40));
        Assert.Empty(held.Select(d => d.Question).Intersect(tuned.Select(d => d.Question), StringComparer.OrdinalIgnoreCase));
        Assert.True(Share(held, answerable: true) >= 0.9, Wrong(held, answerable: true));
        Assert.True(Share(held, answerable: false) >= 0.95, Wrong(held, answerable: false));
        Assert.True(Share(tuned, answerable: true) >= 0.55, Wrong(tuned, answerable: true));   // this half holds the harder ones, written against the model
        Assert.True(Share(tuned, answerable: false) >= 0.9, Wrong(tuned, answerable: false));
    }

    static double Share(List<(string Half, bool Answerable, bool Right, string Question)> done, bool answerable) => done.Where(d => d.Answerable == answerable).Average(d => d.Right ? 1.0 : 0);

    static string Wrong(List<(string Half, bool Answerable, bool Right, string Question)> done, bool answerable) =>
        string.Join(Environment.NewLine, done.Where(d => d.Answerable == answerable && !d.Right).Select(d => $"{d.Half}: {d.Question}"));
}
