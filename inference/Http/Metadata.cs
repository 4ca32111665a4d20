using AiOs.Inference.Layouts;
using AiOs.Models.Protocol;
using AiOs.Inference.Repository;

namespace AiOs.Inference.Http;

/// <summary>What the server and its models say about themselves.</summary>
sealed class Metadata(ModelRepository repository)
{
    static readonly string[] extensions = ["binary_tensor_data", "model_repository"];

    public object Server() => new
    {
        Name = "aios-inference",
        Version = typeof(Metadata).Assembly.GetName().Version!.ToString(3),
        Extensions = extensions,
        Parameters = new { ExecutionProvider = repository.Provider.Name, ExecutionProviderReason = repository.Provider.Reason },
    };

    public object Model(string name, string? wanted)
    {
        var model = repository.Find(name);
        var version = model.Version(wanted);
        return new
        {
            Name = name,
            Versions = model.Ready.Select(ready => ready.Name).Reverse(),
            Platform = "onnx_onnxv1",
            Inputs = version.Layout.Inputs.Select(Describe),
            Outputs = version.Layout.Outputs.Select(Describe),
            Parameters = new
            {
                ExecutionProvider = repository.Provider.Name,
                ServedVersion = version.Name,
                Sha256 = version.Digest,
                model.Config.MaxTokens,
                model.Config.MaxRows,
                model.Config.QueueSize,
                InputsNote = version.Layout.Inputs is [{ Type: DataType.Bytes }, ..] ? "send text alone, or the other inputs" : null,
            },
        };
    }

    public IEnumerable<object> Index(bool onlyReady) =>
        from model in repository.All
        from entry in model.States.OrderBy(state => state.Key)
        where !onlyReady || entry.Value.State == "READY"
        select new { model.Name, Version = entry.Key == 0 ? null : entry.Key.ToString(System.Globalization.CultureInfo.InvariantCulture), entry.Value.State, entry.Value.Reason };

    static object Describe(TensorMetadata tensor) => new { tensor.Name, Datatype = tensor.Type.Word, tensor.Shape };
}
