using AiOs.ControlPlane.Apps;

namespace AiOs.Shared.Tests.Apps;

/// <summary>The app that the manifest reference prints is right.</summary>
public sealed class ManifestReferenceTests
{
    [Fact]
    public void The_app_in_the_reference_reads_without_a_problem()
    {
        var page = File.ReadAllText(Path.Combine(Path.GetDirectoryName(SampleApps.Folder)!, "docs", "apps.md"));
        var files = page.Split("```").Where((_, i) => i % 2 == 1)
            .Select(block => block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..])
            .ToDictionary(block => block[2..block.IndexOf('\n', StringComparison.Ordinal)], block => block[(block.IndexOf('\n', StringComparison.Ordinal) + 1)..], StringComparer.Ordinal);

        Assert.Empty(AppReader.Read(AppPackage.FromFiles(files)).Problems);
        Assert.Equal(5, files.Count);
    }
}
