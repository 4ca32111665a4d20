using System.CommandLine;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Retrieval;

/// <summary><c>bench retrieval</c>: the search over knowledge on synthetic text, beside SQLite FTS5 on the same text and queries.</summary>
static class RetrievalCommand
{
    public static Command Create()
    {
        var chunks = new Option<int>("--chunks") { Description = "Passages of 100 words.", DefaultValueFactory = _ => 100_000 };
        var queries = new Option<int>("--queries") { Description = "Queries of each length; the median counts.", DefaultValueFactory = _ => 200 };
        var json = CommonOptions.Json();
        var command = new Command("retrieval", "Search over 100,000 passages of 100 words (words, topics and sentence vectors together) and over 20,000 short documents (words and topics), one thread, beside SQLite FTS5.") { chunks, queries, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var shell = new Shell(parsed.GetValue(json));
            var folder = Directory.CreateDirectory(Path.Combine(Root.Path, "artifacts", "bench")).FullName;
            var report = await RetrievalReport.MeasureAsync(parsed.GetValue(chunks), parsed.GetValue(queries), folder, shell, cancellationToken);
            shell.Result(report, report.Write);
            return ExitCode.Ok;
        });
        return command;
    }
}
