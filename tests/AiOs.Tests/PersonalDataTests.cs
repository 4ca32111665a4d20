using System.Globalization;
using System.Text;

namespace AiOs.Tests;

/// <summary>Where personal data is after claims were handled: in the vault, and nowhere else.</summary>
public sealed class PersonalDataTests(DeployedApps apps)
{
    const int Many = 200;

    [Fact]
    public async Task After_many_claims_no_original_is_found_in_any_file()
    {
        var data = apps.Copy();
        var people = Enumerable.Range(1, Many).Select(Person.Of).ToList();
        await using (var os = await LocalOs.StartAsync(data))
        {
            await Parallel.ForEachAsync(people, new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (person, _) =>
            {
                var outcome = await os.SendAsync(Claims.App, person.Report, new { claimNumber = "P-" + person.Number, contact = person.Email, phone = person.Phone });
                Assert.DoesNotContain(person.Iban, outcome.GetRawText(), StringComparison.Ordinal);
            });
            foreach (var person in people.Take(20))
            {
                using var accepted = await System.Net.Http.Json.HttpClientJsonExtensions.PostAsJsonAsync(os.Http, "api/queues/claims", new { text = person.Report, attributes = new { claimNumber = "Q-" + person.Number, contact = person.Email } });
                Assert.True(accepted.IsSuccessStatusCode);
            }

            await ArrivalsTests.UntilAsync(() => Task.FromResult(os.Sandbox.Effects("/payouts").Count == Many + 20));
            AssertNowhere(data, people);
        }

        AssertNowhere(data, people);
    }

    /// <summary>The vault is encrypted, so its bytes hold no original either; keys are the only files left out.</summary>
    static void AssertNowhere(string data, IReadOnlyList<Person> people)
    {
        foreach (var file in Directory.GetFiles(data, "*", SearchOption.AllDirectories).Where(file => Path.GetExtension(file) != ".lock"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            var bytes = copy.GetBuffer().AsSpan(0, (int)copy.Length);
            foreach (var original in people.SelectMany(person => person.Originals))
                Assert.False(bytes.IndexOf(Encoding.UTF8.GetBytes(original)) >= 0, $"{Path.GetFileName(file)} holds {original}");
        }
    }

    sealed record Person(int Number, string Iban, string Email, string Phone)
    {
        public static Person Of(int number) => new(number, IbanOf(number),
            string.Create(CultureInfo.InvariantCulture, $"holder.{number:0000}@example.com"), string.Create(CultureInfo.InvariantCulture, $"+49 30 2312{number:0000}"));

        public string Report => string.Create(CultureInfo.InvariantCulture,
            $"A storm on 3 March 2026 broke a window in my kitchen. The damage is {100 + Number}.00 EUR, my policy is PC-{100_000 + Number}. Please pay to {Iban}, call {Phone} or write to {Email}.");

        public IEnumerable<string> Originals => [Iban, Email, Phone, Phone.Replace(" ", "", StringComparison.Ordinal)];

        /// <summary>A German IBAN with right check digits (ISO 13616, mod 97).</summary>
        static string IbanOf(int number)
        {
            var account = string.Create(CultureInfo.InvariantCulture, $"37040044{532_013_000 + number:0000000000}");
            var remainder = 0;
            foreach (var digit in account + "131400") remainder = ((remainder * 10) + (digit - '0')) % 97;
            return string.Create(CultureInfo.InvariantCulture, $"DE{98 - remainder:00}{account}");
        }
    }
}
