using AiOs.Agents.Retrieval;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Shared.Tests.Retrieval;

public sealed class KnowledgeTests
{
    static readonly KnowledgeFile[] Bank =
    [
        new("cards.md", "# Cards\n\n## Lost or stolen\n\nFreeze the card in the app at once. A replacement is free twice a year.\n\n## PIN\n\nThe PIN is changed at any cash machine."),
        new("fees.md", "# Fees\n\nThe overdraft costs 9.9 percent interest a year. A second plastic card costs 5.00 EUR."),
        new("transfers.md", "# Transfers\n\nA transfer to another country takes two to five working days and costs 4.50 EUR."),
    ];

    [Theory]
    [InlineData("my card was stolen", "cards.md", "Cards > Lost or stolen")]
    [InlineData("what does an overdraft cost", "fees.md", "Fees")]
    [InlineData("how do I change the pin", "cards.md", "Cards > PIN")]
    [InlineData("sending money abroad, how long?", "transfers.md", "Transfers")]
    public async Task The_passage_that_answers_comes_first(string query, string document, string section)
    {
        await using var library = await Library.OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        var found = await library.Search.SearchAsync(index.Ref, query, 3, [], CancellationToken.None);
        Assert.Equal((document, section), (found[0].Document, found[0].Section));
        Assert.All(found, p => Assert.Equal(p.Text, Bank.Single(f => f.Path == p.Document).Text.Substring(p.Start, p.End - p.Start)));
        Assert.All(found, p => Assert.InRange(p.Score, 0.25, 1));
    }

    [Fact]
    public async Task What_the_knowledge_is_silent_about_finds_nothing()
    {
        await using var library = await Library.OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        Assert.Empty(await library.Search.SearchAsync(index.Ref, "giraffes in Africa", 4, [], CancellationToken.None));
    }

    [Fact]
    public async Task The_same_files_are_indexed_once_and_give_the_same_bytes()
    {
        await using var library = await Library.OpenAsync();
        List<double> shares = [];
        var first = await library.Indexer.BuildAsync(Bank, null, new Watch(shares), CancellationToken.None);
        var second = await library.Indexer.BuildAsync([.. Bank.Reverse()], null, null, CancellationToken.None);
        Assert.Equal((false, true, first.Ref, 3, 4), (first.FromCache, second.FromCache, second.Ref, second.Documents, second.Chunks));
        Assert.Equal(1, shares[^1]);
        await using var other = await Library.OpenAsync();
        Assert.Equal(first.Ref, (await other.Indexer.BuildAsync(Bank, null, null, CancellationToken.None)).Ref);
        var changed = await library.Indexer.BuildAsync([.. Bank[..2], new("transfers.md", "# Transfers\n\nNone.")], null, null, CancellationToken.None);
        Assert.NotEqual(first.Ref, changed.Ref);
        await Assert.ThrowsAsync<ArgumentException>(() => library.Indexer.BuildAsync([Bank[0], Bank[0]], null, null, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidDataException>(() => library.Indexer.BuildAsync([new("broken.md", "a \ud83d b")], null, null, CancellationToken.None));
    }

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
    [InlineData("")]
    [InlineData(" \t\n")]
    [InlineData("😀🎉")]
    [InlineData("???")]
    public async Task A_query_without_a_word_finds_nothing(string query)
    {
        await using var library = await Library.OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        Assert.Empty(await library.Search.SearchAsync(index.Ref, query, 4, [], CancellationToken.None));
    }

    [Fact]
    public async Task A_masked_value_does_not_change_what_is_found()
    {
        await using var library = await Library.OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        var masked = await library.Search.SearchAsync(index.Ref, "my card [card:7kq3zt5m2a7kq3zt5m2a7kq3zt] was stolen", 3, [], CancellationToken.None);
        Assert.Equal(await library.Search.SearchAsync(index.Ref, "my card   was stolen", 3, [], CancellationToken.None), masked);
    }

    [Fact]
    public async Task No_query_is_ever_syntax()
    {
        await using var library = await Library.OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        var empty = await library.Indexer.BuildAsync([new("empty.md", "# Only a heading")], null, null, CancellationToken.None);
        var hostile = new[] { "\"", "card\" OR \"", "NEAR(card, 2)", "section : card", "card*", "^card", "-card AND NOT", "(((", "'; DROP TABLE words; --", "\0card\0", "\ud83d", "carte é ñ 漢字 العربية", new string('a', 100_000), string.Concat(Enumerable.Repeat("card pin ", 12_000)) };
        foreach (var query in hostile)
        {
            await library.Search.SearchAsync(index.Ref, query, 4, [], CancellationToken.None);
            Assert.Empty(await library.Search.SearchAsync(empty.Ref, query, 4, [], CancellationToken.None));
        }

        Prop.ForAll(Gen.Elements(hostile[..12]).ListOf().Select(string.Concat).ToArbitrary(), query =>
        {
            var found = library.Search.SearchAsync(index.Ref, query, 4, [], CancellationToken.None).GetAwaiter().GetResult();
            Assert.True(found.Count <= 4);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(100));
    }

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

    sealed class Watch(List<double> shares) : IProgress<double>
    {
        public void Report(double value) => shares.Add(value);
    }
}
