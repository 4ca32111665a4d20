using AiOs.Models.Parity;
using AiOs.Models.Sentences;

namespace AiOs.Local.CommandLine.Models;

/// <summary>A model and what stands beside it.</summary>
sealed record ModelFiles(string Model)
{
    static readonly string[] companions = [SentenceTokenizer.UnigramFile, SentenceTokenizer.WordPieceFile, "LICENSE"];

    /// <summary>The file, the folder, or one of the two encoders by its name.</summary>
    public static ModelFiles At(string given)
    {
        var own = given switch { "sentence-encoder" => SentenceEncoder.DefaultDirectory, "intent-encoder" => SentenceEncoder.IntentDirectory, _ => given };
        foreach (var candidate in new[] { given, Path.Combine(given, "model.onnx"), Path.Combine(own, "model.onnx") })
            if (File.Exists(candidate))
                return new(Path.GetFullPath(candidate));
        throw new CommandException($"There is no model at '{given}': name a model.onnx or the folder it is in.", ExitCode.Usage);
    }

    /// <summary>The golden set for it: sentences, which a vocabulary beside the model makes into tokens.</summary>
    public IGoldenSet GoldenSet(string? path)
    {
        if (SentenceTokenizer.Find(Path.GetDirectoryName(Model)!) is not { } tokenizer)
            throw new CommandException($"There is no vocabulary.json or vocabulary.txt beside {Model}: the golden sets are sentences, so the gate is for sentence encoders.", ExitCode.Refused);
        return path is null ? SentenceSet.Own(tokenizer) : File.Exists(path) ? SentenceSet.Read(path, tokenizer) : throw new CommandException($"There is no file '{path}'.", ExitCode.Usage);
    }

    /// <summary>Writes the new version at once or not at all; into a folder with what stands beside the model.</summary>
    public void Write(byte[] file, string output)
    {
        var isFile = output.EndsWith(".onnx", StringComparison.Ordinal);
        var folder = Path.GetFullPath(isFile ? Path.GetDirectoryName(Path.GetFullPath(output))! : output);
        Directory.CreateDirectory(folder);
        if (!isFile && folder != Path.GetDirectoryName(Model))
            foreach (var companion in companions.Select(name => Path.Combine(Path.GetDirectoryName(Model)!, name)).Where(File.Exists))
                File.Copy(companion, Path.Combine(folder, Path.GetFileName(companion)), overwrite: true);
        var draft = Path.Combine(folder, $"model.{Environment.ProcessId}.tmp");
        File.WriteAllBytes(draft, file);
        File.Move(draft, isFile ? Path.GetFullPath(output) : Path.Combine(folder, "model.onnx"), overwrite: true);
    }
}
