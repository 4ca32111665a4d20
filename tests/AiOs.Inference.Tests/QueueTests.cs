using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace AiOs.Inference.Tests;

/// <summary>What waits in line: time stands still, so an instance waits for its batch until the test says that the delay is over.</summary>
public sealed class QueueTests
{
    const string Patient = """{"maxDelayMs": 1000, "instances": 1, "queueSize": 2, "maxRows": 8}""";

    /// <summary>How long an instance of <see cref="Patient"/> waits; time goes on until it does so, for it may begin to wait after its requests are in line.</summary>
    static readonly TimeSpan second = TimeSpan.FromSeconds(1);

    static object Pick(params long[] indices) => new { inputs = new[] { new { name = "i", shape = new[] { indices.Length }, datatype = "INT64", data = indices } } };

    [Fact]
    public async Task One_bad_request_in_a_batch_fails_alone()
    {
        var clock = new ManualTimeProvider();
        await using var server = await Server.StartAsync(s => s.Put("pick", 1, SmallModel.Pick(), Patient), clock: clock);
        var good = server.Client.InferAsync("pick", Pick(0, 3));
        var bad = server.Client.InferAsync("pick", Pick(9));
        await WaitingAsync(server, 2);
        await clock.AdvanceUntilAsync(Task.WhenAll(good, bad), second);
        Assert.Equal(new[] { 10f, 40 }, (await good).Floats("y"));
        Assert.Equal(HttpStatusCode.BadRequest, (await bad).Status);
        Assert.Contains("failed on this request", (await bad).Error, StringComparison.Ordinal);
        await server.CountsAsync("aios_inference_requests_total{model=\"pick\",version=\"1\",status=\"400\"} 1");
    }

    [Fact]
    public async Task A_batch_that_is_full_does_not_wait()
    {
        await using var server = await Server.StartAsync(s => s.Put("pick", 1, SmallModel.Pick(), Patient), clock: new ManualTimeProvider());
        Assert.Equal(8, (await server.Client.InferAsync("pick", Pick(0, 1, 2, 3, 0, 1, 2, 3))).Floats("y").Length);
    }

    [Fact]
    public async Task A_full_queue_says_when_to_come_again_and_slows_no_other_model()
    {
        var clock = new ManualTimeProvider();
        await using var server = await Server.StartAsync(s => s.Put("pick", 1, SmallModel.Pick(), Patient).Put("product", 1, SmallModel.Product()), clock: clock);
        var waiting = new[] { server.Client.InferAsync("pick", Pick(0)), server.Client.InferAsync("pick", Pick(1)) };
        await WaitingAsync(server, 2);
        var third = await server.Client.InferAsync("pick", Pick(2));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, third.Status);
        Assert.True(third.Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1));
        Assert.Contains("come again", third.Error, StringComparison.Ordinal);
        Assert.Equal(new[] { 4f, 6 }, (await server.Client.PostAsync("v2/models/product/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,1]}]}""")).Floats("y"));
        await clock.AdvanceUntilAsync(Task.WhenAll(waiting), second);
        Assert.Equal(new[] { 10f, 20f }, (await Task.WhenAll(waiting)).Select(answer => Assert.Single(answer.Floats("y"))));
    }

    [Fact]
    public async Task Who_hangs_up_gives_the_place_back_and_is_not_in_the_batch()
    {
        var clock = new ManualTimeProvider();
        await using var server = await Server.StartAsync(s => s.Put("pick", 1, SmallModel.Pick(), Patient), clock: clock);
        using var patience = new CancellationTokenSource();
        Task[] gone = [.. Enumerable.Range(0, 2).Select(_ => server.Client.InferAsync("pick", Pick(0), patience.Token))];
        await WaitingAsync(server, 2);
        await patience.CancelAsync();
        await WaitingAsync(server, 0);
        var next = server.Client.InferAsync("pick", Pick(3));
        await WaitingAsync(server, 1);
        await clock.AdvanceUntilAsync(next, second);
        Assert.Equal(new[] { 40f }, (await next).Floats("y"));
        foreach (var call in gone)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await server.CountsAsync("aios_inference_batch_rows_sum{model=\"pick\",version=\"1\"} 1", "aios_inference_requests_total{model=\"pick\",version=\"1\",status=\"499\"} 2");
    }

    [Fact]
    public async Task Who_hangs_up_in_the_middle_of_the_body_leaves_nothing_behind()
    {
        await using var server = await Server.StartAsync(s => s.Put("pick", 1, SmallModel.Pick()));
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp))
        {
            await socket.ConnectAsync(IPAddress.Loopback, server.Url.Port);
            await socket.SendAsync(Encoding.ASCII.GetBytes("POST /v2/models/pick/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{\"inputs\":["));
        }
        Assert.Equal(new[] { 20f }, (await server.Client.InferAsync("pick", Pick(1))).Floats("y"));
        await WaitingAsync(server, 0);
    }

    [Fact]
    public async Task A_request_that_waited_longer_than_its_timeout_is_not_run()
    {
        var clock = new ManualTimeProvider();
        await using var server = await Server.StartAsync(s => s.Put("pick", 1, SmallModel.Pick(), Patient), clock: clock);
        var late = server.Client.InferAsync("pick", new { parameters = new { timeout = 200_000 }, inputs = new[] { new { name = "i", shape = new[] { 1 }, datatype = "INT64", data = new[] { 0 } } } });
        await WaitingAsync(server, 1);
        await clock.AdvanceUntilAsync(late, second);
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await late).Status);
        await WaitingAsync(server, 0);
    }

    /// <summary>Until so many requests for the model pick wait.</summary>
    static Task WaitingAsync(Server server, int count) =>
        server.CountsAsync($"aios_inference_waiting{{model=\"pick\",version=\"1\"}} {count.ToString(CultureInfo.InvariantCulture)}");
}
