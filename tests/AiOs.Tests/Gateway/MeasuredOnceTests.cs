using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;
using AiOs.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AiOs.Tests.Gateway;

/// <summary>Every call of a model is measured once, whichever way it came and however it ended.</summary>
public sealed class MeasuredOnceTests
{
    [Theory]
    [InlineData("whole", true)]
    [InlineData("streamed", true)]
    [InlineData("by a part of the OS", true)]
    [InlineData("passed over", true)]
    [InlineData("from the cache", false)]
    [InlineData("failed", false)]
    public async Task A_call_is_measured_once(string how, bool isPaid)
    {
        var name = $"once-{Guid.NewGuid():N}"[..20];
        var down = how == "failed";
        await using var broken = await Upstream.FailingAsync(503);
        await using var upstream = await Upstream.StartAsync((context, asked) => down ? Upstream.FailAsync(context, 503) : Upstream.SayAsync(context, asked, "Once."));
        var deployments = how == "passed over" ? new[] { $"name: first, url: {broken.Url}, retries: 0", $"name: second, role: fallback, url: {upstream.Url}, prices: {{input: 1, output: 2}}" } : [$"name: second, url: {upstream.Url}, retries: 1, pause: 10ms, prices: {{input: 1, output: 2}}"];
        await using var os = await GatewayOs.StartAsync(GatewayOs.Models("cache: {keep: 1h, use: always}", deployments).Replace("support:", name + ":", StringComparison.Ordinal));
        if (how == "from the cache")
            await AskAsync(os, name, stream: false);
        using var measured = new Measured(name);
        if (how == "by a part of the OS")
            await AskAsPartAsync(os, name);
        else
            await AskAsync(os, name, stream: how == "streamed");

        Assert.Equal(1, measured.Count(GenAiNames.OperationDuration));
        Assert.Equal(1, measured.Count(GenAiNames.Ends));
        Assert.Equal(isPaid ? 2 : 0, measured.Count(GenAiNames.TokenUsage));   // sent and received
        Assert.Equal(isPaid ? 15 : 0, measured.Sum(GenAiNames.TokenUsage));
        Assert.Equal(isPaid ? 0.00002 : 0, measured.Sum(GenAiNames.ModelCost), 9);
        Assert.Equal(how is "passed over" or "failed" ? 1 : 0, measured.Count(GenAiNames.Fallbacks));
        Assert.Equal(how is "streamed" or "by a part of the OS" ? 1 : 0, measured.Count(GenAiNames.TimeToFirstChunk));
    }

    [Fact]
    public async Task A_version_that_a_server_says_anew_each_time_is_in_the_spans_and_in_no_metric()
    {
        var name = $"versions-{Guid.NewGuid():N}"[..20];
        var said = Enumerable.Range(0, 3).Select(_ => Guid.NewGuid().ToString("N")).ToArray();
        var next = 0;
        await using var server = await Upstream.StartAsync((context, _) => context.Response.WriteAsync($$"""{"model_version": "{{said[next++]}}", "outputs": [{"name": "y", "datatype": "FP32", "shape": [1], "data": [1]}]}"""));
        await using var os = await GatewayOs.StartAsync($"models:\n  {name}:\n    kind: tensors\n    deployments: [{{name: main, backend: inference, url: {server.Url}, model: m}}]\n");
        ConcurrentQueue<string?> versions = [];
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source == AiOsTelemetry.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span =>
            {
                if (name.Equals(span.GetTagItem(GenAiNames.Model)))
                    versions.Enqueue((string?)span.GetTagItem(GenAiNames.ResponseModel));
            },
        };
        ActivitySource.AddActivityListener(spans);
        using var measured = new Measured(name);
        foreach (var _ in said)
        {
            using var response = await os.Http.PostAsJsonAsync($"api/models/{name}/infer", new { inputs = new[] { new { name = "x", datatype = "FP32", shape = new[] { 1 }, data = new[] { 1 } } } });
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }

        Assert.Equal(said, versions);
        Assert.Equal(3, measured.Count(GenAiNames.OperationDuration));
        Assert.DoesNotContain(measured.Labels, said.Contains);
    }

    static async Task AskAsync(GatewayOs os, string name, bool stream)
    {
        using var response = await os.Http.PostAsJsonAsync("v1/chat/completions", new { model = name, stream, messages = new[] { new { role = "user", content = "How often?" } } });
        await response.Content.ReadAsStringAsync();
    }

    static async Task AskAsPartAsync(GatewayOs os, string name)
    {
        var request = WireRequest.Parse(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new { model = name, stream = true, messages = new[] { new { role = "user", content = "How often?" } } }), CallKind.Chat);
        var call = new ModelCall(os.Os.Services.GetRequiredService<ModelGateway>(), request, new CallTerms("-", "key:one"));
        var text = "";
        await foreach (var piece in call.StreamAsync(CancellationToken.None))
            text += piece;
        Assert.Equal("Once.", text);
    }

    /// <summary>Everything that is measured of one logical model.</summary>
    sealed class Measured : IDisposable
    {
        readonly ConcurrentQueue<(string Name, double Value)> seen = [];
        readonly ConcurrentQueue<string?> labels = [];
        readonly MeterListener listener;

        public Measured(string model)
        {
            listener = new() { InstrumentPublished = (instrument, l) => { if (instrument.Meter == AiOsTelemetry.Meter) l.EnableMeasurementEvents(instrument); } };
            listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
            listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
            listener.Start();

            void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
            {
                foreach (var tag in tags)
                    if (tag.Key == GenAiNames.Model && model.Equals(tag.Value))
                    {
                        seen.Enqueue((instrument.Name, value));
                        foreach (var label in tags)
                            labels.Enqueue(label.Value?.ToString());
                    }
            }
        }

        /// <summary>The values of all labels.</summary>
        public IEnumerable<string?> Labels => labels;

        public int Count(string name) => seen.Count(measure => measure.Name == name);

        public double Sum(string name) => seen.Where(measure => measure.Name == name).Sum(measure => measure.Value);

        public void Dispose() => listener.Dispose();
    }
}
