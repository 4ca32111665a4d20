using AiOs.ControlPlane.Apps;

namespace AiOs.Shared.Tests.Apps;

/// <summary>The apps folder of the repository.</summary>
static class SampleApps
{
    public static string Folder { get; } = Path.Combine(Root(AppContext.BaseDirectory), "apps");

    public static AppPackage Package(string app) => AppPackage.FromFolder(Path.Combine(Folder, app));

    static string Root(string from) => File.Exists(Path.Combine(from, "AiOs.Serverless.sln")) ? from : Root(Path.GetDirectoryName(from.TrimEnd(Path.DirectorySeparatorChar))!);
}
