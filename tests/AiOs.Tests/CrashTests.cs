using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using AiOs.Local.CommandLine;
using AiOs.Sandbox;
using AiOs.Sandbox.Control;

namespace AiOs.Tests;

/// <summary>The OS as a process of its own, killed without warning in the middle of its work.</summary>
public sealed class CrashTests(DeployedApps apps)
{
    const int ClaimsInFlight = 200;

    [Fact]
    public async Task Two_hundred_claims_survive_three_kills_and_each_is_paid_exactly_once()
    {
        await using var sandbox = await SandboxServer.StartAsync();
        sandbox.Behave("/payouts", BehaviourMode.Slow, delay: TimeSpan.FromMilliseconds(40));
        var data = apps.Copy();
        var accepted = 0;
        for (var life = 0; life < 3; life++)
        {
            using var os = await OsProcess.StartAsync(data, sandbox.Url);
            var seen = sandbox.Effects("/payouts").Count;
            if (life == 0) accepted = await EnqueueAsync(os.Http);
            await ArrivalsTests.UntilAsync(() => Task.FromResult(sandbox.Effects("/payouts").Count >= Math.Min(ClaimsInFlight, seen + 30)));
            os.Kill();
        }

        using var last = await OsProcess.StartAsync(data, sandbox.Url);
        await ArrivalsTests.UntilAsync(async () => await CountAsync(last.Http, "running") == 0 && await CountAsync(last.Http, null) >= ClaimsInFlight);
        Assert.Equal(ClaimsInFlight, accepted);
        var perClaim = sandbox.Effects("/payouts").CountBy(effect => effect.Subject, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        Assert.Equal(ClaimsInFlight, perClaim.Count);
        Assert.All(perClaim, claim => Assert.Equal(1, claim.Value));
        Assert.Equal(0, await CountAsync(last.Http, "failed"));
    }

    static async Task<int> EnqueueAsync(HttpClient http)
    {
        var accepted = 0;
        await Parallel.ForEachAsync(Enumerable.Range(1, ClaimsInFlight), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, cancellationToken) =>
        {
            var claim = string.Create(CultureInfo.InvariantCulture, $"K-{number}");
            var text = Claims.Report(100 + number, string.Create(CultureInfo.InvariantCulture, $"PC-{200_000 + number}"));
            using var response = number % 2 == 0
                ? await http.PostAsJsonAsync("api/queues/claims", new { id = claim, text, attributes = new { claimNumber = claim } }, cancellationToken)
                : await MessageAsync(http, claim, text, cancellationToken);
            if (response.IsSuccessStatusCode) Interlocked.Increment(ref accepted);
        });
        return accepted;
    }

    static Task<HttpResponseMessage> MessageAsync(HttpClient http, string claim, string text, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "api/apps/claims-intake/messages") { Content = JsonContent.Create(new { text, attributes = new { claimNumber = claim } }) };
        request.Headers.Add("Prefer", "wait=0");
        request.Headers.Add("Idempotency-Key", claim);
        return http.SendAsync(request, cancellationToken);
    }

    static async Task<int> CountAsync(HttpClient http, string? status)
    {
        var count = 0;
        string? after = null;
        do
        {
            var page = await http.GetFromJsonAsync<JsonElement>($"api/runs?app=claims-intake&top=200{(status is null ? "" : "&status=" + status)}{(after is null ? "" : "&after=" + after)}");
            count += page.GetProperty("runs").EnumerateArray().Count(run => run.GetProperty("channel").GetString() != "deploy");
            after = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }
        while (after is not null);
        return count;
    }

    /// <summary><c>aios up</c> as a process of its own.</summary>
    sealed class OsProcess : IDisposable
    {
        readonly Process process;

        OsProcess(Process process, HttpClient http) => (this.process, Http) = (process, http);

        public HttpClient Http { get; }

        public static async Task<OsProcess> StartAsync(string data, string sandboxUrl)
        {
            var port = FreePort().ToString(CultureInfo.InvariantCulture);
            var start = new ProcessStartInfo("dotnet", [typeof(AiOsCommand).Assembly.Location, "up", "--port", port, "--data", data]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };
            start.Environment["SANDBOX_URL"] = sandboxUrl;
            start.Environment["AIOS_ROOT"] = Repository.Root;
            var process = Process.Start(start)!;
            var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var said = new List<string>();
            process.ErrorDataReceived += (_, line) =>
            {
                if (line.Data is null) return;
                lock (said) said.Add(line.Data);
                if (line.Data.Contains("Ready in", StringComparison.Ordinal)) ready.TrySetResult();
            };
            process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException("The OS ended: " + string.Join('\n', said)));
            process.EnableRaisingEvents = true;
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            await ready.Task.WaitAsync(TimeSpan.FromSeconds(60));
            var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/") };
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(Path.Combine(data, "owner.key"))).Trim());
            return new(process, http);
        }

        static int FreePort()
        {
            using var listener = new TcpListener(IPAddress.Loopback, 0);
            listener.Start();
            return ((IPEndPoint)listener.LocalEndpoint).Port;
        }

        /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
        public void Kill()
        {
            process.Kill();
            process.WaitForExit();
        }

        public void Dispose()
        {
            if (!process.HasExited) Kill();
            process.Dispose();
            Http.Dispose();
        }
    }
}
