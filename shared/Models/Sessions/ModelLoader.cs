using System.Security.Cryptography;
using Microsoft.ML.OnnxRuntime;

namespace AiOs.Models.Sessions;

/// <summary>Which models have to carry the record of a parity gate that they passed.</summary>
public enum GateRule
{
    /// <summary>Those that were made from another model.</summary>
    WhereDerived,
    /// <summary>Every one.</summary>
    Required,
}

/// <summary>The one place where ONNX sessions come from.</summary>
public static class ModelLoader
{
    /// <summary>Opens the model in <paramref name="path"/>; also gives the SHA-256 of the file that was opened.</summary>
    /// <exception cref="InvalidDataException">The file is no model that ONNX Runtime can load.</exception>
    public static (InferenceSession Session, string Digest) OpenWithDigest(string path, SessionOptions options, GateRule rule)
    {
        var bytes = File.ReadAllBytes(path);
        try
        {
            return (new InferenceSession(bytes, options), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"It cannot be loaded: {e.Message}", e);
        }
    }
}
