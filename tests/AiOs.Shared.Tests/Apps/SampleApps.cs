using AiOs.ControlPlane.Apps;

namespace AiOs.Shared.Tests.Apps;

/// <summary>The apps folder of the repository.</summary>
static class SampleApps
{
    public static string Folder { get; } = Path.Combine(Root(AppContext.BaseDirectory), "apps");

    public static IEnumerable<string> Names => Directory.GetFiles(Folder, "app.yaml", SearchOption.AllDirectories).Select(file => Path.GetFileName(Path.GetDirectoryName(file)!)).Order(StringComparer.Ordinal);

    public static AppPackage Package(string app) => AppPackage.FromFolder(Path.Combine(Folder, app));

    /// <summary>Compiles with stand-ins for what would be trained and indexed.</summary>
    public static (Plan Plan, byte[] Bytes) Compile(AppPackage package)
    {
        var read = AppReader.Read(package);
        Assert.Empty(read.Problems);
        var artifacts = read.Manifest!.Steps.Where(step => step.Kind is StepKind.Detect or StepKind.Retrieve).ToDictionary(step => step.Id, step => "sha256:" + new string('0', 64), StringComparer.Ordinal);
        return PlanCompiler.Compile(read.Manifest, package.ContentDigest, artifacts);
    }

    static string Root(string from) => File.Exists(Path.Combine(from, "AiOs.Serverless.sln")) ? from : Root(Path.GetDirectoryName(from.TrimEnd(Path.DirectorySeparatorChar))!);
}
