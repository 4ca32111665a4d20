using System.Diagnostics;
using System.Text.Json;
using AiOs.Bench.Http;

namespace AiOs.Local.Tests.Bench;

/// <summary>The benches as scripts see them, with the smallest of work: that they measure at all, not what.</summary>
public sealed class BenchTests
{
    [Fact]
    public async Task Bench_http_starts_a_server_of_its_own_and_tells_what_each_concurrency_gave()
    {
        var bench = await RunAsync("http", "--json", "--concurrency", "1,3", "--seconds", "0.05", "--warm-up", "0", "--repeat", "1");
        Assert.True(bench.Code == 0, bench.Error);
        var report = JsonSerializer.Deserialize<JsonElement>(bench.Output);
        Assert.True(report.GetProperty("diskSyncsPerSecond").GetProperty("median").GetDouble() > 0);
        Assert.Equal(Environment.ProcessorCount, report.GetProperty("machine").GetProperty("cores").GetInt32());
        Assert.Equal([1, 3], report.GetProperty("levels").EnumerateArray().Select(level => level.GetProperty("concurrency").GetInt32()));
        foreach (var level in report.GetProperty("levels").EnumerateArray())
        {
            Assert.True(level.GetProperty("perSecond").GetDouble() > 0);
            Assert.True(level.GetProperty("p50Ms").GetDouble() <= level.GetProperty("p99Ms").GetDouble());
        }
    }

    [Fact]
    public async Task A_workflow_of_three_steps_alone_on_the_disk_is_synced_at_least_four_times()
    {
        var bench = await RunAsync("http", "--json", "--concurrency", "1", "--seconds", "0.05", "--warm-up", "0", "--repeat", "1");
        Assert.True(bench.Code == 0, bench.Error);
        Assert.True(JsonSerializer.Deserialize<JsonElement>(bench.Output).GetProperty("levels")[0].GetProperty("syncsPerWorkflow").GetDouble() >= 4, bench.Output);
    }

    [Theory, InlineData("--concurrency", "0"), InlineData("--seconds", "0"), InlineData("--repeat", "0"), InlineData("--warm-up", "-1"), InlineData("--peer", "abacus")]
    public async Task What_cannot_be_measured_is_refused_with_what_can(string option, string value)
    {
        var bench = await RunAsync("http", option, value);
        Assert.Equal(2, bench.Code);
        Assert.Contains(value == "abacus" ? "restate" : option, bench.Error, StringComparison.Ordinal);
    }

    static async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("aios-bench");
        try
        {
            var start = new ProcessStartInfo("dotnet", [typeof(OrderFunctions).Assembly.Location, "bench", .. arguments, "--folder", folder.FullName])
            {
                UseShellExecute = false,
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            };
            using var process = Process.Start(start)!;
            using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            Assert.Empty(folder.EnumerateFileSystemInfos());
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
