using Microsoft.DurableTask;

namespace AiOs.Local.Tests.Abstractions;

/// <summary>
/// What compiles against local/abstractions must compile against the real packages with the same overloads chosen. PublicApi.txt holds the real packages'
/// signatures; PublicApi.Companions.txt what we declare beyond it, each with its reason.
/// </summary>
public sealed class PublicApiTests
{
    static readonly HashSet<string> declared = [.. ApiDump.Of(typeof(TaskName).Assembly)];

    [Fact]
    public void Everything_promised_is_declared_exactly_so() => Assert.Empty(Read("PublicApi.txt").Except(declared, StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void Nothing_is_declared_beyond_the_promise_and_its_companions() =>
        Assert.Empty(declared.Except(Read("PublicApi.txt").Concat(Read("PublicApi.Companions.txt")), StringComparer.Ordinal).Order(StringComparer.Ordinal));

    [Fact]
    public void No_companion_is_listed_in_vain() => Assert.Empty(Read("PublicApi.Companions.txt").Except(declared, StringComparer.Ordinal));

    static IEnumerable<string> Read(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Abstractions", file)).Where(l => l.Length > 0 && !l.StartsWith('#'));
}
