using System.Diagnostics;
using System.Text.Json;
using AiOs.Local.CommandLine;
using AiOs.Security;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests;

/// <summary>The command line as scripts see it: a process, its output and its exit code.</summary>
public sealed class CommandLineTests(DeployedApps apps)
{
    [Fact]
    public async Task What_is_not_understood_is_exit_code_2_and_what_nobody_answers_is_4()
    {
        var nonsense = await RunAsync(["nonsense"]);
        Assert.Equal(2, nonsense.Code);
        var both = await RunAsync(["send", "customer-support"]);
        Assert.Equal(2, both.Code);
        Assert.Contains("--file", both.Error, StringComparison.Ordinal);
        var mistaken = await RunAsync(["runs", "--url"]);
        Assert.Equal(2, mistaken.Code);
        Assert.Contains("no option '--url'", mistaken.Error, StringComparison.Ordinal);
        var nobody = await RunAsync(["runs"], ("AIOS_URL", "http://127.0.0.1:1"), ("AIOS_KEY", "aios_none"));
        Assert.Equal(4, nobody.Code);
        Assert.Contains("does not answer", nobody.Error, StringComparison.Ordinal);
        var stranger = await RunAsync(["runs"], ("AIOS_URL", "https://aios.example.org"));
        Assert.Equal(2, stranger.Code);
        Assert.Contains("AIOS_KEY", stranger.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("There is no command 'evla'; did you mean eval?", "aios", "evla")]
    [InlineData("There is no command 'tset'; did you mean test?", "aios", "tset")]
    [InlineData("There is no command 'creat'; did you mean create?", "aios keys", "keys", "creat", "--name", "mine")]
    [InlineData("There is no command 'something'.", "aios", "something")]
    [InlineData("There is no option '--jsno' here; did you mean --json?", "aios costs", "costs", "--jsno")]
    [InlineData("There is no option '--ap' here; did you mean --app? Write -- before it where it is no option.", "aios runs", "runs", "--ap", "claims-intake")]
    public async Task A_misspelt_word_is_answered_with_the_one_that_was_meant(string answer, string help, params string[] arguments)
    {
        var misspelt = await RunAsync(arguments);
        Assert.Equal(2, misspelt.Code);
        Assert.Equal([answer, $"See: {help} --help"], misspelt.Error.TrimEnd().Split(Environment.NewLine));
    }

    [Fact]
    public async Task What_there_is_not_is_no_empty_table()
    {
        await using var os = await LocalOs.StartAsync(apps.Copy());
        var key = (await os.Services.GetRequiredService<ClientKeys>().CreateAsync("commands", [Role.Owner], Principal.System, CancellationToken.None)).Key;
        (string, string)[] server = [("AIOS_URL", os.Http.BaseAddress!.ToString()), ("AIOS_KEY", key)];
        foreach (var (arguments, said) in new (string[], string)[]
        {
            (["runs", "--app", "claims-intke"], "There is no app 'claims-intke'."),
            (["captures", "--model", "wordly"], "There is no model 'wordly'"),
            (["captures", "--run", "claims-intake-none"], "There is no run 'claims-intake-none'."),
        })
        {
            var refused = await RunAsync(arguments, server);
            Assert.Equal((3, ""), (refused.Code, refused.Output));
            Assert.Contains(said, refused.Error, StringComparison.Ordinal);
        }

        var none = await RunAsync(["runs", "--app", "claims-intake", "--status", "undoFailed", "--json"], server);
        Assert.True(none.Code == 0, none.Error);
        Assert.Equal(0, JsonSerializer.Deserialize<JsonElement>(none.Output).GetProperty("runs").GetArrayLength());
    }

    [Fact]
    public async Task Deploy_says_what_it_looked_for_and_what_to_give()
    {
        var folder = apps.Copy();
        var nothing = await RunAsync(["deploy", Path.Combine(folder, "nothing")]);
        Assert.Equal(2, nothing.Code);
        Assert.Contains($"There is neither a folder '{Path.Combine(folder, "nothing")}' nor a sample app of that name. Give the folder that has the app's app.yaml, or a sample app: claims-intake, customer-support, it-incident.", nothing.Error, StringComparison.Ordinal);
        Assert.Contains($"The folder '{folder}' has no app.yaml.", (await RunAsync(["deploy", folder])).Error, StringComparison.Ordinal);
        Assert.Contains("is a file.", (await RunAsync(["deploy", Path.Combine(Repository.Root, "apps", "claims-intake", "app.yaml")])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_server_send_starts_one_for_its_lifetime_and_prints_one_JSON_document()
    {
        var data = apps.Copy();
        var sent = await RunAsync(["send", "customer-support", "Can you cancel a purchase that is pending?", "--wait", "60", "--data", data, "--json"]);
        Assert.True(sent.Code == 0, sent.Error);
        Assert.Equal("completed", JsonSerializer.Deserialize<JsonElement>(sent.Output).GetProperty("status").GetString());

        var file = Path.Combine(data, "messages.csv");
        await File.WriteAllTextAsync(file, "id,text\n1,\"Where, please, is my \"\"new\"\" card?\"\n2,How do I change my PIN?\n");
        var many = await RunAsync(["send", "customer-support", "--file", file, "--column", "text", "--concurrency", "2", "--wait", "60", "--data", data, "--json"]);
        Assert.True(many.Code == 0, many.Error);
        var summary = JsonSerializer.Deserialize<JsonElement>(many.Output);
        Assert.Equal((2, 0), (summary.GetProperty("sent").GetInt32(), summary.GetProperty("failed").GetInt32()));
        foreach (var member in new[] { "perSecond", "p50Ms", "p95Ms", "p99Ms", "byStatus", "byOutcome", "outOfScopeShare" }) Assert.True(summary.TryGetProperty(member, out _), member);
        var noColumn = await RunAsync(["send", "customer-support", "--file", file, "--column", "message", "--data", data]);
        Assert.Equal(2, noColumn.Code);
        Assert.Contains("id, text", noColumn.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_refuses_a_message_that_nearly_repeats_a_training_example()
    {
        var folder = Path.Combine(apps.Copy(), "claims-intake");
        Directory.CreateDirectory(folder);
        foreach (var (path, text) in DeployTests.Files("claims-intake"))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, path))!);
            await File.WriteAllTextAsync(Path.Combine(folder, path), path == "evals.yaml" ? "- {text: 'A burglar broke the lock of my front door last night!', intent: report-damage, decision: allow}\n" : text);
        }

        var intents = Path.Combine(folder, "intents.yaml");
        await File.WriteAllTextAsync(intents, (await File.ReadAllTextAsync(intents)).Replace("outOfScope:", "outOfScope:\n  - A burglar broke the lock of my front door last night", StringComparison.Ordinal));
        var refused = await RunAsync(["eval", folder]);
        Assert.True(refused.Code == 3, refused.Output + refused.Error);
        Assert.Contains("burglar", refused.Error, StringComparison.Ordinal);
    }

    [Theory, InlineData("claims-intake"), InlineData("it-incident"), InlineData("customer-support")]
    public async Task A_sample_app_gets_nine_of_ten_labelled_messages_right(string app)
    {
        var measured = await RunAsync(["eval", app, "--json"]);
        Assert.True(measured.Code == 0, measured.Error);
        var report = JsonSerializer.Deserialize<JsonElement>(measured.Output);
        Assert.True(report.GetProperty("messages").GetInt32() >= 60);
        Assert.True(report.GetProperty("accuracy").GetDouble() >= 0.90, measured.Output);
    }

    internal static async Task<(int Code, string Output, string Error)> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(AiOsCommand).Assembly.Location, .. arguments]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var name in new[] { "AIOS_URL", "AIOS_KEY", "SANDBOX_URL" }) start.Environment.Remove(name);
        start.Environment["AIOS_ROOT"] = Repository.Root;
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var error = process.StandardError.ReadToEndAsync(patience.Token);
        await process.WaitForExitAsync(patience.Token);
        return (process.ExitCode, await output, await error);
    }
}
