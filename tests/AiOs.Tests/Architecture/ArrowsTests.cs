using System.Text.RegularExpressions;
using AiOs.Functions;
using AiOs.Orchestrations;

namespace AiOs.Tests.Architecture;

/// <summary>The arrows between the rooms: downwards only.</summary>
public sealed partial class ArrowsTests
{
    /// <summary>From the top down: a folder of shared/ uses only those behind it.</summary>
    static readonly string[] Folders = ["Observability", "ControlPlane", "Agents", "Policies", "Serving", "Governance", "Security", "Models", "DataPlane", "Telemetry"];

    [GeneratedRegex(@"\bAiOs\.(?<folder>[A-Z][A-Za-z]+)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Mention { get; }

    [Fact]
    public void Inside_shared_a_folder_uses_only_those_below_it()
    {
        var wrong = new List<string>();
        foreach (var (file, folder) in SharedSources())
            foreach (var used in Mention.Matches(File.ReadAllText(file)).Select(m => m.Groups["folder"].Value).Distinct(StringComparer.Ordinal))
                if (Array.IndexOf(Folders, used) is var index and >= 0 && index < Array.IndexOf(Folders, folder))
                    wrong.Add($"{Path.GetRelativePath(Repository.Root, file)} uses {used}");
        Assert.Empty(wrong);
    }

    [Fact]
    public void Every_folder_of_shared_is_a_room_of_the_design_with_one_setup()
    {
        foreach (var folder in Directory.GetDirectories(Path.Combine(Repository.Root, "shared")).Select(Path.GetFileName).Except(["bin", "obj"], StringComparer.Ordinal))
        {
            Assert.Contains(folder, Folders);
            Assert.Single(Directory.GetFiles(Path.Combine(Repository.Root, "shared", folder!), "*Setup.cs"));
        }
    }

    [Fact]
    public void Shared_orchestrations_and_functions_know_no_local_host()
    {
        Assert.DoesNotContain(References(typeof(AiOs.DataPlane.Database)), name => name.StartsWith("AiOs.", StringComparison.Ordinal) || name.StartsWith("Microsoft.Azure.", StringComparison.Ordinal));
        Assert.DoesNotContain(References(typeof(RunAppOrchestrator)), name => name is "AiOs.Local" or "AiOs.Functions");
        Assert.DoesNotContain(References(typeof(FunctionsApp)), name => name is "AiOs.Local");
    }

    [Fact]
    public void The_inference_server_uses_shared_alone() =>
        Assert.Equal(["AiOs.Shared"], References(typeof(AiOs.Inference.Http.InferenceServer)).Where(name => name.StartsWith("AiOs.", StringComparison.Ordinal)));

    [Fact]
    public void No_cloud_SDK_is_used_outside_a_folder_named_Azure()
    {
        var wrong = SharedSources().Where(source => !source.File.Contains("/Azure/", StringComparison.Ordinal) && CloudSdk.IsMatch(File.ReadAllText(source.File))).Select(source => source.File);
        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"using (Azure\.|Microsoft\.Azure\.)", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex CloudSdk { get; }

    [Fact]
    public void Conditional_compilation_stays_in_the_entry_points()
    {
        var wrong = new[] { "shared", "orchestrations", "functions", "inference" }
            .SelectMany(room => Directory.GetFiles(Path.Combine(Repository.Root, room), "*.cs", SearchOption.AllDirectories))
            .Where(file => Path.GetFileName(file) != "Program.cs" && !IsOutput(file) && File.ReadLines(file).Any(line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal)));
        Assert.Empty(wrong);
    }

    static IEnumerable<(string File, string Folder)> SharedSources()
    {
        var shared = Path.Combine(Repository.Root, "shared");
        return Directory.GetFiles(shared, "*.cs", SearchOption.AllDirectories).Where(file => !IsOutput(file))
            .Select(file => (file.Replace('\\', '/'), Path.GetRelativePath(shared, file).Split(Path.DirectorySeparatorChar)[0]));
    }

    static bool IsOutput(string file) => file.Replace('\\', '/') is var path && (path.Contains("/obj/", StringComparison.Ordinal) || path.Contains("/bin/", StringComparison.Ordinal));

    static IEnumerable<string> References(Type type) => type.Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name!);
}
