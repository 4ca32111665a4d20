using AiOs.Agents.Retrieval;
using AiOs.Agents.Retrieval.Indexing;
using AiOs.Agents.Retrieval.Ranking;
using AiOs.Shared.Tests.Models;

namespace AiOs.Shared.Tests.Retrieval;

public sealed class ByteVectorsTests
{
    [Fact]
    public async Task Vectors_kept_as_bytes_find_nearly_the_same_passages()
    {
        var texts = Library.SampleApps().SelectMany(a => a.Files).ToList();
        var draft = new IndexDraft();
        foreach (var (file, i) in texts.Select((f, i) => (f with { Path = $"{i}.md" }, i)))
            draft.Add(file, $"{i}", Chunks.Of(file));
        var vectors = (await Encoder.Shared.GenerateAsync(draft.Texts)).Select(e => e.Vector).ToList();
        var (exact, rounded) = (new LoadedIndex(draft.Finish("e", vectors, int.MaxValue)), new LoadedIndex(draft.Finish("e", vectors, 0)));
        var (same, all) = (0, 0);
        foreach (var query in vectors.Where((_, i) => i % 7 == 0))
        {
            var (a, b) = (new float[exact.Passages], new float[exact.Passages]);
            Similarities.OfPassages(exact, query.Span, a);
            Similarities.OfPassages(rounded, query.Span, b);
            same += Best(a).Intersect(Best(b)).Count();
            all += 10;
            Assert.All(a.Zip(b), pair => Assert.InRange(pair.First - pair.Second, -0.02f, 0.02f));
        }

        Assert.True(same >= 0.95 * all, $"{same} of {all}");
    }

    static IEnumerable<int> Best(float[] similar) => Enumerable.Range(0, similar.Length).OrderByDescending(i => similar[i]).Take(10);
}
