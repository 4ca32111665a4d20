using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Extensions.Logging;

namespace AiOs.Tests;

/// <summary>Where personal data is after claims were handled: in the vault, and nowhere else.</summary>
public sealed class PersonalDataTests(DeployedApps apps)
{
    const int Many = 1000;

    /// <summary>What every original of <see cref="Person"/> contains, in the spellings that a store could have given it.</summary>
    static readonly string[] Roots = ["holder.", "370400440532", "3704 0044 0532", "+49 30 2319", "+49302319", "49302319"];

    [Fact]
    public async Task After_a_thousand_claims_no_original_is_found_in_any_file_log_or_trace()
    {
        var data = apps.Copy();
        var people = Enumerable.Range(1, Many).Select(Person.Of).ToList();
        using var logs = new Recorded();
        await using var collector = await OtlpCollector.StartAsync();
        var settings = new Dictionary<string, string?>(StringComparer.Ordinal) { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url, ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf" };
        await using (var os = await LocalOs.StartAsync(data, settings: settings, logging: logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(logs)))
        {
            await Parallel.ForEachAsync(people.Skip(20), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (person, _) =>
                AssertClean((await os.SendAsync(Claims.App, person.Report, person.Attributes)).GetRawText(), "The outcome"));
            foreach (var person in people.Take(20))
            {
                using var accepted = await os.Http.PostAsJsonAsync("api/queues/claims", new { text = person.Report, attributes = person.Attributes });
                Assert.True(accepted.IsSuccessStatusCode);
            }

            await ArrivalsTests.UntilAsync(() => Task.FromResult(os.Sandbox.Effects("/payouts").Count == Many));
            Assert.Contains(os.Sandbox.Requests("/payouts"), request => (request.Body?.ToString() ?? "").Contains(people[^1].Iban, StringComparison.Ordinal));
            AssertFilesClean(data);
            await os.Host.StopAsync();
        }

        AssertFilesClean(data);
        Assert.NotEmpty(logs.Lines);
        Assert.NotEmpty(collector.Raw);
        Assert.All(logs.Lines, line => AssertClean(line, "A log line"));
        Assert.All(collector.Raw, batch => AssertClean(Encoding.Latin1.GetString(batch), "A trace"));
    }

    /// <summary>The vault is encrypted, so its bytes hold no original either. Lock files are held by their owner and empty.</summary>
    static void AssertFilesClean(string data)
    {
        foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) is not (".lock" or ".tmp")))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            AssertClean(Encoding.Latin1.GetString(copy.GetBuffer().AsSpan(0, (int)copy.Length)), Path.GetFileName(file));
        }
    }

    static void AssertClean(string text, string where)
    {
        foreach (var root in Roots)
            if (text.IndexOf(root, StringComparison.Ordinal) is var at and >= 0)
                Assert.Fail($"{where} holds {root}: ...{text[Math.Max(0, at - 200)..Math.Min(text.Length, at + 200)]}...");
    }

    sealed record Person(int Number, string Iban, string Email, string Phone)
    {
        public static Person Of(int number) => new(number, IbanOf(number),
            string.Create(CultureInfo.InvariantCulture, $"holder.{number:0000}@example.com"), string.Create(CultureInfo.InvariantCulture, $"+49 30 2319{number:0000}"));

        public string Report => string.Create(CultureInfo.InvariantCulture,
            $"A storm on 3 March 2026 broke a window in my kitchen. The damage is {100 + (Number % 300)}.00 EUR, my policy is PC-{100_000 + Number}. Please pay to {Iban}, call {Phone} or write to {Email}.");

        public object Attributes => new { claimNumber = FormattableString.Invariant($"P-{Number}"), contact = Email, phone = Phone };

        /// <summary>A German IBAN with right check digits (ISO 13616, mod 97).</summary>
        static string IbanOf(int number)
        {
            var account = string.Create(CultureInfo.InvariantCulture, $"37040044{532_013_000 + number:0000000000}");
            var remainder = 0;
            foreach (var digit in account + "131400") remainder = ((remainder * 10) + (digit - '0')) % 97;
            return string.Create(CultureInfo.InvariantCulture, $"DE{98 - remainder:00}{account}");
        }
    }

    /// <summary>Everything that is logged, at every level.</summary>
    sealed class Recorded : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull
        {
            Lines.Enqueue(state.ToString() ?? "");
            return null;
        }

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
