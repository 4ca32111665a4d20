using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using AiOs.Local.Durable.Histories;

namespace AiOs.Local.Tests.Durable;

/// <summary>The stored form of histories, which later versions read.</summary>
public class HistoryCodecTests
{
    static readonly HistoryJson plain = new(new JsonSerializerOptions(HistoryJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = 256 });

    static readonly string?[] texts = [null, "", "plain", "{\"quoted\":\"<&'+>\"}", "Grüße \u2028 😀 \u0000\u001f\t", "\ud800 alone", new('x', 100_000)];

    static readonly Dictionary<string, string> tags = new() { ["a"] = "1" };

    public static TheoryData<int> Texts => [.. Enumerable.Range(0, texts.Length)];

    [Theory, MemberData(nameof(Texts))]
    public void A_batch_is_stored_as_the_serializer_would_store_it(int number)
    {
        var text = texts[number];
        var failure = new Failure("Some.Exception", text ?? "failed");
        List<HistoryEvent> events =
        [
            new ExecutionStarted(0), new ExecutionStarted(3, [new EventRaised("e", text)], NotBefore: 5), new ExecutionStarted(1, [], null),
            new TaskCompleted(7, text), new TaskFailed(8, failure), new TimerFired(9), new EventRaised("e", text), new SubOrchestrationCompleted(1, text),
            new SubOrchestrationFailed(2, failure), new EntityReplied(3, 1, text, null), new ExecutionTerminated(text, Recursive: true),
            new TaskScheduled(4, text ?? "name", null, text, null), new TaskScheduled(5, "name", text, text, tags), new TaskScheduled(6, "name", "", null, tags),
            new TimerCreated(6, long.MaxValue), new EventSent(7, "id", "n", text), new LocksRequested(8, ["@a@b"]),
            new ExecutionCompleted(1, text, null), new ExecutionCompleted(3, null, failure),
        ];

        foreach (var batch in events.Select(one => new HistoryBatch([one], [])).Append(new(events, events)).Append(new([], [])))
            Assert.Equal(Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(batch, plain.HistoryBatch)), Encoding.UTF8.GetString(HistoryCodec.Write(batch)));
    }
}
