using AiOs.Agents.Retrieval;

namespace AiOs.Shared.Tests.Retrieval;

/// <summary>Knowledge in indexes of our own.</summary>
public sealed class KnowledgeTests : KnowledgeContract
{
    private protected override Task<Library> OpenAsync() => Library.OpenAsync();

    [Fact]
    public async Task A_lost_or_foreign_index_is_refused_and_a_lost_one_built_again()
    {
        await using var library = await Library.OpenAsync(new() { MostIndexes = 1 });
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        var foreign = await library.Blobs.PutAsync("AIOSKN02 but nothing else"u8.ToArray(), CancellationToken.None);
        await Assert.ThrowsAsync<InvalidDataException>(() => library.Search.SearchAsync(foreign, "card", 1, [], CancellationToken.None));
        Directory.Delete(library.BlobFolder, recursive: true);
        await Assert.ThrowsAsync<InvalidDataException>(() => library.Search.SearchAsync(index.Ref, "card", 1, [], CancellationToken.None));
        Assert.False((await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None)).FromCache);
        Assert.NotEmpty(await library.Search.SearchAsync(index.Ref, "card", 1, [], CancellationToken.None));
    }

    [Fact]
    public async Task Many_search_at_once_while_indexes_come_and_go()
    {
        await using var library = await Library.OpenAsync(new() { MostIndexes = 2 });
        List<string> refs = [];
        for (var i = 0; i < 4; i++)
            refs.Add((await library.Indexer.BuildAsync([.. Bank, new($"extra{i}.md", $"# Extra\n\nNumber {i} of the extras.")], null, null, CancellationToken.None)).Ref);
        await Parallel.ForAsync(0, 200, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, stop) =>
            Assert.Equal("cards.md", (await library.Search.SearchAsync(refs[i % 4], "stolen card", 2, [], stop))[0].Document));
        Assert.True(library.Indexes.Count <= 2);
    }

    [Theory]
    [InlineData("broke", "break")]
    [InlineData("stolen", "stealing")]
    [InlineData("theft", "steal")]
    [InlineData("children", "child's")]
    [InlineData("losses", "lost")]
    public void Irregular_forms_have_one_stem(string form, string other) => Assert.Equal(Terms.Stem(form), Terms.Stem(other));

    [Theory]
    [InlineData("caresses", "caress")]
    [InlineData("ponies", "poni")]
    [InlineData("agreed", "agre")]
    [InlineData("plastered", "plaster")]
    [InlineData("hopping", "hop")]
    [InlineData("filing", "file")]
    [InlineData("happy", "happi")]
    [InlineData("sky", "sky")]
    [InlineData("relational", "relat")]
    [InlineData("vietnamization", "vietnam")]
    [InlineData("electricity", "electr")]
    [InlineData("adoption", "adopt")]
    [InlineData("controlling", "control")]
    [InlineData("rate", "rate")]
    public void Words_are_stemmed_as_Porter_published_it(string word, string stem) => Assert.Equal(stem, Terms.Stem(word));
}
