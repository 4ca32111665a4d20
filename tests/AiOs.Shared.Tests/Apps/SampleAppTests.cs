using System.Text.Json;
using AiOs.ControlPlane.Apps.Reading;
using AiOs.ControlPlane.Apps;
using AiOs.DataPlane.Yaml;
using AiOs.Policies.Cel;
using NJsonSchema;

namespace AiOs.Shared.Tests.Apps;

/// <summary>The apps that ship with the repository are right, by the reader and by the schemas that editors use.</summary>
public sealed class SampleAppTests
{
    public static TheoryData<string> Apps() => new(SampleApps.Names);

    [Theory]
    [MemberData(nameof(Apps))]
    public void Every_sample_app_reads_without_a_problem(string app)
    {
        var read = AppReader.Read(SampleApps.Package(app));

        Assert.Empty(read.Problems);
        Assert.Equal(app, read.Manifest!.Name);
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public async Task Every_file_of_a_sample_app_matches_the_schema_that_editors_use(string app)
    {
        var package = SampleApps.Package(app);
        foreach (var file in new[] { "app", "policy", "connectors", "intents", "evals" })
        {
            var schema = await JsonSchema.FromFileAsync(Path.Combine(SampleApps.Folder, file + ".schema.json"));
            Assert.Empty(schema.Validate(Json(package.Text(file + ".yaml")!)).Select(error => $"{app}/{file}.yaml {error.Path}: {error.Kind} (line {error.LineNumber})"));
        }
    }

    [Fact]
    public async Task An_app_that_asks_for_a_tuned_encoder_reads_and_matches_the_schema_that_editors_use()
    {
        var package = SampleApps.Package("customer-support");
        var files = package.Files.Keys.ToDictionary(path => path, path => package.Text(path)!, StringComparer.Ordinal);
        files["intents.yaml"] = files["intents.yaml"].Replace("\nintents:", "\nfineTune: true\nintents:", StringComparison.Ordinal);
        var read = AppReader.Read(AppPackage.FromFiles(files));

        Assert.Empty(read.Problems);
        Assert.True(Assert.Single(read.Manifest!.Steps, step => step.Intents is not null).Intents!.FineTune);
        var schema = await JsonSchema.FromFileAsync(Path.Combine(SampleApps.Folder, "intents.schema.json"));
        Assert.Empty(schema.Validate(Json(files["intents.yaml"])));
    }

    static string Json(string yaml)
    {
        var problems = new List<ManifestProblem>();
        var root = YamlLoader.Load(yaml, new Problems("file", problems))!;
        Assert.Empty(problems);
        return CelValue.ToJson(YamlJson.Value(root)).GetRawText();
    }

    [Theory]
    [MemberData(nameof(Apps))]
    public void Every_sample_app_compiles_to_a_small_plan_and_to_the_same_bytes_each_time(string app)
    {
        var package = SampleApps.Package(app);
        var (plan, bytes) = SampleApps.Compile(package);

        Assert.Equal(bytes, SampleApps.Compile(AppPackage.FromZip(new MemoryStream(package.ToZip()))).Bytes);
        Assert.InRange(bytes.Length, 1, Plan.MaxBytes);
        var again = JsonSerializer.Deserialize<Plan>(bytes, AiOs.DataPlane.AiOsJson.Options)!;
        Assert.Equal(bytes, JsonSerializer.SerializeToUtf8Bytes(again, AiOs.DataPlane.AiOsJson.Options));
        Assert.Equal(plan.Steps.Count, CompiledPlan.For(app, again).Plan.Steps.Count);
    }
}
