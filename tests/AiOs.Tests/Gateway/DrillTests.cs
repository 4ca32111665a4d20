using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AiOs.Security;
using AiOs.Serving.Costs;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Gateway;

/// <summary>Whatever upstreams do, callers get an answer or a reason, and no place is lost.</summary>
public sealed class DrillTests
{
    const string Quick = "retries: 0";

    [Theory]
    [InlineData(500)]
    [InlineData(401)]
    [InlineData(302)]
    public async Task The_next_deployment_answers_where_one_does_not(int status)
    {
        await using var down = await Upstream.FailingAsync(status);
        await using var up = await Upstream.SayingAsync("From the second.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: first, url: {down.Url}, {Quick}", $"name: second, role: fallback, url: {up.Url}"));
        using var response = await os.AskAsync();
        Assert.Contains("From the second.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("second", response.Headers.GetValues("x-aios-deployment").Single());
        Assert.Contains("From ", string.Concat(await ChatEndpointTests.PiecesAsync(await os.AskAsync(more: new { stream = true }))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upstream_that_is_not_there_is_passed_over()
    {
        await using var up = await Upstream.SayingAsync("From the second.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: first, url: 'http://127.0.0.1:1/v1', {Quick}", $"name: second, role: fallback, url: {up.Url}"));
        Assert.Equal("From the second.", await os.SaidAsync());
    }

    [Fact]
    public async Task A_slow_upstream_costs_no_more_than_the_time_of_its_attempt()
    {
        var clock = new ManualTimeProvider();
        await using var slow = await Upstream.StartAsync((context, _) => Upstream.HangAsync(context));
        await using var up = await Upstream.SayingAsync("From the second.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: first, url: {slow.Url}, timeout: 5s, {Quick}", $"name: second, role: fallback, url: {up.Url}"), clock);
        var asked = os.SaidAsync();
        await ArrivalsTests.UntilAsync(() => Task.FromResult(slow.UnderWay == 1));
        clock.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("From the second.", await asked);
        await slow.Abandoned.WaitAsync(TimeSpan.FromMinutes(1));   // it was told that nobody waits
    }

    [Fact]
    public async Task A_flapping_upstream_is_asked_again()
    {
        var calls = 0;
        await using var flapping = await Upstream.StartAsync((context, asked) => Interlocked.Increment(ref calls) % 2 == 1 ? Upstream.FailAsync(context, 503) : Upstream.SayAsync(context, asked, "At last."));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {flapping.Url}, retries: 2, pause: 1ms"));
        Assert.Equal("At last.", await os.SaidAsync());
        Assert.Equal("At last.", await os.SaidAsync());
        Assert.Equal(4, flapping.Asked.Count);
    }

    [Fact]
    public async Task Retry_After_is_honoured_within_a_call_and_by_the_calls_after_it()
    {
        var clock = new ManualTimeProvider();
        var (calls, began) = (0, clock.GetUtcNow());
        var again = began;
        await using var throttled = await Upstream.StartAsync((context, asked) =>
        {
            if (Interlocked.Increment(ref calls) == 1)
                return Upstream.FailAsync(context, 429, ("retry-after", "3"));
            again = clock.GetUtcNow();
            return Upstream.SayAsync(context, asked, "At last.");
        });
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {throttled.Url}, retries: 2"), clock);
        var asked = os.SaidAsync();
        await clock.TimerAsync(TimeSpan.FromSeconds(3));   // it has been told, and waits
        using (var other = await os.AskAsync("Another question?"))   // turned away without asking the endpoint, until it wants to be asked
            Assert.Equal((HttpStatusCode.TooManyRequests, 3), (other.StatusCode, other.Headers.RetryAfter?.Delta?.TotalSeconds));
        Assert.Equal(1, calls);
        await clock.AdvanceUntilAsync(asked, TimeSpan.FromMilliseconds(500));
        Assert.Equal("At last.", await asked);
        Assert.True(again - began >= TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task A_breaker_opens_rests_lets_one_call_try_and_closes_again()
    {
        var clock = new ManualTimeProvider();
        var broken = true;
        await using var upstream = await Upstream.StartAsync((context, asked) => broken ? Upstream.FailAsync(context, 500) : Upstream.SayAsync(context, asked, "Well again."));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}, {Quick}, breaker: {{calls: 4, share: 0.5, within: 30s, rest: 10s}}"), clock);
        for (var i = 0; i < 8; i++)
            (await os.AskAsync()).Dispose();
        Assert.Equal(4, upstream.Asked.Count);   // the other four did not reach it
        broken = false;
        using (var open = await os.AskAsync())
            Assert.Equal(HttpStatusCode.ServiceUnavailable, open.StatusCode);
        clock.Advance(TimeSpan.FromSeconds(11));
        Assert.Equal("Well again.", await os.SaidAsync());
        Assert.Equal("Well again.", await os.SaidAsync());
        Assert.Equal(6, upstream.Asked.Count);
    }

    [Theory]
    [InlineData("timeout: 5s", "", null, 0)]                        // the model's own time
    [InlineData("timeout: 60s", "timeout: 5s, ", null, 0)]          // the deployment's
    [InlineData("timeout: 60s", "timeout: 20s, ", "5000", 1)]       // a caller in a hurry
    public async Task An_upstream_that_hangs_for_as_long_as_it_may_opens_its_breaker_and_a_caller_in_a_hurry_does_not(string model, string deployment, string? hurry, int asked)
    {
        var clock = new ManualTimeProvider();
        var hangs = true;
        await using var upstream = await Upstream.StartAsync((context, request) => hangs ? Upstream.HangAsync(context) : Upstream.SayAsync(context, request, "Well again."));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models(model, $"name: main, {deployment}url: {upstream.Url}, {Quick}, breaker: {{calls: 4, within: 60s, rest: 10s}}"), clock);
        for (var i = 1; i <= 4; i++)
        {
            var call = hurry is null ? os.AskAsync() : os.AskAsync(headers: ("x-aios-timeout-ms", hurry));
            await ArrivalsTests.UntilAsync(() => Task.FromResult(upstream.Asked.Count == i));
            clock.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal(HttpStatusCode.GatewayTimeout, (await call).StatusCode);
        }
        hangs = false;
        using var next = await os.AskAsync();
        Assert.Equal((asked == 1 ? HttpStatusCode.OK : HttpStatusCode.ServiceUnavailable, 4 + asked), (next.StatusCode, upstream.Asked.Count));
    }

    [Fact]
    public async Task A_request_that_is_its_callers_own_fault_is_an_error_and_no_fallback()
    {
        await using var picky = await Upstream.FailingAsync(400);
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {picky.Url}", $"name: second, role: fallback, url: {picky.Url}"));
        (await os.AskAsync()).Dispose();
        Assert.Single(picky.Asked);
        var model = JsonElement.Parse(await os.Http.GetStringAsync("api/serving?model=support")).GetProperty("models")[0];
        var calls = model.GetProperty("calls");
        Assert.Equal((1d, 0d, 1), (calls.GetProperty("errorRate").GetDouble(), calls.GetProperty("fallbackRate").GetDouble(), calls.GetProperty("failures").GetProperty("Rejected").GetInt32()));
        Assert.Empty(calls.GetProperty("fallbacks").EnumerateObject());
        Assert.Empty(model.GetProperty("deployments")[0].GetProperty("passedOver").EnumerateObject());
    }

    [Fact]
    public async Task Where_nobody_answers_the_stated_answer_is_given_and_says_what_it_is()
    {
        await using var down = await Upstream.FailingAsync(500);
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("degraded: We cannot answer at the moment.", $"name: first, url: {down.Url}, {Quick}", $"name: second, role: fallback, url: {down.Url}, {Quick}"));
        using var response = await os.AskAsync();
        Assert.Equal("degraded", response.Headers.GetValues("x-aios-answer").Single());
        Assert.Contains("We cannot answer at the moment.", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("We cannot answer at the moment.", string.Concat(await ChatEndpointTests.PiecesAsync(await os.AskAsync(more: new { stream = true }))));
    }

    [Fact]
    public async Task Without_one_the_caller_gets_an_error_that_quotes_no_endpoint()
    {
        await using var down = await Upstream.FailingAsync(500);
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {down.Url}, {Quick}"));
        using var response = await os.AskAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.DoesNotContain("secret", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await using var picky = await Upstream.FailingAsync(400);
        await using var other = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {picky.Url}", $"name: second, role: fallback, url: {down.Url}"));
        using var refused = await other.AskAsync();
        Assert.Equal((HttpStatusCode.BadRequest, "temperature"), (refused.StatusCode, (await GatewayOs.ErrorAsync(refused)).GetProperty("param").GetString()));
    }

    [Fact]
    public async Task A_budget_is_never_overspent_by_two_hundred_calls_at_once()
    {
        await using var upstream = await Upstream.SayingAsync("Fifteen tokens.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("maxTokens: 100", $"name: main, url: {upstream.Url}, prices: {{call: 1}}, concurrency: 256"));
        await os.Os.Services.GetRequiredService<BudgetList>().SetAsync(new Budget("few", BudgetWindow.Month) { Limit = 20 }, "test", CancellationToken.None);
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(async _ =>
        {
            using var response = await os.AskAsync();
            return (response.StatusCode, Code: response.IsSuccessStatusCode ? null : (await GatewayOs.ErrorAsync(response)).GetProperty("code").GetString());
        }));
        Assert.InRange(answers.Count(answer => answer.StatusCode == HttpStatusCode.OK), 1, 20);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.OK), answer => Assert.Equal((HttpStatusCode.TooManyRequests, "insufficient_quota"), answer));
        Assert.InRange(upstream.Asked.Count, 1, 20);
    }

    [Fact]
    public async Task No_attempt_begins_that_cannot_finish_in_what_is_left()
    {
        await using var upstream = await Upstream.SayingAsync("Too late.");
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}, expected: 2s"), new ManualTimeProvider());
        using var hurried = await os.AskAsync(headers: ("x-aios-timeout-ms", "500"));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, hurried.StatusCode);
        Assert.Empty(upstream.Asked);
        Assert.Equal("Too late.", await os.SaidAsync());
    }

    [Fact]
    public async Task A_hedged_call_takes_the_answer_that_comes_first()
    {
        var calls = 0;
        await using var upstream = await Upstream.StartAsync((context, asked) => Interlocked.Increment(ref calls) == 1 ? Upstream.HangAsync(context) : Upstream.SayAsync(context, asked, "From the second."));
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}, hedgeAfter: 20ms, {Quick}"));
        Assert.Equal("From the second.", await os.SaidAsync());
        await upstream.Abandoned.WaitAsync(TimeSpan.FromMinutes(1));   // the first was told that nobody waits
    }

    [Fact]
    public async Task A_caller_that_hangs_up_ends_the_work_of_the_upstream_and_frees_the_place()
    {
        var hang = true;
        await using var upstream = await Upstream.StartAsync(async (context, asked) =>
        {
            if (!hang)
            {
                await Upstream.SayAsync(context, asked, "Free again.");
                return;
            }
            if (asked.TryGetProperty("stream", out _))
                await Upstream.EventAsync(context, Upstream.Piece("Wait", null));
            await Upstream.HangAsync(context);
        });
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}, concurrency: 1, queue: 0"));
        foreach (var stream in new[] { false, true })
        {
            hang = true;
            using var client = await os.ClientAsync();
            using var gone = new CancellationTokenSource();
            using var content = ChatEndpointTests.Json($$"""{"model": "support", "messages": [{"role": "user", "content": "Hi"}]{{(stream ? ", \"stream\": true" : "")}}}""");
            using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions") { Content = content };
            var asked = client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, gone.Token);
            await ArrivalsTests.UntilAsync(() => Task.FromResult(upstream.UnderWay == 1));
            if (stream)
                (await asked).Dispose();
            else
                await gone.CancelAsync();
            await upstream.Abandoned.WaitAsync(TimeSpan.FromMinutes(1));
            hang = false;
            await ArrivalsTests.UntilAsync(async () =>
            {
                using var next = await os.AskAsync();
                return next.StatusCode == HttpStatusCode.OK;
            });
        }
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"choices\": [")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 12\r\n\r\n{\"choices\": [")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 15\r\n\r\n<html>Hi</html>")]
    [InlineData("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZZZ\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 34359738368\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\ncontent-length: 30\r\n\r\n{\"error\": {\"message\": \"oops\"}}x")]
    [InlineData("garbage\r\n\r\n")]
    public async Task What_lies_about_its_length_or_sends_half_or_garbage_is_a_protocol_error_and_frees_its_place(string bytes)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeAsync(listener, bytes);
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: 'http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1', {Quick}, concurrency: 1, queue: 0, breaker: {{calls: 100}}"));
        foreach (var stream in new[] { false, true, false })
        {
            using var response = await os.AskAsync(more: new { stream });
            var error = await GatewayOs.ErrorAsync(response);
            Assert.Equal((HttpStatusCode.BadGateway, "broken"), (response.StatusCode, error.GetProperty("code").GetString()));
        }
        listener.Stop();
        await serving;
    }

    [Theory]
    [InlineData("data: {\"choices\": [{\"delta\": {\"content\": \"Half\n\n")]
    [InlineData("<p>Sorry</p>\n\n")]
    [InlineData("")]
    public async Task A_stream_that_turns_into_garbage_or_stops_is_told_to_its_reader(string then)
    {
        await using var upstream = await Upstream.StartAsync(async (context, _) =>
        {
            await Upstream.EventAsync(context, Upstream.Piece("Hello", null));
            await context.Response.WriteAsync(then);
        });
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("", $"name: main, url: {upstream.Url}, concurrency: 1, queue: 0"));
        for (var i = 0; i < 2; i++)
        {
            var events = await ChatEndpointTests.EventsAsync(await os.AskAsync(more: new { stream = true }));
            Assert.Contains("Hello", events[0], StringComparison.Ordinal);
            Assert.Equal("broken", JsonElement.Parse(events[^1]).GetProperty("error").GetProperty("code").GetString());
        }
    }

    static async Task ServeAsync(TcpListener listener, string bytes)
    {
        try
        {
            while (true)
            {
                using var connection = await listener.AcceptTcpClientAsync();
                var stream = connection.GetStream();
                var buffer = new byte[64 * 1024];
                var read = 0;
                do
                    read += await stream.ReadAsync(buffer.AsMemory(read));
                while (!Encoding.UTF8.GetString(buffer, 0, read).EndsWith('}'));
                await stream.WriteAsync(Encoding.UTF8.GetBytes(bytes));
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            // The test is over; between two connections the listener is no longer listening.
        }
    }
}
