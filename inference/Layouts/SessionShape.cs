using AiOs.Models.Protocol;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Inference.Layouts;

/// <summary>What a session takes and gives, in the words of the protocol.</summary>
static class SessionShape
{
    public static TensorMetadata[] Inputs(InferenceSession session) => Describe(session.InputNames, session.InputMetadata);

    public static TensorMetadata[] Outputs(InferenceSession session) => Describe(session.OutputNames, session.OutputMetadata);

    /// <exception cref="InvalidDataException">A tensor has a type that the protocol, or this server, does not carry.</exception>
    static TensorMetadata[] Describe(IReadOnlyList<string> names, IReadOnlyDictionary<string, NodeMetadata> all) =>
        [.. names.Select(name => all[name] is { IsTensor: true } node && DataTypes.Of(node.ElementDataType) is { } type and not DataType.Bytes
            ? new TensorMetadata(name, type, [.. node.Dimensions.Select(length => length < 0 ? -1L : length)])
            : throw new InvalidDataException($"Its tensor '{name}' is of a type that is not served ({all[name].OnnxValueType}, {all[name].ElementDataType})."))];
}
