using System.Collections.Concurrent;
using System.Text;
using AiOs.ControlPlane.Apps;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests.Models;

/// <summary>What a model's endpoint learns of people, and what anybody learns of the model's key.</summary>
public sealed class ModelSecrecyTests(DeployedApps apps)
{
    const string Email = "ada.lovelace@example.com", Phone = "+49 30 2319 4455";

    static string Message => $"{LostCard.Question} Please pay to {Claims.Iban}, write to {Email} or call {Phone}.";

    [Fact]
    public async Task A_model_reads_tokens_where_personal_data_stood_and_may_say_them_back()
    {
        await using var model = await ModelServer.StartAsync(exchange =>
        {
            var token = exchange.Asked.GetProperty("question").GetString()!.Split(' ').Single(word => word.StartsWith("[email:", StringComparison.Ordinal));
            return exchange.AnswerAsync(LostCard.Sentence($"Writing to {token}: the replacement for a lost or stolen card is free twice a year.", "The replacement for a lost or stolen card is free twice a year"));
        });
        await using var os = await apps.StartAsync(settings: model.Settings);
        var outcome = await os.SendAsync(LostCard.App, Message);
        AssertClean(Assert.Single(model.Exchanges).Body.GetRawText());
        Assert.Contains("Writing to [email:", outcome.AnswerText(), StringComparison.Ordinal);
        AssertClean(outcome.GetRawText());
    }

    [Fact]
    public async Task What_an_app_does_not_mask_is_masked_for_a_model_all_the_same()
    {
        await using var model = await ModelServer.StartAsync(exchange => exchange.AnswerAsync(LostCard.PriceSentence));
        await using var os = await LocalOs.StartAsync(apps.Copy(), settings: model.Settings);
        var package = AppPackage.FromFolder(Path.Combine(Repository.Root, "apps", LostCard.App));
        var files = package.Files.Keys.ToDictionary(path => path, path => package.Text(path)!, StringComparer.Ordinal);
        files["app.yaml"] = files["app.yaml"].Replace("mask: [email, phone, iban, card]", "mask: [card]", StringComparison.Ordinal).Replace("version: 1.0.0", "version: 1.0.1", StringComparison.Ordinal);
        var deployed = await os.DeployAsync(LostCard.App, AppPackage.FromFiles(files).ToZip());
        Assert.True(deployed.Status() == "completed", deployed.GetRawText());
        Assert.Equal("completed", (await os.SendAsync(LostCard.App, Message)).Status());
        AssertClean(Assert.Single(model.Exchanges).Body.GetRawText());
    }

    [Fact]
    public async Task The_key_of_a_model_stands_in_no_log_file_trace_or_answer()
    {
        using var logs = new Recorded();
        await using var collector = await OtlpCollector.StartAsync();
        await using var model = await ModelServer.StartAsync(exchange => exchange.Number == 1 ? exchange.FailAsync(500) : exchange.Number == 2 ? exchange.FailAsync(401) : exchange.AnswerAsync(LostCard.PriceSentence));
        var settings = model.Settings;
        settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url;
        settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        var data = apps.Copy();
        string[] runs;
        await using (var os = await LocalOs.StartAsync(data, settings: settings, logging: logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs)))
        {
            var refused = await os.SendAsync(LostCard.App, LostCard.Question);
            refused.AssertExtractive("rejected");
            var answered = await os.SendAsync(LostCard.App, LostCard.Question);
            Assert.Equal("generated", answered.Origin().GetProperty("source").GetString());
            runs = [refused.RunId(), answered.RunId()];
            foreach (var runId in runs)
                Assert.DoesNotContain(ModelServer.Key, await os.Http.GetStringAsync($"api/runs/{runId}"), StringComparison.Ordinal);
        }

        Assert.Contains(logs.Lines, line => line.Contains("The endpoint answered 401.", StringComparison.Ordinal));
        Assert.DoesNotContain(logs.Lines, line => line.Contains(ModelServer.Key, StringComparison.Ordinal));
        Assert.DoesNotContain(collector.Raw, bytes => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(ModelServer.Key)) >= 0);
        foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories))
            Assert.True(File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.UTF8.GetBytes(ModelServer.Key)) < 0, file);
        // Tests beside this one call models of the same name.
        var traces = collector.Spans.Where(span => span.Attributes.TryGetValue("aios.run.id", out var run) && runs.Contains(run as string)).Select(span => span.TraceId).ToHashSet(StringComparer.Ordinal);
        var calls = collector.Spans.Where(span => span.Name == "chat " + ModelServer.Model && traces.Contains(span.TraceId)).ToList();
        Assert.Equal(3, calls.Count);   // of both runs: turned away, refused, answered
        Assert.All(calls, span => Assert.Equal(("chat", "openai", ModelServer.Model), (span.Attributes["gen_ai.operation.name"], span.Attributes["gen_ai.provider.name"], span.Attributes["gen_ai.request.model"])));
        Assert.Equal(2, calls.Select(span => span.TraceId).Distinct(StringComparer.Ordinal).Count());
    }

    static void AssertClean(string text)
    {
        foreach (var original in new[] { "ada.lovelace", "2319 4455", Claims.Iban }) Assert.DoesNotContain(original, text, StringComparison.Ordinal);
    }

    sealed class Recorded : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
