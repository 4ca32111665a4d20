using AiOs.Agents.Retrieval;
using AiOs.Agents.Retrieval.Indexing;
using AiOs.Agents.Retrieval.Ranking;
using AiOs.Shared.Tests.Models;

namespace AiOs.Shared.Tests.Retrieval;

public sealed class AddedKnowledgeTests
{
    static readonly KnowledgeFile Package = new("knowledge/cards.md", "# Cards\n\nFreeze the card in the app at once.");

    [Fact]
    public async Task What_is_added_is_found_beside_the_package_until_it_is_removed()
    {
        await using var library = await Library.OpenAsync();
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
        await using var library = await Library.OpenAsync();
        var first = await library.Indexer.BuildAsync([Package, new("b.md", "One. \n\n# B\n\nTwo.")], null, null, CancellationToken.None);
        var second = await library.Indexer.BuildAsync([Package, new("b.md", "One. \n\n# B\n\nTwo."), new("c.md", "Three.")], first.Ref, null, CancellationToken.None);
        Assert.Equal((3, 1), (first.Encoded, second.Encoded));
        var afresh = await Library.OpenAsync();
        Assert.Equal(second.Ref, (await afresh.Indexer.BuildAsync([Package, new("b.md", "One. \n\n# B\n\nTwo."), new("c.md", "Three.")], null, null, CancellationToken.None)).Ref);
        await afresh.DisposeAsync();
    }

    [Fact]
    public async Task A_document_with_roles_takes_part_only_for_who_has_one_of_them()
    {
        await using var library = await Library.OpenAsync();
        var index = (await library.Indexer.BuildAsync([Package, new("secret.md", "# Vault\n\nThe vault opens at noon.") { Roles = ["operator"] }], null, null, CancellationToken.None)).Ref;
        Assert.Equal("secret.md", (await library.Search.SearchAsync(index, "when does the vault open?", 1, ["operator"], CancellationToken.None))[0].Document);
        Assert.NotEmpty(await library.Search.SearchAsync(index, "when does the vault open?", 1, ["owner"], CancellationToken.None));
        Assert.DoesNotContain(await library.Search.SearchAsync(index, "when does the vault open?", 5, ["client"], CancellationToken.None), p => p.Document == "secret.md");
        Assert.DoesNotContain("secret.md", await library.Search.DocumentsAsync(index, "when does the vault open?", 5, [], CancellationToken.None));
        Assert.Equal(["knowledge/cards.md"], (await library.Search.ListAsync(index, ["client"], CancellationToken.None)).Select(d => d.Path));
    }

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
