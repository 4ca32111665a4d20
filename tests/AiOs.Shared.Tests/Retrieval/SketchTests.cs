using AiOs.Agents.Retrieval;
using AiOs.Agents.Retrieval.Indexing;
using AiOs.Agents.Retrieval.Ranking;

namespace AiOs.Shared.Tests.Retrieval;

/// <summary>A scan by a sketch of the vectors finds what a scan of the vectors finds.</summary>
public sealed class SketchTests
{
    const int Dimensions = 96;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_best_passages_are_the_same_and_in_the_same_order(int seed)
    {
        var random = new Random(seed);
        var index = Index(random, passages: 3_000);
        var (exact, sketched) = (new RetrievalOptions { LeastSketched = int.MaxValue }, new RetrievalOptions { LeastSketched = 0 });
        for (var query = 0; query < 60; query++)
        {
            var stems = Enumerable.Range(0, 1 + (query % 5)).Select(_ => $"word{random.Next(200)}").ToList();
            var (vector, top) = (Vector(random), 1 + random.Next(30));
            var readable = query % 3 == 0 ? Enumerable.Range(0, index.Documents.Count).Select(_ => random.Next(2) == 0).ToArray() : null;
            var expected = new HybridRanking(index, exact).Rank(stems, vector, readable, top);
            Assert.Equal(top, expected.Count);
            Assert.Equal(expected.Select(e => e.Passage), new HybridRanking(index, sketched).Rank(stems, vector, readable, top).Select(e => e.Passage));
            Assert.All(expected, e => Assert.True(readable is null || readable[index.DocumentOf[e.Passage]]));
        }
    }

    [Fact]
    public void No_cosine_is_further_off_than_it_is_said_to_be()
    {
        var random = new Random(4);
        var index = Index(random, passages: 1_000);
        var (exact, rough, far) = (new float[index.Passages], new float[index.Passages], 0f);
        for (var query = 0; query < 20; query++)
        {
            var vector = Vector(random);
            Similarities.OfPassages(index, vector, exact);
            var error = Similarities.OfSketch(index.Sketch!, vector, rough);
            far = Math.Max(far, exact.Zip(rough, (a, b) => Math.Abs(a - b)).Max());
            Assert.True(far <= error, $"{far} is more than {error}");
            Assert.True(error < 0.1f);
        }

        Assert.True(far > 0);
    }

    static LoadedIndex Index(Random random, int passages)
    {
        var draft = new IndexDraft();
        for (var i = 0; i < passages / 2; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, 12).Select(_ => $"word{random.Next(200)}"));
            draft.Add(new($"{i}.md", $"# A\n\n{text}\n\n# B\n\n{text[..20]}"), $"{i}", Chunks.Of(new($"{i}.md", $"# A\n\n{text}\n\n# B\n\n{text[..20]}")));
        }

        return new LoadedIndex(draft.Finish("e", [.. Enumerable.Range(0, draft.Texts.Count).Select(_ => (ReadOnlyMemory<float>)Vector(random))], int.MaxValue));
    }

    static float[] Vector(Random random)
    {
        var vector = new float[Dimensions];
        for (var i = 0; i < Dimensions; i++)
            vector[i] = random.NextSingle() - 0.5f;
        var length = MathF.Sqrt(vector.Sum(v => v * v));
        return Array.ConvertAll(vector, v => v / length);
    }
}
