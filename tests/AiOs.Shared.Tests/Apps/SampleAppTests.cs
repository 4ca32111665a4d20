using AiOs.ControlPlane.Apps;

namespace AiOs.Shared.Tests.Apps;

/// <summary>The apps that ship with the repository are right, by the reader and by the schemas that editors use.</summary>
public sealed class SampleAppTests
{
    public static TheoryData<string> Apps() => new(Directory.GetFiles(SampleApps.Folder, "app.yaml", SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(file))!));

    [Theory]
    [MemberData(nameof(Apps))]
    public void Every_sample_app_reads_without_a_problem(string app)
    {
        var read = AppReader.Read(SampleApps.Package(app));

        Assert.Empty(read.Problems);
        Assert.Equal(app, read.Manifest!.Name);
    }
}
