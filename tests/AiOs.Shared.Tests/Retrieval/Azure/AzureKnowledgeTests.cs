using System.Globalization;
using AiOs.Agents.Retrieval;
using AiOs.Agents.Retrieval.Azure;
using AiOs.DataPlane;
using AiOs.Models;
using AiOs.Security;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Shared.Tests.Retrieval.Azure;

/// <summary>Knowledge in Azure AI Search.</summary>
public sealed class AzureKnowledgeTests : KnowledgeContract, IAsyncLifetime
{
    SearchServer server = null!;

    private protected override Task<Library> OpenAsync() => Library.OpenAsync(server);

    public async ValueTask InitializeAsync() => server = await SearchServer.StartAsync();

    /// <summary>Whatever a test did, no request may have been other than the reference says.</summary>
    public async ValueTask DisposeAsync()
    {
        await server.DisposeAsync();
        Assert.Empty(server.Faults);
    }

    [Fact]
    public async Task A_search_is_one_hybrid_query_filtered_by_documents_and_readers()
    {
        await using var library = await OpenAsync();
        var index = await library.Indexer.BuildAsync([.. Bank, new("vault.md", "# Vault\n\nThe vault opens at noon.") { Roles = ["operator"] }], null, null, CancellationToken.None);
        await library.Search.SearchAsync(index.Ref, "my \"card\" +was -stolen*", 3, ["client", "no-such'role"], CancellationToken.None);
        var asked = server.Searches.Last();
        Assert.Equal("my card was stolen", asked.GetProperty("search").GetString());
        Assert.Equal(("any", "simple", "preFilter", 3), (asked.GetProperty("searchMode").GetString(), asked.GetProperty("queryType").GetString(), asked.GetProperty("vectorFilterMode").GetString(), asked.GetProperty("top").GetInt32()));
        Assert.Equal(("vector", "vector", 50, 512), (asked.GetProperty("vectorQueries")[0].GetProperty("kind").GetString(), asked.GetProperty("vectorQueries")[0].GetProperty("fields").GetString(),
            asked.GetProperty("vectorQueries")[0].GetProperty("k").GetInt32(), asked.GetProperty("vectorQueries")[0].GetProperty("vector").GetArrayLength()));
        Assert.EndsWith(" and (not roles/any() or roles/any(r: search.in(r, 'client', ',')))", asked.GetProperty("filter").GetString(), StringComparison.Ordinal);
        await library.Search.SearchAsync(index.Ref, "vault", 3, [], CancellationToken.None);
        Assert.EndsWith(" and not roles/any()", server.Searches.Last().GetProperty("filter").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_versions_and_two_apps_share_what_they_have_in_common_and_see_only_their_own()
    {
        await using var library = await OpenAsync();
        var first = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        var second = await library.Indexer.BuildAsync([Bank[0], Bank[1] with { Text = "# Fees\n\nThe overdraft is free." }], null, null, CancellationToken.None);
        Assert.Equal((4, 1), (first.Encoded, second.Encoded));
        Assert.Contains("9.9", (await library.Search.SearchAsync(first.Ref, "overdraft", 1, [], CancellationToken.None))[0].Text, StringComparison.Ordinal);
        Assert.Contains("free", (await library.Search.SearchAsync(second.Ref, "overdraft", 1, [], CancellationToken.None))[0].Text, StringComparison.Ordinal);
        Assert.DoesNotContain(await library.Search.SearchAsync(second.Ref, "a transfer to another country", 9, [], CancellationToken.None), p => p.Document == "transfers.md");
    }

    [Fact]
    public async Task A_removed_or_replaced_document_leaves_the_service_and_may_come_back()
    {
        await using var library = await OpenAsync();
        var index = (await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None)).Ref;
        var before = server.Indexes.Documents.Count;
        foreach (var text in new[] { "# Parking\n\nBehind the house.", "# Parking\n\nBefore the house." })
        {
            await library.Added.AddAsync("bank", new("added/parking.md", text), "key-1", CancellationToken.None);
            await library.Added.IndexAsync("bank", index, CancellationToken.None);
            Assert.Equal(before + 1, server.Indexes.Documents.Count);
        }

        await library.Added.AddAsync("other", new("added/parking.md", "# Parking\n\nBefore the house."), "key-1", CancellationToken.None);
        await library.Added.RemoveAsync("bank", "added/parking.md", CancellationToken.None);
        Assert.Equal(before + 1, server.Indexes.Documents.Count);   // the other app still has it
        await library.Added.RemoveAsync("other", "added/parking.md", CancellationToken.None);
        Assert.Equal(before, server.Indexes.Documents.Count);
        await library.Added.AddAsync("bank", new("added/parking.md", "# Parking\n\nBehind the house."), "key-1", CancellationToken.None);
        Assert.Equal("added/parking.md", (await library.Search.SearchAsync(await library.Added.IndexAsync("bank", index, CancellationToken.None), "where is parking?", 1, [], CancellationToken.None))[0].Document);
    }

    [Fact]
    public async Task Uploads_come_in_batches_that_the_service_takes()
    {
        await using var library = await OpenAsync();
        var files = Enumerable.Range(0, 1_100).Select(i => new KnowledgeFile(string.Create(CultureInfo.InvariantCulture, $"{i}.md"), $"# Room {i}\n\nIt has {i + 2} chairs.")).ToList();
        List<double> shares = [];
        Assert.Equal(1_100, (await library.Indexer.BuildAsync(files, null, new Heard(shares), CancellationToken.None)).Encoded);
        Assert.Equal([1_000, 100], server.Batches.Select(b => b.Documents));
        Assert.Equal(shares.Order(), shares);
        Assert.Equal(0, (await library.Indexer.BuildAsync(files, null, null, CancellationToken.None)).Encoded);
        Assert.Equal(2, server.Batches.Count);
    }

    [Theory]
    [InlineData(429, true)]
    [InlineData(503, true)]
    [InlineData(409, true)]
    [InlineData(422, true)]
    [InlineData(400, false)]
    public async Task What_a_batch_does_not_take_is_sent_again_alone_or_refused_by_name(int status, bool again)
    {
        await using var library = await OpenAsync();
        var failures = 0;
        server.ItemStatus = key => key.EndsWith("-1", StringComparison.Ordinal) && (Interlocked.Increment(ref failures) == 1 || !again) ? status : null;
        if (again)
        {
            await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
            Assert.Equal([4, 1], server.Batches.Select(b => b.Documents));
        }
        else
            Assert.Contains("cards.md", (await Assert.ThrowsAsync<KnowledgeServiceException>(() => library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429, "7")]
    [InlineData(503, "7")]
    [InlineData(503, "Mon, 02 Mar 2026 09:00:07 GMT")]
    public async Task A_busy_service_is_asked_again_when_it_says(int status, string retryAfter)
    {
        var clock = new ManualTimeProvider();
        await using var library = await Library.OpenAsync(server, clock);
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        List<DateTimeOffset> asked = [];
        server.Instead = context =>
        {
            asked.Add(clock.GetUtcNow());
            context.Response.StatusCode = status;
            context.Response.Headers.RetryAfter = retryAfter;
            return Task.FromResult(asked.Count == 1);
        };
        var search = library.Search.SearchAsync(index.Ref, "stolen card", 1, [], CancellationToken.None);
        var begun = clock.GetUtcNow();
        while (!search.IsCompleted)
            if (clock.Waiting > 0 && asked.Count > 0) clock.Advance(TimeSpan.FromSeconds(1));
            else await Task.Yield();
        Assert.Equal("cards.md", (await search)[0].Document);
        Assert.Equal(TimeSpan.FromSeconds(7), asked[1] - begun);
    }

    [Fact]
    public async Task A_service_that_stays_busy_is_given_up_in_time_and_without_its_words()
    {
        var clock = new ManualTimeProvider();
        await using var library = await Library.OpenAsync(server, clock);
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        server.Instead = async context =>
        {
            context.Response.StatusCode = 503;
            await Microsoft.AspNetCore.Http.HttpResponseWritingExtensions.WriteAsync(context.Response, $"busy with {SearchServer.Key}");
            return true;
        };
        var begun = clock.GetUtcNow();
        var search = library.Search.SearchAsync(index.Ref, "stolen card", 1, [], CancellationToken.None);
        while (!search.IsCompleted)
            if (clock.Waiting > 0) clock.Advance(TimeSpan.FromMilliseconds(100));
            else await Task.Yield();
        var failed = await Assert.ThrowsAsync<KnowledgeServiceException>(() => search);
        Assert.Contains("busy", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(SearchServer.Key, failed.ToString(), StringComparison.Ordinal);
        Assert.InRange(clock.GetUtcNow() - begun, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(11));
    }

    [Theory]
    [InlineData(401, "let us in")]
    [InlineData(403, "let us in")]
    [InlineData(404, "deploy the app again")]
    [InlineData(302, "refused")]
    public async Task What_is_wrong_for_good_is_said_at_once(int status, string says)
    {
        await using var library = await OpenAsync();
        var index = await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        server.Instead = context =>
        {
            context.Response.StatusCode = status;
            context.Response.Headers.Location = "http://127.0.0.1:1/";
            return Task.FromResult(true);
        };
        var before = server.Requests.Count;
        Assert.Contains(says, (await Assert.ThrowsAsync<KnowledgeServiceException>(() => library.Search.SearchAsync(index.Ref, "card", 1, [], CancellationToken.None))).Message, StringComparison.Ordinal);
        Assert.Equal(before + 1, server.Requests.Count);
    }

    [Fact]
    public async Task An_index_of_our_own_is_not_taken_for_one_of_the_service()
    {
        await using var local = await Library.OpenAsync();
        var own = await local.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        await using var library = await OpenAsync();
        var blob = await library.Blobs.PutAsync((await local.Blobs.GetAsync(own.Ref, CancellationToken.None))!, CancellationToken.None);
        Assert.Contains("deploy the app again", (await Assert.ThrowsAsync<InvalidDataException>(() => library.Search.SearchAsync(blob, "card", 1, [], CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_service_lost_is_uploaded_again_at_the_next_deployment()
    {
        await using var library = await OpenAsync();
        await library.Indexer.BuildAsync(Bank, null, null, CancellationToken.None);
        await using var other = await OpenAsync();
        Assert.Equal(0, (await other.Indexer.BuildAsync(Bank, null, null, CancellationToken.None)).Encoded);
        await server.DisposeAsync();
        server = await SearchServer.StartAsync();
        await using var anew = await OpenAsync();
        Assert.Equal(4, (await anew.Indexer.BuildAsync(Bank, null, null, CancellationToken.None)).Encoded);
    }

    [Theory]
    [InlineData("AIOS_SEARCH_ENDPOINT", "http://example.com")]
    [InlineData("AIOS_SEARCH_ENDPOINT", "https://user@x.search.windows.net")]
    [InlineData("AIOS_SEARCH_INDEX", "Not-Good")]
    [InlineData("AIOS_SEARCH_AUTH", "password")]
    public void A_setting_that_makes_no_sense_is_named(string setting, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["AIOS_SEARCH_ENDPOINT"] = "https://x.search.windows.net", [setting] = value }).Build();
        Assert.Contains(setting, Assert.Throws<FormatException>(() => SearchServiceSettings.Of(configuration)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_setting_switches_the_service_on()
    {
        using var folder = new TemporaryFolder();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal) { ["AIOS_SEARCH_ENDPOINT"] = server.Url, [DataPlaneSetup.DataDirectoryKey] = folder.Path }).Build();
        await using var services = new ServiceCollection().AddSingleton<IConfiguration>(configuration).AddSingleton(TimeProvider.System)
            .AddDataPlane(configuration).AddModels().AddSecurity(configuration).AddRetrieval(configuration).BuildServiceProvider();
        Assert.IsType<AzureKnowledgeIndexer>(services.GetRequiredService<IKnowledgeIndexer>());
        Assert.IsType<AzureKnowledgeSearch>(services.GetRequiredService<IKnowledgeSearch>());
        Assert.NotNull(services.GetRequiredService<AddedKnowledge>());
        await using var without = new ServiceCollection().AddRetrieval(new ConfigurationBuilder().Build()).BuildServiceProvider();
        Assert.Null(without.GetService<SearchService>());
    }

    sealed class Heard(List<double> shares) : IProgress<double>
    {
        public void Report(double value) => shares.Add(value);
    }
}
