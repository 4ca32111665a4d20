using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net.Http.Json;
using AiOs.Serving.Calls;
using AiOs.Serving.Chat;
using AiOs.Serving.Gateway;
using AiOs.Serving.Wire;
using AiOs.Telemetry;
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
                        seen.Enqueue((instrument.Name, value));
            }
        }

        public int Count(string name) => seen.Count(measure => measure.Name == name);

        public double Sum(string name) => seen.Where(measure => measure.Name == name).Sum(measure => measure.Value);

        public void Dispose() => listener.Dispose();
    }
}
