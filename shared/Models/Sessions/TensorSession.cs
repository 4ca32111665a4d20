using AiOs.Models.Protocol;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Sessions;

/// <summary>An ONNX model in this process whose inputs and outputs are tensors by name. Any thread may run it. One that nobody holds any more is freed by its finalizer.</summary>
sealed class TensorSession
{
    readonly InferenceSession session;
    readonly IReadOnlyList<(string Name, DataType Type, long[] Shape)> inputs, outputs;

    TensorSession(InferenceSession session, string digest)
    {
        (this.session, Digest) = (session, digest);
        inputs = Describe(session.InputNames, session.InputMetadata);
        outputs = Describe(session.OutputNames, session.OutputMetadata);
        if (outputs.FirstOrDefault(output => output.Type == DataType.Fp16).Name is { } half)
            throw new InvalidDataException($"Its output '{half}' is FP16, which JSON cannot carry.");
    }

    /// <summary>SHA-256 of the model's file.</summary>
    public string Digest { get; }

    /// <summary>Loads a model through its gate.</summary>
    /// <exception cref="InvalidDataException">It cannot be served; the message says why.</exception>
    public static TensorSession Open(string path)
    {
        // One thread a run: the callers are parallel already.
        using var options = new SessionOptions { IntraOpNumThreads = 1, InterOpNumThreads = 1, LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        var (session, digest) = ModelLoader.OpenWithDigest(path, options, GateRule.WhereDerived);
        try
        {
            return new TensorSession(session, digest);
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    /// <summary>Runs the model.</summary>
    /// <param name="given">Each of its inputs once.</param>
    /// <param name="wanted">The outputs that are wanted; none for all.</param>
    /// <param name="cancellationToken">Ends the run.</param>
    /// <exception cref="ProtocolException">The inputs do not fit the model.</exception>
    /// <exception cref="InvalidDataException">The model fails, or answers what is no number.</exception>
    public IReadOnlyList<Tensor> Run(IReadOnlyList<Tensor> given, IReadOnlyList<string> wanted, CancellationToken cancellationToken)
    {
        Expect.That(given.Count == inputs.Count && inputs.All(input => given.Any(tensor => tensor.Name == input.Name)), $"The model needs each of these inputs once: {string.Join(", ", inputs.Select(input => input.Name))}.");
        var asked = wanted.Count == 0 ? outputs : [.. wanted.Select(name => outputs.FirstOrDefault(output => output.Name == name) is { Name: not null } output ? output
            : throw ProtocolException.Bad($"The model has no output '{name}'; its outputs are: {string.Join(", ", outputs.Select(output => output.Name))}."))];
        Tensor[] fitting = [.. inputs.Select(input => TensorFit.To(given.First(tensor => tensor.Name == input.Name), input.Type, input.Shape))];
        var values = new OrtValue[fitting.Length];
        using var run = new RunOptions();
        using var giveUp = cancellationToken.Register(() => run.Terminate = true);
        try
        {
            for (var i = 0; i < fitting.Length; i++)
                values[i] = Value(fitting[i]);
            using var results = session.Run(run, [.. inputs.Select(input => input.Name)], values, [.. asked.Select(output => output.Name)]);
            return [.. asked.Zip(results, (output, value) => Result(output.Name, output.Type, value))];
        }
        catch (OnnxRuntimeException e)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new InvalidDataException($"The run failed: {e.Message}", e);
        }
        finally
        {
            foreach (var value in values)
                value?.Dispose();
        }
    }

    static OrtValue Value(Tensor tensor)
    {
        if (tensor.Type != DataType.Bytes)
        {
            var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, tensor.Type.Element, tensor.Shape);
            tensor.Data.Span.CopyTo(value.GetTensorMutableRawData());
            return value;
        }
        var texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, tensor.Shape);
        var index = 0;
        foreach (var text in tensor.Texts())
            texts.StringTensorSetElementAt(text, index++);
        return texts;
    }

    static Tensor Result(string name, DataType type, OrtValue value)
    {
        var shape = value.GetTensorTypeAndShape().Shape;
        if (type == DataType.Bytes)
            return Tensor.Of(name, shape, value.GetStringTensorAsArray());
        var result = new Tensor(name, type, shape, value.GetTensorMutableRawData().ToArray());
        if (type is DataType.Fp32 or DataType.Fp64)
            for (var i = 0; i < result.Count; i++)
                if (!double.IsFinite(result.NumberAt(i)))
                    throw new InvalidDataException($"Output '{name}' holds NaN or an infinity.");
        return result;
    }

    static IReadOnlyList<(string Name, DataType Type, long[] Shape)> Describe(IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> all) =>
        [.. names.Select(name => all[name] is { IsTensor: true } node && DataTypes.Of(node.ElementDataType) is { } type
            ? (name, type, Array.ConvertAll(node.Dimensions, length => length < 0 ? -1L : length))
            : throw new InvalidDataException($"Its '{name}' is no tensor that is served ({all[name].OnnxValueType}); export a classifier without ZipMap, say."))];
}
