using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using AiOs.Agents.Retrieval.Reading;
using Spectre.Console;

namespace AiOs.Local.CommandLine;

/// <summary><c>knowledge add|list|remove|search</c>: what an app knows.</summary>
static class KnowledgeCommand
{
    public static Command Create() => new("knowledge", "Add, list, remove and search what an app knows, without deploying it again.") { Add(), List(), Remove(), Search() };

    static Command Add()
    {
        var (app, files) = (App(), new Argument<FileInfo[]>("files") { Description = $"Documents: {KnowledgeReader.Kinds}.", Arity = ArgumentArity.OneOrMore });
        var role = new Option<string[]>("--role") { Description = "Who may read them (owner, adjuster, operator, client; may be given more than once); without it everybody, or whom the document names.", AllowMultipleArgumentsPerToken = true };
        return Command("add", "Add documents or replace those of the same name. What cannot be read is refused by name, and the rest stays.", [app, files.AcceptExistingOnly()], [role], async (parsed, api, shell, cancellationToken) =>
        {
            var roles = parsed.GetValue(role) is { Length: > 0 } given ? "?roles=" + Uri.EscapeDataString(string.Join(',', given)) : "";
            List<JsonElement> done = [];
            foreach (var file in parsed.GetValue(files)!)
                done.Add(await api.PutAsync($"{Path(parsed.GetValue(app)!)}/{Uri.EscapeDataString(file.Name)}{roles}", await File.ReadAllBytesAsync(file.FullName, cancellationToken), cancellationToken));
            shell.Result(new { added = done }, console => done.ForEach(d => console.WriteLine($"{d.GetProperty("path").GetString()} is in force.")));
        });
    }

    static Command List()
    {
        var app = App();
        return Command("list", "List the documents.", [app], [], async (parsed, api, shell, cancellationToken) =>
        {
            var found = await api.GetAsync(Path(parsed.GetValue(app)!), cancellationToken);
            shell.Result(found, console =>
            {
                var table = new Table().AddColumn("document").AddColumn("passages").AddColumn("source").AddColumn("roles");
                foreach (var document in found.GetProperty("documents").EnumerateArray())
                    table.AddRow(new Text(document.GetProperty("path").GetString()!), new Text(document.GetProperty("passages").GetInt32().ToString(CultureInfo.InvariantCulture)), new Text(document.GetProperty("source").GetString()!), new Text(string.Join(", ", document.GetProperty("roles").EnumerateArray().Select(r => r.GetString()))));
                console.Write(table);
            });
        });
    }

    static Command Remove()
    {
        var (app, name) = (App(), new Argument<string>("name") { Description = "The file's name." });
        return Command("remove", "Remove a document that was added.", [app, name], [], async (parsed, api, shell, cancellationToken) =>
        {
            var file = parsed.GetValue(name)! is var given && given.StartsWith("added/", StringComparison.Ordinal) ? given[6..] : given;
            await api.DeleteAsync($"{Path(parsed.GetValue(app)!)}/{Uri.EscapeDataString(file)}", cancellationToken);
            shell.Result(new { name = file, removed = true }, console => console.WriteLine("Removed."));
        });
    }

    static Command Search()
    {
        var (app, query) = (App(), new Argument<string>("query") { Description = "Words or a question." });
        var top = new Option<int>("--top") { Description = "How many passages, at most 50.", DefaultValueFactory = _ => 5 };
        return Command("search", "The passages that a message would be answered from.", [app, query], [top], async (parsed, api, shell, cancellationToken) =>
        {
            var found = await api.GetAsync($"api/apps/{Uri.EscapeDataString(parsed.GetValue(app)!)}/passages?top={parsed.GetValue(top).ToString(CultureInfo.InvariantCulture)}&query={Uri.EscapeDataString(parsed.GetValue(query)!)}", cancellationToken);
            shell.Result(found, console =>
            {
                foreach (var passage in found.GetProperty("passages").EnumerateArray())
                    console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{passage.GetProperty("score").GetDouble():0.00} {passage.GetProperty("document").GetString()} > {passage.GetProperty("section").GetString()}{Environment.NewLine}     {passage.GetProperty("text").GetString()!.ReplaceLineEndings(" ")}"));
                if (found.GetProperty("passages").GetArrayLength() == 0) console.WriteLine("Nothing found.");
            });
        });
    }

    static Argument<string> App() => new("app") { Description = "The app's name." };

    static string Path(string app) => $"api/apps/{Uri.EscapeDataString(app)}/knowledge";

    static Command Command(string name, string description, Argument[] arguments, Option[] options, Func<ParseResult, ApiClient, Shell, CancellationToken, Task> run)
    {
        var (json, data) = (CommonOptions.Json(), CommonOptions.Data());
        var command = new Command(name, description) { json, data };
        foreach (var argument in arguments) command.Add(argument);
        foreach (var option in options) command.Add(option);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using var connection = Connection.ToServer(parsed.GetValue(data));
            await run(parsed, connection.Api, new Shell(parsed.GetValue(json)), cancellationToken);
            return ExitCode.Ok;
        });
        return command;
    }
}
