using System.CommandLine;
using System.Globalization;
using AiOs.Observability;
using Microsoft.Extensions.DependencyInjection;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>eval retrieval --corpus F --queries F</c>: the search over knowledge, on a test collection with judged queries.</summary>
static class EvalRetrievalCommand
{
    public static Command Create()
    {
        var corpus = new Option<FileInfo>("--corpus") { Description = "JSON lines {\"id\", \"title\", \"text\"}.", Required = true };
        var queries = new Option<FileInfo>("--queries") { Description = "JSON lines {\"query\", \"relevant\": [\"id\", ...]}.", Required = true };
        var json = CommonOptions.Json();
        var command = new Command("retrieval", "Measure the search over knowledge on documents and judged queries: nDCG@10, recall@100, milliseconds of the median query.")
        {
            corpus.AcceptExistingOnly(), queries.AcceptExistingOnly(), json,
        };
        command.SetAction((parsed, cancellationToken) => RunAsync(parsed.GetValue(corpus)!.FullName, parsed.GetValue(queries)!.FullName, new Shell(parsed.GetValue(json)), cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(string corpus, string queries, Shell shell, CancellationToken cancellationToken)
    {
        try
        {
            var (documents, judged) = (JudgedCollection.Read<JudgedDocument>(corpus), JudgedCollection.Read<JudgedQuery>(queries));
            await using var workspace = await EvalWorkspace.OpenAsync(cancellationToken);
            RetrievalReport? report = null;
            await shell.Progress.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async progress =>
                report = await workspace.Services.GetRequiredService<RetrievalEvaluation>().RunAsync(documents, judged, new Bar(progress.AddTask($"indexing {documents.Count} documents", maxValue: 1)), cancellationToken));
            shell.Result(report!, console => console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{report!.Queries} queries on {report.Documents} documents: nDCG@10 {report.Ndcg10:0.000}, recall@100 {report.Recall100:0.000}; median query {report.P50Ms:0.0} ms, indexed in {report.IndexSeconds:0.0} s")));
            return ExitCode.Ok;
        }
        catch (InvalidDataException wrong)
        {
            throw new CommandException(wrong.Message, ExitCode.Refused);
        }
    }
}
