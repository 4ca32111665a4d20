using System.Text.Json;
using Azure;
using Azure.Search.Documents;
using Azure.Search.Documents.Models;

namespace AiOs.Agents.Retrieval.Azure;

/// <summary>Brings passages into the service and out of it, in batches as large as it takes (1,000 documents, 16 MB); what it turns away for the moment is sent again, what it refuses is an error that names the document.</summary>
sealed class PassageUpload(SearchService service)
{
    const int MostDocuments = 1_000, MostBytes = 15_000_000, MostRounds = 8;

    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>Uploads; <paramref name="uploaded"/> hears how many are done.</summary>
    /// <exception cref="KnowledgeServiceException">The service does not take one of them.</exception>
    public async Task UploadAsync(IAsyncEnumerable<SearchPassage> passages, Action<int> uploaded, CancellationToken cancellationToken)
    {
        List<SearchPassage> batch = [];
        long bytes = 0;
        await foreach (var passage in passages.WithCancellation(cancellationToken))
        {
            var length = JsonSerializer.SerializeToUtf8Bytes(passage).Length;
            if (batch.Count == MostDocuments || (batch.Count > 0 && bytes + length > MostBytes))
            {
                await SendAsync(batch, IndexDocumentsAction.MergeOrUpload, cancellationToken);
                uploaded(batch.Count);
                (batch, bytes) = ([], 0);
            }

            batch.Add(passage);
            bytes += length;
        }

        if (batch.Count > 0)
            await SendAsync(batch, IndexDocumentsAction.MergeOrUpload, cancellationToken);
        uploaded(batch.Count);
    }

    /// <summary>Deletes all passages of a document.</summary>
    public async Task DeleteAsync(string source, CancellationToken cancellationToken)
    {
        var options = new SearchOptions { Filter = PassageFilter.Of([source]), Size = MostDocuments, Select = { "id" } };
        HashSet<string> deleted = new(StringComparer.Ordinal);
        while (true)
        {
            var found = await SearchService.AskAsync("list passages", async () =>
            {
                List<string> ids = [];
                await foreach (var result in (await service.Documents.SearchAsync<SearchPassage>("*", options, cancellationToken)).Value.GetResultsAsync())
                    ids.Add(result.Document.Id);
                return ids;
            });
            // What was deleted is still found for a moment.
            var left = found.Where(deleted.Add).Select(id => new SearchPassage { Id = id }).ToList();
            if (left.Count == 0)
                return;
            foreach (var batch in left.Chunk(MostDocuments))
                await SendAsync([.. batch], IndexDocumentsAction.Delete, cancellationToken);
        }
    }

    async Task SendAsync(IReadOnlyList<SearchPassage> batch, Func<SearchPassage, IndexDocumentsAction<SearchPassage>> action, CancellationToken cancellationToken)
    {
        var pause = FirstPause;
        for (var round = 1; batch.Count > 0; round++, pause *= 2)
        {
            if (round > 1)
                await Task.Delay(pause, service.Clock, cancellationToken);
            var again = await SendOnceAsync(batch, action, cancellationToken);
            if (round == MostRounds && again.Count > 0)
                throw new KnowledgeServiceException($"The search service turned {again.Count} passages away {MostRounds} times, one of them of {again[0].Document}; try again later.");
            batch = again;
        }
    }

    /// <summary>Those that are to be sent again.</summary>
    async Task<IReadOnlyList<SearchPassage>> SendOnceAsync(IReadOnlyList<SearchPassage> batch, Func<SearchPassage, IndexDocumentsAction<SearchPassage>> action, CancellationToken cancellationToken)
    {
        IndexDocumentsResult result;
        try
        {
            result = await service.Documents.IndexDocumentsAsync(IndexDocumentsBatch.Create(batch.Select(action).ToArray()), new IndexDocumentsOptions { ThrowOnAnyError = false }, cancellationToken);
        }
        catch (RequestFailedException large) when (large.Status == 413 && batch.Count > 1)
        {
            return [.. await SendOnceAsync([.. batch.Take(batch.Count / 2)], action, cancellationToken), .. await SendOnceAsync([.. batch.Skip(batch.Count / 2)], action, cancellationToken)];
        }
        catch (RequestFailedException failed)
        {
            return await SearchService.AskAsync<IReadOnlyList<SearchPassage>>("upload", () => Task.FromException<IReadOnlyList<SearchPassage>>(failed));
        }

        var results = result.Results.ToDictionary(r => r.Key, StringComparer.Ordinal);
        List<SearchPassage> again = [];
        foreach (var passage in batch)
            switch (results.GetValueOrDefault(passage.Id))
            {
                case { Succeeded: true }:
                    break;
                case null or { Status: 409 or 422 or 429 or 503 }:   // changed at the same time, index being updated, too busy
                    again.Add(passage);
                    break;
                case var refused:
                    throw new KnowledgeServiceException($"The search service does not take a passage of {passage.Document} ({refused.Status}).");
            }

        return again;
    }
}
