using System.Reflection;
using Xunit.Sdk;
using Xunit.v3;

namespace AiOs.Local.Tests.Durable;

/// <summary>Runs a test with every <see cref="Keeping"/>.</summary>
sealed class EveryKeepingAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([.. Enum.GetValues<Keeping>().Select(keeping => new TheoryDataRow(keeping))]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
