using AiOs.Agents.Retrieval;
using FsCheck;
using FsCheck.Fluent;

namespace AiOs.Shared.Tests.Retrieval;

/// <summary>What every place that knowledge can be kept in does alike.</summary>
public abstract class KnowledgeContract
{
    internal static readonly KnowledgeFile[] Bank =
    [
        new("cards.md", "# Cards\n\n## Lost or stolen\n\nFreeze the card in the app at once. A replacement is free twice a year.\n\n## PIN\n\nThe PIN is changed at any cash machine."),
        new("fees.md", "# Fees\n\nThe overdraft costs 9.9 percent interest a year. A second plastic card costs 5.00 EUR."),
        new("transfers.md", "# Transfers\n\nA transfer to another country takes two to five working days and costs 4.50 EUR."),
    ];

    static readonly KnowledgeFile Package = new("knowledge/cards.md", "# Cards\n\nFreeze the card in the app at once.");

    private protected abstract Task<Library> OpenAsync();

    [Theory]
    [InlineData("my card was stolen", "cards.md", "Cards > Lost or stolen")]
    [InlineData("what does an overdraft cost", "fees.md", "Fees")]
    [InlineData("how do I change the pin", "cards.md", "Cards > PIN")]
    [InlineData("sending money abroad, how long?", "transfers.md", "Transfers")]
    public async Task The_passage_that_answers_comes_first(string query, string document, string section)
    {
        await using var library = await OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        var found = await library.Search.SearchAsync(index.Ref, query, 3, [], CancellationToken.None);
        Assert.Equal((document, section), (found[0].Document, found[0].Section));
        Assert.All(found, p => Assert.Equal(p.Text, Bank.Single(f => f.Path == p.Document).Text.Substring(p.Start, p.End - p.Start)));
        Assert.All(found, p => Assert.InRange(p.Score, 0.25, 1));
    }

    [Fact]
    public async Task What_the_knowledge_is_silent_about_finds_nothing()
    {
        await using var library = await OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        Assert.Empty(await library.Search.SearchAsync(index.Ref, "giraffes in Africa", 4, [], CancellationToken.None));
    }

    [Fact]
    public async Task The_same_files_are_indexed_once_and_give_the_same_bytes()
    {
        await using var library = await OpenAsync();
        List<double> shares = [];
        var first = await library.Indexer.BuildAsync(Bank, null, new Watch(shares), CancellationToken.None);
        var second = await library.Indexer.BuildAsync([.. Bank.Reverse()], null, null, CancellationToken.None);
        Assert.Equal((false, true, first.Ref, 3, 4), (first.FromCache, second.FromCache, second.Ref, second.Documents, second.Chunks));
        Assert.Equal(1, shares[^1]);
        await using var other = await OpenAsync();
        Assert.Equal(first.Ref, (await other.Indexer.BuildAsync(Bank, null, null, CancellationToken.None)).Ref);
        var changed = await library.Indexer.BuildAsync([.. Bank[..2], new("transfers.md", "# Transfers\n\nNone.")], null, null, CancellationToken.None);
        Assert.NotEqual(first.Ref, changed.Ref);
        await Assert.ThrowsAsync<ArgumentException>(() => library.Indexer.BuildAsync([Bank[0], Bank[0]], null, null, CancellationToken.None));
        await Assert.ThrowsAsync<InvalidDataException>(() => library.Indexer.BuildAsync([new("broken.md", "a \ud83d b")], null, null, CancellationToken.None));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \t\n")]
    [InlineData("😀🎉")]
    [InlineData("???")]
    public async Task A_query_without_a_word_finds_nothing(string query)
    {
        await using var library = await OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        Assert.Empty(await library.Search.SearchAsync(index.Ref, query, 4, [], CancellationToken.None));
    }

    [Fact]
    public async Task A_masked_value_does_not_change_what_is_found()
    {
        await using var library = await OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        var masked = await library.Search.SearchAsync(index.Ref, "my card [card:7kq3zt5m2a7kq3zt5m2a7kq3zt] was stolen", 3, [], CancellationToken.None);
        Assert.Equal(await library.Search.SearchAsync(index.Ref, "my card   was stolen", 3, [], CancellationToken.None), masked);
    }

    [Fact]
    public async Task No_query_is_ever_syntax()
    {
        await using var library = await OpenAsync();
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

    [Fact]
    public async Task What_is_added_is_found_beside_the_package_until_it_is_removed()
    {
        await using var library = await OpenAsync();
        var index = (await library.Indexer.BuildAsync([Package], null, null, CancellationToken.None)).Ref;
        Assert.Equal(index, await library.Added.IndexAsync("bank", index, CancellationToken.None));
        await library.Added.AddAsync("bank", new("added/parking.md", "# Parking\n\nThe parking place is behind the house."), "key-1", CancellationToken.None);
        var with = await library.Added.IndexAsync("bank", index, CancellationToken.None);
        Assert.Equal(with, await library.Added.IndexAsync("bank", index, CancellationToken.None));
        Assert.Equal("added/parking.md", (await library.Search.SearchAsync(with, "where is the parking place?", 1, [], CancellationToken.None))[0].Document);
        Assert.Equal("knowledge/cards.md", (await library.Search.SearchAsync(with, "freeze my card", 1, [], CancellationToken.None))[0].Document);
        Assert.Empty(await library.Added.ListAsync("other", CancellationToken.None));
        Assert.True(await library.Added.RemoveAsync("bank", "added/parking.md", CancellationToken.None));
        Assert.False(await library.Added.RemoveAsync("bank", "added/parking.md", CancellationToken.None));
        Assert.Equal(index, await library.Added.IndexAsync("bank", index, CancellationToken.None));
    }

    [Fact]
    public async Task Only_what_changed_is_encoded_again()
    {
        await using var library = await OpenAsync();
        var first = await library.Indexer.BuildAsync([Package, new("b.md", "One. \n\n# B\n\nTwo.")], null, null, CancellationToken.None);
        var second = await library.Indexer.BuildAsync([Package, new("b.md", "One. \n\n# B\n\nTwo."), new("c.md", "Three.")], first.Ref, null, CancellationToken.None);
        Assert.Equal((3, 1), (first.Encoded, second.Encoded));
        var afresh = await OpenAsync();
        Assert.Equal(second.Ref, (await afresh.Indexer.BuildAsync([Package, new("b.md", "One. \n\n# B\n\nTwo."), new("c.md", "Three.")], null, null, CancellationToken.None)).Ref);
        await afresh.DisposeAsync();
    }

    [Fact]
    public async Task A_document_with_roles_takes_part_only_for_who_has_one_of_them()
    {
        await using var library = await OpenAsync();
        var index = (await library.Indexer.BuildAsync([Package, new("secret.md", "# Vault\n\nThe vault opens at noon.") { Roles = ["operator"] }], null, null, CancellationToken.None)).Ref;
        Assert.Equal("secret.md", (await library.Search.SearchAsync(index, "when does the vault open?", 1, ["operator"], CancellationToken.None))[0].Document);
        Assert.NotEmpty(await library.Search.SearchAsync(index, "when does the vault open?", 1, ["owner"], CancellationToken.None));
        Assert.DoesNotContain(await library.Search.SearchAsync(index, "when does the vault open?", 5, ["client"], CancellationToken.None), p => p.Document == "secret.md");
        Assert.DoesNotContain("secret.md", await library.Search.DocumentsAsync(index, "when does the vault open?", 5, [], CancellationToken.None));
        Assert.Equal(["knowledge/cards.md"], (await library.Search.ListAsync(index, ["client"], CancellationToken.None)).Select(d => d.Path));
    }

    sealed class Watch(List<double> shares) : IProgress<double>
    {
        public void Report(double value) => shares.Add(value);
    }
}
