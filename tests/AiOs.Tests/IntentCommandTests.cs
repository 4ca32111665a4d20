using System.Text.Json;

namespace AiOs.Tests;

/// <summary>The commands that measure and look after intents, on small files.</summary>
public sealed class IntentCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("aios-intents-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Intents_are_measured_on_a_CSV_and_on_the_CLINC_shape_alike()
    {
        var train = File("train.csv", """
            text,label
            please freeze my card,freeze
            "block the card, it is gone",freeze
            my card was stolen,freeze
            what is my balance,balance
            how much money is on my account,balance
            show me the balance,balance
            tell me a joke,oos
            who won the match,oos
            """);
        var test = File("test.json", """{"test": [["freeze the stolen card", "freeze"], ["how much money is left", "balance"]], "oos_test": [["sing me a song", "oos"]]}""");
        var measured = await CommandLineTests.RunAsync(["eval", "intents", "--train", train, "--test", test, "--json"]);
        Assert.True(measured.Code == 0, measured.Error);
        var report = JsonSerializer.Deserialize<JsonElement>(measured.Output);
        Assert.Equal(1, report.GetProperty("accuracy").GetDouble());
        Assert.Equal((2, 8, 3), (report.GetProperty("intents").GetInt32(), report.GetProperty("examples").GetInt32(), report.GetProperty("messages").GetInt32()));
        foreach (var member in new[] { "macroF1", "ece", "oosAuroc", "trainSeconds", "p50Ms" })
            Assert.True(report.GetProperty(member).GetDouble() >= 0, member);
        var shots = await CommandLineTests.RunAsync(["eval", "intents", "--train", train, "--test", test, "--shots", "2", "--seeds", "2", "--json"]);
        Assert.True(shots.Code == 0, shots.Error);
        Assert.Equal((6, 2), (JsonSerializer.Deserialize<JsonElement>(shots.Output).GetProperty("examples").GetInt32(), JsonSerializer.Deserialize<JsonElement>(shots.Output).GetProperty("seeds").GetInt32()));
    }

    [Theory]
    [InlineData("text,label\nhello\n", ":2:", "1 fields")]
    [InlineData("text,label\n\"hello,greet\n", ":2:", "never closed")]
    [InlineData("words,label\nhello,greet\n", ":1:", "text and label")]
    [InlineData("text,label\nhello,\n", ":2:", "label is empty")]
    [InlineData("{\"train\": [[\"hello\", \"greet\"],\n[\"bye\"]]}", ":2:", "[text, label]")]
    [InlineData("{\"train\": [[\"hello\",\n oops", ":2:", "no JSON")]
    [InlineData("{\"other\": [[\"hello\", \"greet\"]]}", "other", "'train'")]
    public async Task A_damaged_file_is_refused_with_its_name_and_line(string content, string where, string why)
    {
        var file = File("damaged", content);
        var refused = await CommandLineTests.RunAsync(["eval", "intents", "--train", file, "--test", file]);
        Assert.Equal(2, refused.Code);
        Assert.Contains(file, refused.Error, StringComparison.Ordinal);
        Assert.Contains(where, refused.Error, StringComparison.Ordinal);
        Assert.Contains(why, refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_example_that_is_given_to_two_intents_is_found()
    {
        foreach (var (path, text) in DeployTests.Files("claims-intake"))
        {
            var target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await System.IO.File.WriteAllTextAsync(target, path != "intents.yaml" ? text
                : text.Replace("outOfScope:", "outOfScope:\n  - Please sing a song of the sea\n  - a song of the sea, please SING!", StringComparison.Ordinal));
        }

        var found = await CommandLineTests.RunAsync(["intents", "check", folder, "--json"]);
        Assert.True(found.Code == 1, found.Error);
        var repeats = JsonSerializer.Deserialize<JsonElement>(found.Output)[0].GetProperty("findings").GetProperty("duplicates");
        Assert.Contains(repeats.EnumerateArray(), repeat => repeat.GetProperty("texts")[0].GetString() == "Please sing a song of the sea");
    }

    [Fact]
    public async Task A_misunderstood_message_is_shown_with_the_example_that_misled()
    {
        foreach (var (path, text) in DeployTests.Files("claims-intake"))
        {
            var target = Path.Combine(folder, path);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            await System.IO.File.WriteAllTextAsync(target, path != "evals.yaml" ? text : "- {text: 'Where does my claim for the broken window stand by now?', intent: report-injury}\n");
        }

        var measured = await CommandLineTests.RunAsync(["eval", folder, "--json"]);
        Assert.True(measured.Code == 1, measured.Output + measured.Error);
        var miss = Assert.Single(JsonSerializer.Deserialize<JsonElement>(measured.Output).GetProperty("misses").EnumerateArray());
        Assert.Contains(miss.GetProperty("nearest").GetString()!, await System.IO.File.ReadAllTextAsync(Path.Combine(folder, "intents.yaml")), StringComparison.Ordinal);
    }

    string File(string name, string content)
    {
        var path = Path.Combine(folder, name);
        System.IO.File.WriteAllText(path, content);
        return path;
    }
}
