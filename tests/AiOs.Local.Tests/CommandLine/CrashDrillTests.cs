using System.Diagnostics;
using System.Text.Json;
using AiOs.Local.CommandLine;
using AiOs.Local.CommandLine.Crash;

namespace AiOs.Local.Tests.CommandLine;

/// <summary>The drill against the real engine, and against a disk that lies: a drill that cannot fail proves nothing.</summary>
public sealed class CrashDrillTests
{
    [Fact]
    public async Task Three_kills_of_the_real_process_lose_nothing_and_complete_nothing_twice()
    {
        using var folder = new TemporaryFolder();
        var (code, output, error) = await RunAsync("crash", "--kills", "3", "--orchestrations", "60", "--seed", "1", "--data", folder.Path, "--json");

        Assert.True(code == 0, output + error);
        var report = JsonSerializer.Deserialize<JsonElement>(output);
        int Count(string name) => report.GetProperty(name).GetInt32();
        Assert.Equal((3, 0, 0), (Count("kills"), Count("lost"), Count("completedTwice")));
        Assert.Equal((60, 60), (Count("acknowledged"), Count("completed")));
        Assert.Equal(MixedWork.Kinds, report.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetProperty("kind").GetString()!));

        var again = await RunAsync("crash", "--data", folder.Path);
        Assert.Equal(2, again.Code);
        Assert.Contains("exists from an earlier drill", again.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_forgets_what_it_had_synced_is_found_out()
    {
        using var folder = new TemporaryFolder();
        var (kills, kept) = (0, new Dictionary<string, byte[]>(StringComparer.Ordinal));
        var drill = new CrashDrill(
            new(folder.File("crash.db"), Kills: 3, Orchestrations: 200, Seed: 1)
            {
                AfterKill = () =>
                {
                    kills++;
                    if (kills == 1)
                        kept = Files().ToDictionary(file => file, File.ReadAllBytes, StringComparer.Ordinal);
                    if (kills != 3)
                        return;
                    foreach (var file in Files())
                        File.Delete(file);
                    foreach (var (file, bytes) in kept)
                        File.WriteAllBytes(file, bytes);
                },
            },
            (_, _) => { });

        var report = await drill.RunAsync(TestContext.Current.CancellationToken);

        Assert.True(report is { Kills: 3, Lost: > 0, CompletedTwice: > 0 }, string.Join('\n', report.Examples));
        Assert.Equal(report.Lost, report.Kinds.Sum(kind => kind.Lost));
        Assert.Equal(report.CompletedTwice, report.Kinds.Sum(kind => kind.CompletedTwice));

        string[] Files() => [.. Directory.GetFiles(folder.Path, "crash.db*").Where(file => !file.EndsWith(".lock", StringComparison.Ordinal) && !file.EndsWith("-shm", StringComparison.Ordinal))];
    }

    [Theory]
    [InlineData("started|ended Completed 1 before=1 after=2 fired=3", "nobody gave", null)]
    [InlineData("started|ran before=1|ran after=2 before=1|ended Completed 1 before=1 after=2 fired=2", "instead of", null)]
    [InlineData("started|ran before=1|ran after=2 before=1|ended Failed 1 why", "ended as Failed", null)]
    [InlineData("started|ran before=1", "did not complete", null)]
    [InlineData("started|missing", "not there after a kill", null)]
    [InlineData("ran before=1", null, null)]
    [InlineData("started|ran before=1|ran before=2|ran after=3 before=2|ran after=4 before=2|ended Completed 1 before=2 after=4 fired=3", null, null)]
    [InlineData("started|ran before=1|ran after=2 before=1|ended Completed 1 before=1 after=2 fired=3|found Completed 2 before=1 after=2 fired=3", null, "recorded as")]
    [InlineData("started|ran before=1|ran after=2 before=1|ran before=3", "did not complete", "ran again")]
    [InlineData("started|ran before=1|ran before=2|ran after=3 before=1|ran after=4 before=2", "did not complete", "two recorded results")]
    [InlineData("started|ran before=1|ran after=2 before=1|ended Completed 1 before=1 after=2 fired=3|ran after=5 before=1", null, "after its result was recorded")]
    [InlineData("started|ran before=1|ran after=2 before=1|ended Completed 1 before=1 after=2 fired=3|counted 1", null, "counted 1 operations of 0")]
    public void The_ledger_tells_what_is_lost_and_what_was_done_twice(string told, string? lost, string? twice)
    {
        var ledger = new Ledger(orchestrations: 3);
        List<string[]> lines = [.. told.Split('|').Select(line => line.Split(' '))];
        foreach (var line in lines)
            ledger.Note([line[0], "timer-2", .. Words(line)]);
        if (!lines.Exists(line => line[0] is "missing" or "found"))
            ledger.Note(["found", "timer-2", .. lines.Find(line => line[0] == "ended") is { } end ? Words(end) : ["Running", "1", ""]]);
        ledger.Close();

        var timer = ledger.All[2];
        Assert.Contains(lost ?? "", timer.Lost ?? "", StringComparison.Ordinal);
        Assert.Contains(twice ?? "", timer.Twice ?? "", StringComparison.Ordinal);
        Assert.Equal((lost is null, twice is null), (timer.Lost is null, timer.Twice is null));

        static string[] Words(string[] line) => line[0] is "ended" or "found" ? [line[1], line[2], string.Join(' ', line[3..])] : line[1..];
    }

    static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(AiOsCommand).Assembly.Location, .. arguments]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
