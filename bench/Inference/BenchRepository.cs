using System.Text.Json.Nodes;
using AiOs.Local.CommandLine;

namespace AiOs.Bench.Inference;

/// <summary>Puts a model into a repository: the files of a folder, and the configuration that ships with the sentence encoder, changed where asked.</summary>
static class BenchRepository
{
    public static void Add(string repository, string name, string folder, string[] settings)
    {
        var version = Directory.CreateDirectory(Path.Combine(repository, name, "1")).FullName;
        foreach (var file in new[] { "model.onnx", "vocabulary.json" })
            File.Copy(Path.Combine(folder, file), Path.Combine(version, file));
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(Root.Path, "inference", "models", "sentence-encoder", "config.json")))!.AsObject();
        foreach (var setting in settings)
            if (setting.Split('=', 2) is [var key, var value])
                config[key] = JsonNode.Parse(value);
            else
                throw new CommandException($"--set {setting}: write name=value.", ExitCode.Usage);
        File.WriteAllText(Path.Combine(repository, name, "config.json"), config.ToJsonString());
    }
}
